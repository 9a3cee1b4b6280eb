"""The refusals about beacons."""

from app.shared.errors import Refusal


class BeaconKeyInvalid(Refusal):
    """The UUID, major or minor number is none that a beacon sends."""

    code = "BEACON_KEY_INVALID"
    ja = "ビーコンのUUIDと、0〜{maximum}のmajor・minorを指定してください。"
    en = "A beacon has a UUID, and a major and a minor number from 0 to {maximum}."


class BeaconSignalInvalid(Refusal):
    """The signal's strength is outside its bounds."""

    code = "BEACON_SIGNAL_INVALID"
    ja = "電波強度は{minimum}〜{maximum}dBmで指定してください。"
    en = "A signal has a strength from {minimum} to {maximum} dBm."


class TooManyNearBeacon(Refusal):
    """More categories or SKUs than can stand near a beacon."""

    code = "TOO_MANY_NEAR_BEACON"
    ja = "ビーコンの近くにはカテゴリー・SKUをそれぞれ{maximum}件まで登録できます。"
    en = "At most {maximum} categories and {maximum} SKUs can stand near a beacon."


class BeaconElsewhere(Refusal):
    """The beacon stands in another store, or nowhere."""

    code = "BEACON_ELSEWHERE"
    ja = "このビーコンはこの店舗のものではありません。"
    en = "This is not a beacon of this store."
