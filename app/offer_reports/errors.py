"""The refusals of reports."""

from app.shared.errors import Refusal


class AttributionDaysInvalid(Refusal):
    """So many days after it was given, nothing comes of a coupon any more; or too few."""

    code = "ATTRIBUTION_DAYS_INVALID"
    ja = "期間は1〜{maximum}日で指定してください。"
    en = "Give 1 to {maximum} days."
