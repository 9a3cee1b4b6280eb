"""The refusals of push."""

from app.shared.errors import Refusal


class PushTokenInvalid(Refusal):
    """The token is not one of this platform."""

    code = "PUSH_TOKEN_INVALID"
    ja = "プッシュ通知のトークンの形式が正しくありません。トークンを取得し直してください。"
    en = "This is not a push token of this platform. Get a new one from it."


class TimeZoneUnknown(Refusal):
    """There is no such time zone."""

    code = "TIME_ZONE_UNKNOWN"
    ja = "タイムゾーンは Asia/Tokyo のような名前で指定してください。"
    en = "Name a time zone as in Asia/Tokyo."
