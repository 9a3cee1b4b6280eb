"""Decisions at the same moment as others, and as what they go by changes."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from app.composition import build_services
from app.consents.model import ConsentKind
from app.coupons.repository import COUPONS
from app.decisions.drafting import DecisionDraft
from app.decisions.model import Outcome
from app.decisions.repository import OFFER_DECISIONS
from app.offers.model import Benefit, BenefitKind, OfferLimits, OfferMove
from app.services import Services
from app.shared.events import EVENTS
from app.shared.mongodb.database import Database
from app.shared.settings.model import Settings
from tests.arrangements import a_guest, allow
from tests.integration.given_coupons import GIFT, a_moment, an_offer, outcomes, wallet


async def test_64_who_come_with_one_moment_are_given_one_coupon(
    services: Services, settings: Settings
) -> None:
    """Half of them are in another process."""
    await an_offer(services)
    other = build_services(settings, services.database, services.clock)
    moment = a_moment(await a_guest(services))
    given = await asyncio.gather(
        *((services, other)[number % 2].decisions.decide(moment) for number in range(64))
    )
    (coupon,) = await wallet(services, moment.member_id)
    assert {tuple(each.id for each in coupons) for coupons in given} == {(coupon.id,)}
    assert await services.database.collection(OFFER_DECISIONS).count({}) == 1


async def test_moments_at_the_same_time_share_the_day(services: Services) -> None:
    """Three a day, however many moments there are at once; the rest is capped."""
    for _ in range(4):
        await an_offer(services)
    member_id = await a_guest(services)
    moments = [a_moment(member_id) for _ in range(32)]
    await asyncio.gather(*(services.decisions.decide(each) for each in moments))
    assert len(await wallet(services, member_id)) == 3
    told = [each for moment in moments for each in (await outcomes(services, moment)).values()]
    assert (told.count(Outcome.GIVEN), told.count(Outcome.OUTSCORED)) == (3, 5)
    assert told.count(Outcome.CAPPED) == 32 * 4 - 8


async def test_a_budget_of_coupons_holds_whoever_comes_at_once(services: Services) -> None:
    offer = await an_offer(services, limits=OfferLimits(issued=20))
    members = [await a_guest(services) for _ in range(48)]
    moments = [a_moment(each) for each in members]
    given = await asyncio.gather(*(services.decisions.decide(each) for each in moments))
    assert sum(map(len, given)) == 20
    told = [(await outcomes(services, each))[offer.id] for each in moments]
    assert (told.count(Outcome.GIVEN), told.count(Outcome.LIMIT_REACHED)) == (20, 28)


@pytest.mark.parametrize("step", ["add_many", "replace_given_lately"])
async def test_who_dies_in_the_middle_leaves_nothing_and_the_next_decides(
    services: Services, database: Database, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    await an_offer(services)
    moment = a_moment(await a_guest(services))

    async def die(*arguments: Any, **options: Any) -> None:
        raise RuntimeError("dead")

    with monkeypatch.context() as patch:
        patch.setattr(services.decisions._decisions, step, die)
        with pytest.raises(RuntimeError, match="dead"):
            await services.decisions.decide(moment)
    assert await wallet(services, moment.member_id) == []
    assert await database.collection(EVENTS).count({"type": "CouponIssued"}) == 0
    (coupon,) = await services.decisions.decide(moment)
    assert await services.decisions.decide(moment) == [coupon]
    assert [each.id for each in await wallet(services, moment.member_id)] == [coupon.id]


@pytest.mark.parametrize("change", ["paused", "ended", "changed"])
async def test_a_process_that_knows_an_offer_as_it_was_does_not_give_it(
    services: Services, settings: Settings, change: str
) -> None:
    """The other process is told of no change, and the clock stands still."""
    offer = await an_offer(services, limits=OfferLimits(per_member=5))
    stale = build_services(settings, services.database, services.clock)
    member_id = await a_guest(services)
    (first,) = await stale.decisions.decide(a_moment(member_id))
    if change == "changed":
        terms = replace(offer.terms, benefit=Benefit(BenefitKind.PERCENT, 15))
        await services.offers.update(offer.id, offer.version, terms)
    else:
        await services.offers.move(offer.id, OfferMove.PAUSE if change == "paused" else OfferMove.END)
    assert [each.version for each in await stale.offers.given_at(GIFT)] == [1]
    given = await stale.decisions.decide(a_moment(member_id))
    assert [each.offer_version for each in given] == ([2] if change == "changed" else [])
    assert len(await wallet(services, member_id)) == 1 + len(given)
    assert first.offer_version == 1


async def test_an_offer_that_changes_after_the_draft_is_drafted_anew(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was read before it was paused is not written afterwards."""
    offer = await an_offer(services)
    write = services.decisions.write

    async def pause_before(drafts: Sequence[DecisionDraft], session: Any) -> None:
        monkeypatch.setattr(services.decisions, "write", write)
        await services.offers.move(offer.id, OfferMove.PAUSE)
        await write(drafts, session)

    monkeypatch.setattr(services.decisions, "write", pause_before)
    moment = a_moment(await a_guest(services))
    assert await services.decisions.decide(moment) == []
    assert await wallet(services, moment.member_id) == []


async def test_no_coupon_is_given_after_its_offer_was_paused(
    services: Services, settings: Settings, database: Database
) -> None:
    """However many are being given at that moment, by processes that are told of nothing."""
    offer = await an_offer(services)
    others = [build_services(settings, database, services.clock) for _ in range(2)]
    members = [await a_guest(services) for _ in range(24)]
    count = database.collection(COUPONS).count

    async def pause() -> int:
        await services.offers.move(offer.id, OfferMove.PAUSE)
        return await count({})

    given, by_then = await asyncio.gather(
        asyncio.gather(
            *(others[number % 2].decisions.decide(a_moment(each)) for number, each in enumerate(members))
        ),
        pause(),
    )
    assert sum(map(len, given)) == await count({}) == by_then


async def test_what_is_decided_as_she_withdraws_does_not_name_her_afterwards(
    services: Services, database: Database
) -> None:
    await an_offer(services)
    members = [await a_guest(services) for _ in range(8)]
    for member_id in members:
        await allow(services, member_id)
    for member_id in members:
        await asyncio.gather(
            allow(services, member_id, ConsentKind.PERSONALIZATION, is_given=False),
            *(services.decisions.decide(a_moment(member_id)) for _ in range(4)),
        )
    assert await database.collection(OFFER_DECISIONS).count({}) == 32
    assert await database.collection(OFFER_DECISIONS).count({"member_id": {"$ne": None}}) == 0
