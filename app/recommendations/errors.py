"""The refusals of recommendations."""

from app.shared.errors import Refusal


class RecommendationPlaceInvalid(Refusal):
    """STORE without a store, or PRODUCT without a product."""

    code = "RECOMMENDATION_PLACE_INVALID"
    ja = "STOREにはstoreId、PRODUCTにはproductIdを指定してください。"
    en = "STORE needs a storeId, and PRODUCT a productId."


class RecommendationCountInvalid(Refusal):
    """More recommendations than there are."""

    code = "RECOMMENDATION_COUNT_INVALID"
    ja = "first は1から{maximum}までで指定してください。"
    en = "first must be from 1 to {maximum}."
