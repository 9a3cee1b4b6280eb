"""The refusals of offers and segments."""

from app.shared.errors import Refusal


class OfferNotFound(Refusal):
    """There is no such offer."""

    code = "OFFER_NOT_FOUND"
    ja = "オファーが見つかりません。"
    en = "There is no such offer."


class OfferTermsInvalid(Refusal):
    """Something in the offer's terms cannot be."""

    code = "OFFER_TERMS_INVALID"
    ja = "オファーの内容が正しくありません: {problem}"
    en = "The offer cannot be so: {problem}"


class ConditionInvalid(Refusal):
    """A node of a condition cannot be; the path leads to it."""

    code = "CONDITION_INVALID"
    ja = "条件が正しくありません: {problem}"
    en = "The condition cannot be so: {problem}"


class OfferChanged(Refusal):
    """Somebody else has changed the offer since the caller looked at it."""

    code = "OFFER_CHANGED"
    ja = "オファーが更新されています。最新の内容を確認してください。"
    en = "The offer has changed meanwhile. Look at it again."


class OfferMoveIllegal(Refusal):
    """The offer stands where this cannot be done with it."""

    code = "OFFER_MOVE_ILLEGAL"
    ja = "オファーの現在の状態({state})では、この操作はできません。"
    en = "This cannot be done with an offer that is {state}."


class OfferCodeTaken(Refusal):
    """Another offer has this code."""

    code = "OFFER_CODE_TAKEN"
    ja = "このコードは別のオファーで使われています。"
    en = "Another offer has this code."


class SegmentNotFound(Refusal):
    """There is no such segment."""

    code = "SEGMENT_NOT_FOUND"
    ja = "セグメントが見つかりません({segment})。"
    en = "There is no segment {segment}."
