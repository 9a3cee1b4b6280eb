"""The refusals about stores."""

from app.shared.errors import Refusal


class StoreNotFound(Refusal):
    """There is no such store."""

    code = "STORE_NOT_FOUND"
    ja = "店舗が見つかりません。一覧にある店舗を指定してください。"
    en = "There is no such store. Name one that is in the list of stores."


class MomentInvalid(Refusal):
    """The moment is too far from now: nobody knows the hours of then."""

    code = "MOMENT_INVALID"
    ja = "日時は現在から前後{maximum_days}日以内で指定してください。"
    en = "Give a moment at most {maximum_days} days before or after now."


class PlaceInvalid(Refusal):
    """The coordinates name no place on the earth."""

    code = "PLACE_INVALID"
    ja = "緯度は-90〜90、経度は-180〜180で指定してください。"
    en = "Give a latitude between -90 and 90 and a longitude between -180 and 180."


class RadiusInvalid(Refusal):
    """The radius is outside its bounds."""

    code = "RADIUS_INVALID"
    ja = "半径は{minimum}〜{maximum}メートルで指定してください。"
    en = "Give a radius from {minimum} to {maximum} metres."
