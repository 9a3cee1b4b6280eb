"""The refusals of a check-in."""

from app.shared.errors import Refusal


class LocationMissing(Refusal):
    """The phone gave no usable location."""

    code = "LOCATION_MISSING"
    ja = "位置情報を取得できませんでした。位置情報の利用を許可して、もう一度お試しください。"
    en = "There is no usable location. Allow the app to use your location and try again."


class LocationStale(Refusal):
    """The location was measured too long ago."""

    code = "LOCATION_STALE"
    ja = (
        "位置情報が古くなっています({age_seconds}秒前)。{maximum_seconds}秒以内の位置が必要です。"
        "現在地を取得し直してください。"
    )
    en = (
        "The location is {age_seconds} seconds old. "
        "Measure it again: it must be at most {maximum_seconds} seconds old."
    )


class LocationInFuture(Refusal):
    """The location claims to be measured in the future."""

    code = "LOCATION_IN_FUTURE"
    ja = "位置情報の測定時刻が未来になっています。端末の時計を確認してください。"
    en = "The location is dated in the future. Check the clock of your phone."


class LocationMocked(Refusal):
    """The phone says that its location is simulated."""

    code = "LOCATION_MOCKED"
    ja = "疑似位置情報ではチェックインできません。疑似位置情報をオフにして、もう一度お試しください。"
    en = "A simulated location cannot be used to check in. Switch the simulation off and try again."


class LocationInaccurate(Refusal):
    """The location is not accurate enough."""

    code = "LOCATION_INACCURATE"
    ja = (
        "位置情報の精度が不足しています(誤差{accuracy_meters}m)。誤差{maximum_meters}m以内が必要です。"
        "窓や入口の近くで、もう一度お試しください。"
    )
    en = (
        "The location is accurate to {accuracy_meters} m only, and must be to {maximum_meters} m. "
        "Try again near a window or the entrance."
    )


class TooFarFromStore(Refusal):
    """The phone is outside the store's premises."""

    code = "TOO_FAR_FROM_STORE"
    ja = "店舗から{distance_meters}m離れています。{allowed_meters}m以内でチェックインしてください。"
    en = "You are {distance_meters} m from the store. Check in within {allowed_meters} m of it."


class StoreClosed(Refusal):
    """The store is closed now."""

    code = "STORE_CLOSED"
    ja = "店舗は現在営業時間外です。次の営業開始は{opens_next}です。"
    en = "The store is closed now. It opens next at {opens_next}."


class AlreadyCheckedIn(Refusal):
    """The member has checked in at this store on its calendar day already."""

    code = "ALREADY_CHECKED_IN"
    ja = "この店舗では本日({store_day})すでにチェックイン済みです。また明日お越しください。"
    en = "You have checked in at this store today already ({store_day}). Please come again tomorrow."


class DailyLimitReached(Refusal):
    """The member has checked in as often as is possible on one day."""

    code = "DAILY_LIMIT_REACHED"
    ja = "チェックインは1日{maximum}回までです。また明日お試しください。"
    en = "You can check in {maximum} times a day. Please try again tomorrow."


class ImpossibleSpeed(Refusal):
    """Nobody travels so fast from the last check-in to this one."""

    code = "IMPOSSIBLE_SPEED"
    ja = (
        "前回のチェックインからの移動が速すぎます(約{distance_kilometers}kmを{elapsed_seconds}秒)。"
        "しばらくしてから、もう一度お試しください。"
    )
    en = (
        "About {distance_kilometers} km in {elapsed_seconds} s since your last check-in is too fast. "
        "Please try again later."
    )
