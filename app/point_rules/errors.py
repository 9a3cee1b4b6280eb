"""The refusals about point rules and campaigns."""

from app.shared.errors import Refusal


class PointRulesInvalid(Refusal):
    """A rate or another number of the rules is outside its bounds."""

    code = "POINT_RULES_INVALID"
    ja = (
        "1ポイントあたりの金額は1〜{maximum_yen}円、倍率は0〜{maximum_percent}%、"
        "カテゴリーは{maximum_categories}件以内で指定してください。"
    )
    en = (
        "Give 1 to {maximum_yen} yen for a point, rates of 0 to {maximum_percent} %, and at most "
        "{maximum_categories} categories."
    )


class PointCampaignInvalid(Refusal):
    """The campaign's rate, time or places are outside their bounds."""

    code = "POINT_CAMPAIGN_INVALID"
    ja = (
        "倍率は{minimum}〜{maximum}%、終了は開始より後、店舗は{maximum_places}件以内、"
        "カテゴリーは{maximum_categories}件以内で指定してください。"
    )
    en = (
        "Give a rate of {minimum} to {maximum} %, an end after the start, and at most {maximum_places} "
        "stores and {maximum_categories} categories."
    )


class TooManyPointCampaigns(Refusal):
    """There are as many campaigns that have not ended as there can be."""

    code = "TOO_MANY_POINT_CAMPAIGNS"
    ja = "終了していないポイントキャンペーンは{maximum}件までです。先にいずれかを終了してください。"
    en = "There can be {maximum} point campaigns that have not ended. End one of them first."


class PointCampaignNotFound(Refusal):
    """There is no such campaign, or it has ended."""

    code = "POINT_CAMPAIGN_NOT_FOUND"
    ja = "ポイントキャンペーンが見つからないか、すでに終了しています。一覧を確認してください。"
    en = "There is no such point campaign, or it has ended. Look at the list of them."
