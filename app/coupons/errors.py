"""The refusals of coupons. Those that tell why a coupon cannot be used are its usability in words, too."""

from app.shared.errors import Refusal


class CouponNotFound(Refusal):
    """The caller has no such coupon."""

    code = "COUPON_NOT_FOUND"
    ja = "クーポンが見つかりません。"
    en = "There is no such coupon."


class CouponCodeInvalid(Refusal):
    """The code is none that the caller can use: which of the reasons is not told."""

    code = "COUPON_CODE_INVALID"
    ja = "このクーポンコードは使えません。"
    en = "This coupon code cannot be used."


class TooManyCodeTries(Refusal):
    """The caller has tried too many wrong codes."""

    code = "TOO_MANY_CODE_TRIES"
    ja = "コードの間違いが続いたため、{wait_seconds}秒お待ちください。"
    en = "Too many wrong codes. Wait {wait_seconds} s."
    is_final = False


class OfferNotGiven(Refusal):
    """The offer is not given in this way, or not now."""

    code = "OFFER_NOT_GIVEN"
    ja = "このクーポンは現在お配りしていません。"
    en = "This coupon is not given now."


class NotEligible(Refusal):
    """The member is none of those for whom the offer is."""

    code = "NOT_ELIGIBLE"
    ja = "このクーポンの対象ではありません。"
    en = "This coupon is for others."


class OfferExhausted(Refusal):
    """As many coupons were given as there are."""

    code = "OFFER_EXHAUSTED"
    ja = "クーポンの配布は終了しました。"
    en = "All coupons of this kind have been given."


class MemberLimitReached(Refusal):
    """The member has as many coupons of the offer as she may have."""

    code = "MEMBER_LIMIT_REACHED"
    ja = "このクーポンはお一人様{maximum}枚までです。"
    en = "A member gets {maximum} of these."


class MemberDayLimitReached(Refusal):
    """The member has as many coupons of the offer as she may have on one day."""

    code = "MEMBER_DAY_LIMIT_REACHED"
    ja = "このクーポンはお一人様1日{maximum}枚までです。"
    en = "A member gets {maximum} of these a day."


class CouponUsed(Refusal):
    """The coupon was used before."""

    code = "COUPON_USED"
    ja = "{store}で{day}にご利用済みです。"
    en = "Used at {store} on {day}."


class CouponHeld(Refusal):
    """The coupon is set aside for an order."""

    code = "COUPON_HELD"
    ja = "別のご注文で利用中です。"
    en = "It is set aside for another order."


class CouponExpired(Refusal):
    """The coupon has expired."""

    code = "COUPON_EXPIRED"
    ja = "有効期限が切れています({day}まで)。"
    en = "It expired on {day}."


class CouponRevoked(Refusal):
    """The coupon was taken back, for a reason."""

    code = "COUPON_REVOKED"
    ja = "このクーポンは無効になりました({why})。"
    en = "This coupon was taken back: {why}."


class OfferPaused(Refusal):
    """The offer is paused."""

    code = "OFFER_PAUSED"
    ja = "このクーポンは一時停止中です。"
    en = "This coupon cannot be used for the moment."


class WrongStore(Refusal):
    """The coupon is for other stores or channels."""

    code = "COUPON_WRONG_STORE"
    ja = "この店舗では使えません。"
    en = "It cannot be used at this store."


class WrongTime(Refusal):
    """The coupon is for other hours or days of the week."""

    code = "COUPON_WRONG_TIME"
    ja = "{when}に使えます。"
    en = "It can be used {when}."


class UseConditionFails(Refusal):
    """The member does not meet what the coupon asks of her now."""

    code = "COUPON_CONDITION_FAILS"
    ja = "現在はご利用条件を満たしていません。"
    en = "You do not meet its conditions at the moment."


class BasketTooSmall(Refusal):
    """There is too little in the basket of what the coupon is for."""

    code = "COUPON_BASKET_TOO_SMALL"
    ja = "{what}をあと{amount}分お買い上げで使えます。"
    en = "Needs {amount} more of {what}."


class NothingApplies(Refusal):
    """Nothing in the basket is what the coupon is for, or would be cheaper by it."""

    code = "COUPON_NOTHING_APPLIES"
    ja = "対象の商品({what})がありません。"
    en = "There is nothing in the basket that it is for: {what}."


class NoUseHere(Refusal):
    """What the coupon gives cannot be given here."""

    code = "COUPON_NO_USE_HERE"
    ja = "このクーポンはここでは使えません。"
    en = "What this coupon gives cannot be given here."


class RedemptionLimitReached(Refusal):
    """The offer's coupons were used as often as is possible: in all, today, or at this store."""

    code = "REDEMPTION_LIMIT_REACHED"
    ja = "ご利用の上限に達しました。"
    en = "These coupons were used as often as is possible."


class BudgetExhausted(Refusal):
    """What is left of the offer's budget is less than the discount: it is not given in part."""

    code = "BUDGET_EXHAUSTED"
    ja = "クーポンの予算の残りが足りません。"
    en = "The rest of this offer's budget is less than the discount."


class CouponsNotCombinable(Refusal):
    """These coupons are not used together."""

    code = "COUPONS_NOT_COMBINABLE"
    ja = "これらのクーポンは併用できません。"
    en = "These coupons cannot be used together."


class TooManyCoupons(Refusal):
    """More coupons than can be used at once."""

    code = "TOO_MANY_COUPONS"
    ja = "一度に使えるクーポンは{maximum}枚までです。"
    en = "At most {maximum} coupons are used at once."


class ReceiptInvalid(Refusal):
    """The receipt has no name, or no lines, or lines that cannot be."""

    code = "RECEIPT_INVALID"
    ja = "レシートの内容が正しくありません。"
    en = "The receipt cannot be so."


class RedemptionNotFound(Refusal):
    """There is no such redemption that the caller may touch."""

    code = "REDEMPTION_NOT_FOUND"
    ja = "クーポンの利用記録が見つかりません。"
    en = "There is no such redemption."


class CodeQuantityInvalid(Refusal):
    """Too few or too many codes at once."""

    code = "CODE_QUANTITY_INVALID"
    ja = "一度に作れるコードは1〜{maximum}件です。"
    en = "1 to {maximum} codes are made at once."
