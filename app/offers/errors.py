"""The refusals of offers and segments."""

from app.shared.errors import Refusal


class OfferNotFound(Refusal):
    """There is no such offer."""

    code = "OFFER_NOT_FOUND"
    ja = "オファーが見つかりません。オファーの一覧を確認してください。"
    en = "There is no such offer. Look at the list of offers."


class OfferTermsInvalid(Refusal):
    """Something in the offer's terms cannot be."""

    code = "OFFER_TERMS_INVALID"
    ja = "オファーの内容を訂正してください: {problem}"
    en = "Please correct the offer: {problem}"


class ConditionInvalid(Refusal):
    """A node of a condition cannot be; the path leads to it."""

    code = "CONDITION_INVALID"
    ja = "条件を訂正してください: {problem}"
    en = "Please correct the condition: {problem}"


class OfferChanged(Refusal):
    """Somebody else has changed the offer since the caller looked at it."""

    code = "OFFER_CHANGED"
    ja = "オファーが更新されています。最新の内容を確認して、もう一度お試しください。"
    en = "The offer has changed meanwhile. Look at it again, then try once more."


class OfferMoveIllegal(Refusal):
    """The offer stands where this cannot be done with it."""

    code = "OFFER_MOVE_ILLEGAL"
    ja = "オファーの現在の状態({state})では、この操作はできません。最新の状態を確認してください。"
    en = "This cannot be done with an offer that is {state}. Look at it again."


class OfferCodeTaken(Refusal):
    """Another offer has this code."""

    code = "OFFER_CODE_TAKEN"
    ja = "このコードは別のオファーで使われています。別のコードを指定してください。"
    en = "Another offer has this code. Choose another one."


class SegmentNotFound(Refusal):
    """There is no such segment."""

    code = "SEGMENT_NOT_FOUND"
    ja = "セグメントが見つかりません({segment})。先に定義するか、名前を確認してください。"
    en = "There is no segment {segment}. Define it first, or check its name."
