"""What purchases earn: rates, campaigns, exclusions and rounding."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.catalog.model import TaxRate
from app.members.model import Rank
from app.point_rules import rules
from app.point_rules.errors import PointCampaignInvalid, PointRulesInvalid
from app.point_rules.model import CouponReward, EarningLine, EarningReceipt, PointCampaign, PointRules
from app.shared.channels import Channel
from app.shared.i18n import Language
from tests.conftest import NOON_IN_TOKYO as NOW

PLAIN = PointRules(NOW)


def a_line(amount: int, *path: str, **changes: Any) -> EarningLine:
    return replace(EarningLine(amount, TaxRate.STANDARD, path), **changes)


def a_receipt(*lines: EarningLine, points_used: int = 0) -> EarningReceipt:
    return EarningReceipt(NOW, Channel.STORE, "umeda", lines, points_used)


def a_campaign(percent: int, **changes: Any) -> PointCampaign:
    names = {Language.JA: "2倍", Language.EN: "Double"}
    day = timedelta(days=1)
    return PointCampaign("id", names, percent, NOW - day, NOW + day, **changes)


def points(
    receipt: EarningReceipt, rank: Rank = Rank.MEMBER, *campaigns: PointCampaign, **changes: Any
) -> int:
    return sum(each.points for each in rules.earned(receipt, rank, replace(PLAIN, **changes), campaigns))


def miles(receipt: EarningReceipt, **changes: Any) -> int:
    return sum(each.miles for each in rules.earned(receipt, Rank.GOLD, replace(PLAIN, **changes), ()))


def test_a_hundred_yen_without_tax_earn_a_point() -> None:
    assert points(a_receipt(a_line(1_100))) == 10
    assert points(a_receipt(a_line(1_099))) == 10  # 1,000 yen and 99 of tax
    assert points(a_receipt(a_line(1_098))) == 9
    assert points(a_receipt(a_line(1_100)), counts_tax=True) == 11
    assert points(a_receipt(a_line(1_100, tax_rate=None))) == 11
    assert points(a_receipt(a_line(1_100)), yen_per_point=200) == 5


def test_a_receipt_is_rounded_once_and_its_lines_share_it() -> None:
    receipt = a_receipt(*(a_line(165) for _ in range(4)))  # 150 yen each without tax
    earned = rules.earned(receipt, Rank.MEMBER, PLAIN, ())
    assert [each.points for each in earned] == [1, 2, 1, 2]
    assert [each.miles for each in earned] == [150] * 4


def test_ranks_categories_and_campaigns_multiply() -> None:
    receipt = a_receipt(a_line(1_100, "food", "tea"))
    assert points(receipt, Rank.GOLD, rank_percents={Rank.GOLD: 150}) == 15
    assert points(receipt, category_percents={"food": 200}) == 20
    assert points(receipt, category_percents={"food": 200, "tea": 300}) == 30  # the nearest rate
    assert points(receipt, Rank.GOLD, a_campaign(200), rank_percents={Rank.GOLD: 150}) == 30
    assert points(receipt, Rank.MEMBER, a_campaign(200), a_campaign(300)) == 30  # the highest of several


@pytest.mark.parametrize(
    "changes",
    [
        {"ranks": frozenset({Rank.GOLD})},
        {"channels": frozenset({Channel.ONLINE})},
        {"store_ids": frozenset({"namba"})},
        {"category_ids": frozenset({"bath"})},
        {"starts_at": NOW + timedelta(milliseconds=1)},
        {"ends_at": NOW},
    ],
)
def test_a_campaign_is_for_what_it_names_alone(changes: dict[str, Any]) -> None:
    receipt = a_receipt(a_line(1_100, "food", "tea"))
    assert points(receipt, Rank.MEMBER, replace(a_campaign(200), **changes)) == 10
    fitting = a_campaign(
        200,
        ranks=frozenset({Rank.MEMBER}),
        channels=frozenset({Channel.STORE}),
        store_ids=frozenset({"umeda"}),
        category_ids=frozenset({"food"}),
    )
    assert points(receipt, Rank.MEMBER, fitting) == 20


def test_gift_cards_and_excluded_categories_earn_nothing() -> None:
    assert points(a_receipt(a_line(5_000, is_gift_card=True), a_line(1_100))) == 10
    excluded = a_receipt(a_line(1_100, "tobacco", "cigars"), a_line(1_100, "food"))
    assert points(excluded, excluded_categories=frozenset({"tobacco"})) == 10
    assert miles(excluded, excluded_categories=frozenset({"tobacco"})) == 1_000


def test_what_points_paid_for_earns_nothing() -> None:
    assert points(a_receipt(a_line(1_100), points_used=550)) == 5
    assert points(a_receipt(a_line(1_100), points_used=1_100)) == 0
    assert points(a_receipt(a_line(0))) == 0
    assert miles(a_receipt(a_line(1_100), points_used=550)) == 500


@given(
    st.lists(st.tuples(st.integers(0, 100_000), st.booleans()), min_size=1, max_size=20),
    st.integers(0, 100),
    st.integers(0, 1_000),
)
def test_lines_never_earn_less_than_nothing_nor_more_than_the_receipt(
    wanted: list[tuple[int, bool]], used_percent: int, rank_percent: int
) -> None:
    lines = [a_line(amount, is_gift_card=is_gift_card) for amount, is_gift_card in wanted]
    total = sum(line.amount for line in lines)
    receipt = a_receipt(*lines, points_used=total * used_percent // 100)
    rates = {Rank.MEMBER: rank_percent}
    earned = rules.earned(receipt, Rank.MEMBER, replace(PLAIN, rank_percents=rates), ())
    assert all(each.points >= 0 and each.miles >= 0 for each in earned)
    paid = total - receipt.points_used
    assert sum(each.points for each in earned) <= paid * rank_percent / 10_000
    assert sum(each.miles for each in earned) <= paid


@pytest.mark.parametrize(
    "changes",
    [{"yen_per_point": 0}, {"rank_percents": {Rank.GOLD: 1_001}}, {"category_percents": {"food": -1}}],
)
def test_rules_have_bounds(changes: dict[str, Any]) -> None:
    with pytest.raises(PointRulesInvalid):
        rules.require_sound_rules(replace(PLAIN, **changes))


@pytest.mark.parametrize(
    "changes", [{"percent": 100}, {"percent": 1_001}, {"ends_at": NOW - timedelta(days=1)}]
)
def test_campaigns_have_bounds(changes: dict[str, Any]) -> None:
    with pytest.raises(PointCampaignInvalid):
        rules.require_sound_campaign(replace(a_campaign(200), **changes))


def test_coupons_multiply_the_points_of_their_lines_and_add_to_them() -> None:
    assert rules.coupon_points([10, 5], [1_000, 500], [CouponReward(times=3)]) == (20, 10)
    assert rules.coupon_points([10, 5], [1_000, 500], [CouponReward(3, 0, frozenset({1}))]) == (0, 10)
    two = [CouponReward(times=2), CouponReward(5, 0, frozenset({0}))]
    assert rules.coupon_points([10, 5], [1_000, 500], two) == (40, 5)  # of two, the highest
    assert rules.coupon_points([10, 5], [1_000, 500], [CouponReward(on_top=30)]) == (20, 10)
    assert rules.coupon_points([0], [0], [CouponReward(on_top=30)]) == (0,)
    assert rules.coupon_points([10, 5], [1_000, 500], [CouponReward(1, 30, frozenset())]) == (0, 0)
    most = rules.coupon_points([900_000], [1], [CouponReward(times=50)])
    assert most == (100_000,)  # an entry has no more than a million


@given(st.integers(0, 1_000_000), st.lists(st.integers(0, 100_000), max_size=9))
def test_shares_add_up_to_the_whole(whole: int, weights: list[int]) -> None:
    parts = rules.shares(whole, weights)
    assert sum(parts) == (whole if any(weights) else 0)
    assert all(part >= 0 and (weight or not part) for part, weight in zip(parts, weights, strict=True))
