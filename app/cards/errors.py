"""The refusals of a card code."""

from app.shared.errors import Refusal


class CardCodeInvalid(Refusal):
    """The code is none, is too old, or belongs to nobody: which of these is not told."""

    code = "CARD_CODE_INVALID"
    ja = "カードコードを確認できません。新しいコードを表示してもう一度読み取ってください。"
    en = "This card code cannot be verified. Show a new code and scan again."


class CardCodeUsed(Refusal):
    """The code was used before, here or elsewhere."""

    code = "CARD_CODE_USED"
    ja = "このカードコードは使用済みです。新しいコードが表示されるまでお待ちください。"
    en = "This card code was used already. Wait until a new one is shown."


class TooManyCardTries(Refusal):
    """The caller has scanned too many codes that were none."""

    code = "TOO_MANY_CARD_TRIES"
    ja = "読み取りの失敗が続いています。{wait_seconds}秒後にもう一度お試しください。"
    en = "Too many scans failed. Try again in {wait_seconds} seconds."
    is_final = False
