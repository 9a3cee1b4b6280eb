"""The refusals of coupons. Those that tell why a coupon cannot be used are its usability in words, too."""

from app.shared.errors import Refusal


class CouponNotFound(Refusal):
    """The caller has no such coupon."""

    code = "COUPON_NOT_FOUND"
    ja = "クーポンが見つかりません。コードを確認するか、クーポンの一覧を読み直してください。"
    en = "There is no such coupon. Check its code, or read the list of coupons again."


class CouponCodeInvalid(Refusal):
    """The code is none that the caller can use: which of the reasons is not told."""

    code = "COUPON_CODE_INVALID"
    ja = "このクーポンコードは使えません。入力したコードを確認してください。"
    en = "This coupon code cannot be used. Check that it is typed as it stands."


class TooManyCodeTries(Refusal):
    """The caller has tried too many wrong codes."""

    code = "TOO_MANY_CODE_TRIES"
    ja = "コードの間違いが続きました。{wait_seconds}秒後にもう一度お試しください。"
    en = "Too many codes were wrong. Try again in {wait_seconds} seconds."
    is_final = False


class OfferNotGiven(Refusal):
    """The offer is not given in this way, or not now."""

    code = "OFFER_NOT_GIVEN"
    ja = "このクーポンは現在お配りしていません。ほかのクーポンをご覧ください。"
    en = "This coupon is not given now. See which others there are."


class NotEligible(Refusal):
    """The member is none of those for whom the offer is."""

    code = "NOT_ELIGIBLE"
    ja = "このクーポンの対象ではありません。ほかのクーポンをご覧ください。"
    en = "You do not meet the conditions of this coupon. See which others there are."


class OfferExhausted(Refusal):
    """As many coupons were given as there are."""

    code = "OFFER_EXHAUSTED"
    ja = "クーポンの配布は終了しました。ほかのクーポンをご覧ください。"
    en = "All coupons of this kind have been given. See which others there are."


class MemberLimitReached(Refusal):
    """The member has as many coupons of the offer as she may have."""

    code = "MEMBER_LIMIT_REACHED"
    ja = "このクーポンはお一人様{maximum}枚までです。ほかのクーポンをご覧ください。"
    en = "A member gets {maximum} of these at the most. See which others there are."


class MemberDayLimitReached(Refusal):
    """The member has as many coupons of the offer as she may have on one day."""

    code = "MEMBER_DAY_LIMIT_REACHED"
    ja = "このクーポンはお一人様1日{maximum}枚までです。また明日お試しください。"
    en = "A member gets {maximum} of these a day. Please try again tomorrow."


class CouponUsed(Refusal):
    """The coupon was used before."""

    code = "COUPON_USED"
    ja = "{store}で{day}にご利用済みです。"
    en = "Used at {store} on {day}."


class CouponHeld(Refusal):
    """The coupon is set aside for an order."""

    code = "COUPON_HELD"
    ja = "別のご注文で利用中です。そのご注文をキャンセルすると、また使えます。"
    en = "It is set aside for another order. It can be used again if that one is cancelled."


class CouponExpired(Refusal):
    """The coupon has expired."""

    code = "COUPON_EXPIRED"
    ja = "有効期限が切れています({day}まで)。ほかのクーポンをお選びください。"
    en = "It expired on {day}. Please choose another coupon."


class CouponRevoked(Refusal):
    """The coupon was taken back, for a reason."""

    code = "COUPON_REVOKED"
    ja = "このクーポンは無効になりました({why})。ほかのクーポンをお選びください。"
    en = "This coupon was taken back: {why}. Please choose another one."


class OfferPaused(Refusal):
    """The offer is paused."""

    code = "OFFER_PAUSED"
    ja = "このクーポンは一時停止中です。しばらくしてから、もう一度お試しください。"
    en = "This coupon cannot be used for the moment. Please try again later."


class WrongStore(Refusal):
    """The coupon is for other stores or channels."""

    code = "COUPON_WRONG_STORE"
    ja = "この店舗では使えません。使える店舗をお選びください。"
    en = "It cannot be used at this store. Choose a store that takes it."


class WrongTime(Refusal):
    """The coupon is for other hours or days of the week."""

    code = "COUPON_WRONG_TIME"
    ja = "{when}に使えます。"
    en = "It can be used {when}."


class UseConditionFails(Refusal):
    """The member does not meet what the coupon asks of her now."""

    code = "COUPON_CONDITION_FAILS"
    ja = "現在はご利用条件を満たしていません。クーポンの説明をご確認ください。"
    en = "You do not meet its conditions at the moment. See its description for them."


class BasketTooSmall(Refusal):
    """There is too little in the basket of what the coupon is for."""

    code = "COUPON_BASKET_TOO_SMALL"
    ja = "{what}をあと{amount}分お買い上げで使えます。"
    en = "Buy {amount} more of {what} to use it."


class NothingApplies(Refusal):
    """Nothing in the basket is what the coupon is for, or would be cheaper by it."""

    code = "COUPON_NOTHING_APPLIES"
    ja = "対象の商品({what})がありません。対象の商品を加えるとお使いいただけます。"
    en = "There is nothing in the basket that it is for: {what}. Add some to use it."


class NoUseHere(Refusal):
    """What the coupon gives cannot be given here."""

    code = "COUPON_NO_USE_HERE"
    ja = "このクーポンの特典は、ここではご利用いただけません。ほかのクーポンをお選びください。"
    en = "What this coupon gives cannot be given here. Please choose another one."


class RedemptionLimitReached(Refusal):
    """The offer's coupons were used as often as is possible: in all, today, or at this store."""

    code = "REDEMPTION_LIMIT_REACHED"
    ja = "このクーポンは、ご利用の上限に達しました。ほかのクーポンをお選びください。"
    en = "These coupons were used as often as is possible. Please choose another one."


class BudgetExhausted(Refusal):
    """What is left of the offer's budget is less than the discount: it is not given in part."""

    code = "BUDGET_EXHAUSTED"
    ja = "このクーポンは予算の残りが足りないため、ご利用いただけません。ほかのクーポンをお選びください。"
    en = "The rest of this offer's budget is less than the discount. Please choose another coupon."


class CouponsNotCombinable(Refusal):
    """These coupons are not used together."""

    code = "COUPONS_NOT_COMBINABLE"
    ja = "これらのクーポンは併用できません。いずれかを外してください。"
    en = "These coupons cannot be used together. Leave one of them out."


class TooManyCoupons(Refusal):
    """More coupons than can be used at once."""

    code = "TOO_MANY_COUPONS"
    ja = "一度に使えるクーポンは{maximum}枚までです。枚数を減らしてください。"
    en = "At most {maximum} coupons are used at once. Leave some out."


class ReceiptInvalid(Refusal):
    """The receipt has no name, or no lines, or lines that cannot be."""

    code = "RECEIPT_INVALID"
    ja = "レシートの内容が正しくありません。path が示す項目を確認してください。"
    en = "The receipt is not right. Check what the path names."


class RedemptionNotFound(Refusal):
    """There is no such redemption that the caller may touch."""

    code = "REDEMPTION_NOT_FOUND"
    ja = "クーポンの利用記録が見つかりません。利用記録のIDを確認してください。"
    en = "There is no such redemption. Check its id."


class CodeQuantityInvalid(Refusal):
    """Too few or too many codes at once."""

    code = "CODE_QUANTITY_INVALID"
    ja = "一度に作るコードは1〜{maximum}件で指定してください。"
    en = "Ask for 1 to {maximum} codes at once."
