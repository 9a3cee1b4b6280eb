"""The refusals about points."""

from app.shared.errors import Refusal


class PointAmountInvalid(Refusal):
    """The amount is outside its bounds."""

    code = "POINT_AMOUNT_INVALID"
    ja = "ポイント数は{minimum}〜{maximum}で指定してください。"
    en = "Give {minimum} to {maximum} points."


class InsufficientPoints(Refusal):
    """The balance is smaller than the amount to spend."""

    code = "INSUFFICIENT_POINTS"
    ja = (
        "ポイントが足りません。残高{balance}ポイントに対して{requested}ポイントが必要です。"
        "利用ポイントを減らしてください。"
    )
    en = "Not enough points: {requested} are needed and the balance is {balance}. Use fewer."


class PointBalanceLimit(Refusal):
    """The balance would pass its limit."""

    code = "POINT_BALANCE_LIMIT"
    ja = "ポイント残高の上限({maximum}ポイント)を超えます。先にポイントをご利用ください。"
    en = "The balance would pass its limit of {maximum} points. Spend some first."


class PointLotLimit(Refusal):
    """The account would have too many lots, each with its own expiry."""

    code = "POINT_LOT_LIMIT"
    ja = "有効期限の異なるポイントは{maximum}種類までです。先にポイントをご利用ください。"
    en = "Points can have at most {maximum} different expiries. Spend some first."


class PointExpiryInvalid(Refusal):
    """The points would expire in the past."""

    code = "POINT_EXPIRY_INVALID"
    ja = "ポイントの有効期限の指定が正しくありません。これからの日時を指定してください。"
    en = "This expiry is not possible for the points. Give a moment that is still to come."


class PointReferenceUsed(Refusal):
    """The account has an entry of this kind with this reference already."""

    code = "POINT_REFERENCE_USED"
    ja = "このポイント処理はすでに記録されています。もう一度送る必要はありません。"
    en = "These points have been recorded already. There is no need to send them again."


class PointAccountClosed(Refusal):
    """The points went to another account when two cards were merged."""

    code = "POINT_ACCOUNT_CLOSED"
    ja = "このカードは別のカードに統合されました。もう一度サインインしてください。"
    en = "This card was merged into another one. Please sign in again."


class PointSpendNotFound(Refusal):
    """There is no spending with this reference to reverse."""

    code = "POINT_SPEND_NOT_FOUND"
    ja = "取り消し対象のポイント利用が見つかりません。参照番号を確認してください。"
    en = "There is no spending of points with this reference. Check the reference."
