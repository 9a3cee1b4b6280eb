"""What purchases earn. For headquarters, and for the tills that print it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

import strawberry

from app.members.model import Rank
from app.point_rules import model
from app.shared.channels import Channel
from app.shared.i18n import Language
from graphql_schema.connections import Connection
from graphql_schema.node import encode_id, key_of
from graphql_schema.repetition import KEY
from graphql_schema.results import Rejected


@strawberry.type(description="A rank's rate.")
class RankRate:
    rank: Rank = strawberry.field(description="The rank.")
    percent: int = strawberry.field(description="100 is the plain rate.")


@strawberry.type(description="A category's rate, for all below it that have none of their own.")
class CategoryRate:
    category_code: str = strawberry.field(description="The category's code.")
    percent: int = strawberry.field(description="100 is the plain rate.")


@strawberry.type(
    description=(
        "What purchases earn from a moment on: yen paid in money, by rank, category and campaign. All rates "
        "are multiplied, and the points of a receipt rounded down once. Gift cards earn nothing. For "
        "headquarters and tills."
    )
)
class PointRules:
    valid_from: datetime = strawberry.field(description="What is bought from this moment on earns by them.")
    yen_per_point: int = strawberry.field(description="Yen that earn a point at the plain rate.")
    counts_tax: bool = strawberry.field(description="Whether the tax in a price counts.")
    rank_rates: list[RankRate] = strawberry.field(description="A rank that is not named has rate 100.")
    category_rates: list[CategoryRate] = strawberry.field(description="All others have rate 100.")
    excluded_categories: list[str] = strawberry.field(
        description="Codes of categories that earn nothing, with all below them."
    )


@strawberry.type(description="A rate that multiplies points for a while. For headquarters and tills.")
class PointCampaign:
    id: strawberry.ID = strawberry.field(description="Opaque and stable.")
    name_ja: str = strawberry.field(description="What it is called in Japanese.")
    name_en: str = strawberry.field(description="What it is called in English.")
    percent: int = strawberry.field(description="200 doubles points. Of several, the highest counts.")
    starts_at: datetime = strawberry.field(description="From this moment on.")
    ends_at: datetime = strawberry.field(description="Until just before this moment.")
    ranks: list[Rank] = strawberry.field(description="For these ranks; none stands for all.")
    channels: list[Channel] = strawberry.field(description="In these channels; none stands for all.")
    store_ids: list[strawberry.ID] = strawberry.field(description="At these stores; none stands for all.")
    category_codes: list[str] = strawberry.field(
        description="For these categories and all below them; none stands for all."
    )


PointCampaignConnection = Connection[PointCampaign]


@strawberry.input(description="A rank's rate.")
class RankRateInput:
    rank: Rank = strawberry.field(description="The rank.")
    percent: int = strawberry.field(description="0 to 1,000; 100 is the plain rate.")


@strawberry.input(description="A category's rate.")
class CategoryRateInput:
    category_code: str = strawberry.field(description="The category's code.")
    percent: int = strawberry.field(description="0 to 1,000; 100 is the plain rate.")


@strawberry.input(description="What purchases shall earn from now on.")
class SetPointRulesInput:
    yen_per_point: int = strawberry.field(description="Yen that earn a point, 1 to 10,000.")
    counts_tax: bool = strawberry.field(default=False, description="Whether the tax in a price counts.")
    rank_rates: list[RankRateInput] = strawberry.field(
        default_factory=list, description="A rank that is left out has rate 100."
    )
    category_rates: list[CategoryRateInput] = strawberry.field(
        default_factory=list, description="At most 200, with the excluded ones."
    )
    excluded_categories: list[str] = strawberry.field(
        default_factory=list, description="Codes of categories that earn nothing, with all below them."
    )


@strawberry.input(description="A campaign.")
class StartPointCampaignInput:
    name_ja: str = strawberry.field(description="1 to 40 characters that can be shown.")
    name_en: str = strawberry.field(description="1 to 40 characters that can be shown.")
    percent: int = strawberry.field(description="101 to 1,000; 200 doubles points.")
    starts_at: datetime = strawberry.field(description="From this moment on.")
    ends_at: datetime = strawberry.field(description="Until just before this moment.")
    ranks: list[Rank] = strawberry.field(default_factory=list, description="None stands for all.")
    channels: list[Channel] = strawberry.field(default_factory=list, description="None stands for all.")
    store_ids: list[strawberry.ID] = strawberry.field(
        default_factory=list, description="At most 100; none stands for all."
    )
    category_codes: list[str] = strawberry.field(
        default_factory=list, description="At most 200; none stands for all."
    )
    idempotency_key: str | None = strawberry.field(default=None, description=KEY)


@strawberry.input(description="A campaign that shall end now.")
class EndPointCampaignInput:
    campaign_id: strawberry.ID = strawberry.field(description="The campaign.")


@strawberry.type(description="The rules hold from now on.")
class PointRulesSet:
    rules: PointRules = strawberry.field(description="The rules.")


@strawberry.type(description="The campaign is made.")
class PointCampaignStarted:
    campaign: PointCampaign = strawberry.field(description="The campaign.")


@strawberry.type(description="The campaign has ended.")
class PointCampaignEnded:
    campaign: PointCampaign = strawberry.field(description="The campaign.")


SetPointRulesResult = Annotated[PointRulesSet | Rejected, strawberry.union("SetPointRulesResult")]
StartPointCampaignResult = Annotated[
    PointCampaignStarted | Rejected, strawberry.union("StartPointCampaignResult")
]
EndPointCampaignResult = Annotated[PointCampaignEnded | Rejected, strawberry.union("EndPointCampaignResult")]


def point_rules_node(rules: model.PointRules) -> PointRules:
    return PointRules(
        valid_from=rules.valid_from,
        yen_per_point=rules.yen_per_point,
        counts_tax=rules.counts_tax,
        rank_rates=[RankRate(rank=rank, percent=percent) for rank, percent in rules.rank_percents.items()],
        category_rates=[
            CategoryRate(category_code=code, percent=percent)
            for code, percent in rules.category_percents.items()
        ],
        excluded_categories=sorted(rules.excluded_categories),
    )


def point_campaign_node(campaign: model.PointCampaign) -> PointCampaign:
    return PointCampaign(
        id=encode_id("PointCampaign", campaign.id),
        name_ja=campaign.names[Language.JA],
        name_en=campaign.names[Language.EN],
        percent=campaign.percent,
        starts_at=campaign.starts_at,
        ends_at=campaign.ends_at,
        ranks=sorted(campaign.ranks),
        channels=sorted(campaign.channels),
        store_ids=[encode_id("Store", store_id) for store_id in sorted(campaign.store_ids)],
        category_codes=sorted(campaign.category_ids),
    )


def rules_of(wanted: SetPointRulesInput, now: datetime) -> model.PointRules:
    return model.PointRules(
        valid_from=now,
        yen_per_point=wanted.yen_per_point,
        counts_tax=wanted.counts_tax,
        rank_percents={rate.rank: rate.percent for rate in wanted.rank_rates},
        category_percents={rate.category_code: rate.percent for rate in wanted.category_rates},
        excluded_categories=frozenset(wanted.excluded_categories),
    )


def campaign_of(wanted: StartPointCampaignInput) -> model.PointCampaign:
    """The campaign as the domain takes it. Raises InvalidId."""
    return model.PointCampaign(
        id="",
        names={Language.JA: wanted.name_ja, Language.EN: wanted.name_en},
        percent=wanted.percent,
        starts_at=wanted.starts_at,
        ends_at=wanted.ends_at,
        ranks=frozenset(wanted.ranks),
        channels=frozenset(wanted.channels),
        store_ids=_store_keys(wanted.store_ids),
        category_ids=frozenset(wanted.category_codes),
    )


def _store_keys(store_ids: Sequence[strawberry.ID]) -> frozenset[str]:
    return frozenset(key_of(store_id, "Store", ["input", "storeIds"]) for store_id in store_ids)
