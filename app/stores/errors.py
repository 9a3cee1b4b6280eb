"""The refusals about stores."""

from app.shared.errors import Refusal


class StoreNotFound(Refusal):
    """There is no such store."""

    code = "STORE_NOT_FOUND"
    ja = "店舗が見つかりません。"
    en = "There is no such store."


class PlaceInvalid(Refusal):
    """The coordinates name no place on the earth."""

    code = "PLACE_INVALID"
    ja = "緯度は-90〜90、経度は-180〜180で指定してください。"
    en = "A latitude lies between -90 and 90, a longitude between -180 and 180."


class RadiusInvalid(Refusal):
    """The radius is outside its bounds."""

    code = "RADIUS_INVALID"
    ja = "半径は{minimum}〜{maximum}メートルで指定してください。"
    en = "A radius lies between {minimum} and {maximum} metres."
