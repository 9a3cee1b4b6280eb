"""The refusals about beacons."""

from app.shared.errors import Refusal


class BeaconKeyInvalid(Refusal):
    """The UUID, major or minor number is none that a beacon sends."""

    code = "BEACON_KEY_INVALID"
    ja = "ビーコンのUUIDと、0〜{maximum}のmajor・minorを指定してください。"
    en = "Give a beacon's UUID, and a major and a minor number from 0 to {maximum}."


class BeaconSignalInvalid(Refusal):
    """The signal's strength is outside its bounds."""

    code = "BEACON_SIGNAL_INVALID"
    ja = "電波強度は{minimum}〜{maximum}dBmで指定してください。"
    en = "Give a signal strength from {minimum} to {maximum} dBm."


class TooManyNearBeacon(Refusal):
    """More categories or SKUs than can stand near a beacon."""

    code = "TOO_MANY_NEAR_BEACON"
    ja = "ビーコンの近くのカテゴリーとSKUは、それぞれ{maximum}件以内で指定してください。"
    en = "Name at most {maximum} categories and {maximum} SKUs near a beacon."


class BeaconElsewhere(Refusal):
    """The beacon stands in another store, or nowhere."""

    code = "BEACON_ELSEWHERE"
    ja = "このビーコンはこの店舗のものではありません。設置されている店舗を指定してください。"
    en = "This is not a beacon of this store. Name the store where it is placed."
