"""Pure decisions about what purchases earn.

Points are earned on what was paid in money. All rates are multiplied, and the points of a receipt are
rounded down once; its lines share them so that they add up to just that. Miles are the yen that count,
whatever the rates. What was decided once is never decided again: a return takes back a part of it.
"""

from collections.abc import Iterable, Sequence
from itertools import accumulate, pairwise

from app.catalog.taxes import tax_within
from app.members.model import Rank
from app.point_rules.errors import PointCampaignInvalid, PointRulesInvalid
from app.point_rules.model import CouponReward, Earned, EarningLine, EarningReceipt, PointCampaign, PointRules

MAXIMUM_PERCENT = 1_000
MAXIMUM_YEN_PER_POINT = 10_000
MAXIMUM_CATEGORIES = 200
MAXIMUM_PLACES = 100
MAXIMUM_POINTS = 1_000_000  # what one entry of an account may be
PLAIN = 100  # percent


def earned(
    receipt: EarningReceipt, rank: Rank, rules: PointRules, campaigns: Iterable[PointCampaign]
) -> tuple[Earned, ...]:
    """What each line earns for a member of this rank. Of several campaigns, the highest counts."""
    total = sum(line.amount for line in receipt.lines)
    if total == 0:
        return tuple(Earned(0, 0) for _ in receipt.lines)
    paid = total - receipt.points_used
    running = [each for each in campaigns if _is_for(each, receipt, rank)]
    rank_percent = rules.rank_percents.get(rank, PLAIN)
    yen, rated = 0, 0
    shares = [Earned(0, 0)]
    for line in receipt.lines:
        counting = _counting(line, rules) * paid
        percents = rank_percent * _category_percent(line, rules) * _campaign_percent(line, running)
        yen += counting
        rated += counting * percents
        shares.append(Earned(rated // (total * PLAIN**3 * rules.yen_per_point), yen // total))
    return tuple(
        Earned(after.points - before.points, after.miles - before.miles) for before, after in pairwise(shares)
    )


def coupon_points(
    points: Sequence[int], amounts: Sequence[int], rewards: Sequence[CouponReward]
) -> tuple[int, ...]:
    """What coupons add to the points of each line, of lines that cost so much.

    Of several that multiply a line's points, the highest counts. Points on top are shared by what the lines
    cost that they are for; where those cost nothing, there are none. A receipt earns 1,000,000 at the most.
    """
    more = [
        earned * (max((each.times for each in rewards if each.is_for(line)), default=1) - 1)
        for line, earned in enumerate(points)
    ]
    for reward in rewards:
        weights = [amount if reward.is_for(line) else 0 for line, amount in enumerate(amounts)]
        on_top = shares(reward.on_top if any(weights) else 0, weights)
        more = [before + added for before, added in zip(more, on_top, strict=True)]
    return shares(min(sum(more), max(0, MAXIMUM_POINTS - sum(points))), more)


def shares(whole: int, weights: Sequence[int]) -> tuple[int, ...]:
    """The whole in parts by these weights, which add up to it; nothing where the weights are nothing."""
    total = sum(weights)
    so_far = [whole * weight // total if total else 0 for weight in accumulate(weights, initial=0)]
    return tuple(after - before for before, after in pairwise(so_far))


def require_sound_rules(rules: PointRules) -> None:
    """Raises PointRulesInvalid for what is outside its bounds."""
    percents = [*rules.rank_percents.values(), *rules.category_percents.values()]
    if not (
        1 <= rules.yen_per_point <= MAXIMUM_YEN_PER_POINT
        and all(0 <= percent <= MAXIMUM_PERCENT for percent in percents)
        and len(rules.category_percents) + len(rules.excluded_categories) <= MAXIMUM_CATEGORIES
    ):
        raise PointRulesInvalid(
            path=["input"],
            maximum_yen=MAXIMUM_YEN_PER_POINT,
            maximum_percent=MAXIMUM_PERCENT,
            maximum_categories=MAXIMUM_CATEGORIES,
        )


def require_sound_campaign(campaign: PointCampaign) -> None:
    """Raises PointCampaignInvalid for what is outside its bounds."""
    if not (
        PLAIN < campaign.percent <= MAXIMUM_PERCENT
        and campaign.starts_at < campaign.ends_at
        and len(campaign.store_ids) <= MAXIMUM_PLACES
        and len(campaign.category_ids) <= MAXIMUM_CATEGORIES
    ):
        raise PointCampaignInvalid(
            path=["input"],
            minimum=PLAIN + 1,
            maximum=MAXIMUM_PERCENT,
            maximum_places=MAXIMUM_PLACES,
            maximum_categories=MAXIMUM_CATEGORIES,
        )


def _counting(line: EarningLine, rules: PointRules) -> int:
    """The yen of the line that points are earned on."""
    if line.is_gift_card or rules.excluded_categories.intersection(line.category_path):
        return 0
    if rules.counts_tax or line.tax_rate is None:
        return line.amount
    return line.amount - tax_within(line.amount, line.tax_rate)


def _category_percent(line: EarningLine, rules: PointRules) -> int:
    """The rate of the line's own category, or of the nearest one above it that has a rate."""
    percents = rules.category_percents
    return next((percents[each] for each in reversed(line.category_path) if each in percents), PLAIN)


def _campaign_percent(line: EarningLine, campaigns: Sequence[PointCampaign]) -> int:
    return max(
        (
            each.percent
            for each in campaigns
            if not each.category_ids or each.category_ids.intersection(line.category_path)
        ),
        default=PLAIN,
    )


def _is_for(campaign: PointCampaign, receipt: EarningReceipt, rank: Rank) -> bool:
    return (
        campaign.starts_at <= receipt.occurred_at < campaign.ends_at
        and (not campaign.ranks or rank in campaign.ranks)
        and (not campaign.channels or receipt.channel in campaign.channels)
        and (not campaign.store_ids or receipt.store_id in campaign.store_ids)
    )
