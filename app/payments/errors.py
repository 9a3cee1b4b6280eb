"""The refusals of payments."""

from app.payments.model import DeclineReason
from app.shared.errors import Refusal
from app.shared.i18n import Language


class PaymentMethodUnavailable(Refusal):
    """Nothing is set up to take this kind of payment."""

    code = "PAYMENT_METHOD_UNAVAILABLE"
    ja = "このお支払い方法は現在ご利用いただけません。別のお支払い方法をお選びください。"
    en = "This way of paying is not available at the moment. Please choose another one."


# What she may know of a reason; that a card was simply declined says nothing more.
BECAUSE = {
    DeclineReason.INSUFFICIENT_FUNDS: {
        Language.JA: "カードの利用可能額が足りません。",
        Language.EN: "There is not enough money on the card. ",
    },
    DeclineReason.CARD_EXPIRED: {
        Language.JA: "カードの有効期限が切れています。",
        Language.EN: "The card has expired. ",
    },
    DeclineReason.CARD_INVALID: {
        Language.JA: "カードの情報が正しくありません。",
        Language.EN: "The card's details are not right. ",
    },
    DeclineReason.NOT_AUTHENTICATED: {
        Language.JA: "カード会社でご本人を確認できませんでした。",
        Language.EN: "Your bank could not confirm that it was you. ",
    },
}


class PaymentDeclined(Refusal):
    """The gateway or the customer's bank said no; nothing was charged."""

    code = "PAYMENT_DECLINED"
    ja = "お支払いが承認されませんでした。{because}別のお支払い方法をお試しください。"
    en = "The payment was declined. {because}Please try another way of paying."

    def message(self, language: Language) -> str:
        reason = self.numbers.get("reason")
        because = BECAUSE[reason][language] if reason in BECAUSE else ""
        return (self.ja if language is Language.JA else self.en).format(because=because)


class PaymentPending(Refusal):
    """An answer is on its way or was lost: nobody knows yet, and nothing is charged twice."""

    code = "PAYMENT_PENDING"
    ja = "決済会社に結果を確認しています。しばらくしてから、同じキーでもう一度お試しください。"
    en = "We are asking your bank. Try again in a moment with the same key; you will not be charged twice."


class PaymentStateChanged(Refusal):
    """The payment is not, or no longer, in a state in which this can be done."""

    code = "PAYMENT_STATE_CHANGED"
    ja = (
        "お支払いの状態が変わったため、この操作はできません(現在の状態: {state})。"
        "最新の内容を確認してください。"
    )
    en = "This cannot be done any more: the payment is now {state}. Look at it again."


class PaymentNotFound(Refusal):
    """There is no such payment."""

    code = "PAYMENT_NOT_FOUND"
    ja = "お支払いが見つかりません。注文の内容を確認してください。"
    en = "There is no such payment. Look at the order again."


class PaymentAmountInvalid(Refusal):
    """The amount is below or above what can be paid at once."""

    code = "PAYMENT_AMOUNT_INVALID"
    ja = "お支払い金額は{minimum}〜{maximum}の範囲で指定してください。"
    en = "Give an amount from {minimum} to {maximum}."


class PaymentTokenInvalid(Refusal):
    """What came is no token of a card. It may be a card's number, so it is shown nowhere."""

    code = "PAYMENT_TOKEN_INVALID"
    ja = (
        "カードのトークンが正しくありません。カード情報を入力し直してください。"
        "カード番号そのものは送信しないでください。"
    )
    en = "This is not a token of a card. Enter the card again, and never send the number of a card itself."


class CaptureTooLarge(Refusal):
    """More than was authorized cannot be captured."""

    code = "CAPTURE_TOO_LARGE"
    ja = "ご請求は承認済みの金額({maximum})以内にしてください。"
    en = "Capture no more than the authorized amount of {maximum}."


class RefundTooLarge(Refusal):
    """More than what is left of a captured payment cannot be given back."""

    code = "REFUND_TOO_LARGE"
    ja = "返金は{maximum}以内にしてください。"
    en = "Refund no more than {maximum}."
