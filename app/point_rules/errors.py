"""The refusals about point rules and campaigns."""

from app.shared.errors import Refusal


class PointRulesInvalid(Refusal):
    """A rate or another number of the rules is outside its bounds."""

    code = "POINT_RULES_INVALID"
    ja = (
        "1ポイントあたりの金額は1〜{maximum_yen}円、倍率は0〜{maximum_percent}%、"
        "カテゴリーは{maximum_categories}件までです。"
    )
    en = (
        "A point takes 1 to {maximum_yen} yen, a rate is 0 to {maximum_percent} %, and at most "
        "{maximum_categories} categories can be named."
    )


class PointCampaignInvalid(Refusal):
    """The campaign's rate, time or places are outside their bounds."""

    code = "POINT_CAMPAIGN_INVALID"
    ja = (
        "倍率は{minimum}〜{maximum}%、終了は開始より後、店舗は{maximum_places}件、"
        "カテゴリーは{maximum_categories}件までです。"
    )
    en = (
        "A campaign has a rate of {minimum} to {maximum} %, ends after it starts, and names at most "
        "{maximum_places} stores and {maximum_categories} categories."
    )


class TooManyPointCampaigns(Refusal):
    """There are as many campaigns that have not ended as there can be."""

    code = "TOO_MANY_POINT_CAMPAIGNS"
    ja = "終了していないポイントキャンペーンは{maximum}件までです。"
    en = "There can be {maximum} point campaigns that have not ended."


class PointCampaignNotFound(Refusal):
    """There is no such campaign, or it has ended."""

    code = "POINT_CAMPAIGN_NOT_FOUND"
    ja = "ポイントキャンペーンが見つからないか、すでに終了しています。"
    en = "There is no such point campaign, or it has ended."
