"""Deciding and giving on a real MongoDB: each moment once, caps and holdouts, and what is known of whom."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from app.composition import build_services
from app.consents.model import ConsentKind
from app.coupons.model import Coupon
from app.coupons.repository import COUPONS
from app.decisions.drafting import DecisionDraft
from app.decisions.model import Decision, Moment, Outcome
from app.decisions.repository import OFFER_DECISIONS, OFFER_RECEIPTS, DecisionRepository
from app.interests.model import InterestEvent, InterestEventKind
from app.offers import conditions as c
from app.offers.experiments import variant_for
from app.offers.model import (
    Benefit,
    BenefitKind,
    Distribution,
    Offer,
    OfferLimits,
    OfferMoment,
    OfferMove,
    OfferScope,
    OfferVariant,
    UsableWhen,
)
from app.services import Services
from app.shared.database import Database
from app.shared.events import EVENTS
from app.shared.i18n import Language
from app.shared.ids import new_id
from app.shared.paging import PageRequest
from app.shared.settings import Settings
from app.stores.model import Store
from tests.arrangements import a_code, a_guest, a_member, add_catalog, allow
from tests.conftest import MovableClock
from tests.integration.test_merging import HANA, PHONE, a_guest_on
from tests.offer_examples import a_published_offer

GIFT = OfferMoment.SIGN_UP


async def an_offer(services: Services, *moments: OfferMoment, **changes: Any) -> Offer:
    """An offer that is given at these moments, at sign-up unless told."""
    wanted = frozenset(moments or {GIFT})
    return await a_published_offer(services, distribution=Distribution.RULE, moments=wanted, **changes)


def a_moment(member_id: str, kind: OfferMoment = GIFT, **changes: Any) -> Moment:
    fields: dict[str, Any] = {"source": f"moment:{new_id()}", **changes}
    return Moment(kind, member_id=member_id, **fields)


async def wallet(services: Services, member_id: str) -> list[Coupon]:
    page = await services.coupons.wallet.page(member_id, frozenset(), PageRequest(100))
    return [held.coupon for held, _ in page.items]


async def decision_of(services: Services, moment: Moment) -> Decision:
    decision = await DecisionRepository(services.database).get(moment.source)
    assert decision is not None
    return decision


async def outcomes(services: Services, moment: Moment) -> dict[str, Outcome]:
    return {each.offer_id: each.outcome for each in (await decision_of(services, moment)).verdicts}


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


async def test_the_best_two_are_given_and_why_not_the_others_is_written_down(
    services: Services, store: Store, clock: MovableClock
) -> None:
    percent = [await an_offer(services, benefit=Benefit(BenefitKind.PERCENT, value)) for value in (5, 10, 15)]
    new = await an_offer(services, issued_if=c.MilesAtLeast(1))
    regular = await an_offer(services, issued_if=c.Not(c.VisitsAtLeast(1, 30)))
    elsewhere = await an_offer(services, usable_when=UsableWhen(store_ids=frozenset({store.id})))
    spent = await an_offer(services, limits=OfferLimits(per_member=1))
    moment = a_moment(await a_guest(services), store_id="another")
    await services.database.collection(OFFER_RECEIPTS).insert_one(
        {
            "_id": moment.member_id,
            "version": 1,
            "receipts": [{"offer_id": spent.id, "at": clock.now(), "is_held_out": True}],
            "kept_until": clock.now(),
        }
    )
    await services.decisions.decide(moment)
    assert await outcomes(services, moment) == {
        percent[0].id: Outcome.GIVEN,
        percent[1].id: Outcome.GIVEN,
        percent[2].id: Outcome.OUTSCORED,
        new.id: Outcome.NOT_ELIGIBLE,
        regular.id: Outcome.NO_CONSENT,
        elsewhere.id: Outcome.NOT_HERE,
        spent.id: Outcome.LIMIT_REACHED,
    }
    scores = [each.score.total for each in (await decision_of(services, moment)).verdicts if each.score]
    assert scores == sorted(scores, reverse=True)


async def test_what_she_likes_goes_first_and_is_the_reason(services: Services) -> None:
    await add_catalog(services.database)
    scopes = [OfferScope(category_ids=frozenset({each})) for each in ("food", "stationery", "clothing")]
    offers = [await an_offer(services, scope=scope) for scope in scopes]
    member_id = await a_guest(services)
    await allow(services, member_id)
    bought = InterestEvent("bought", InterestEventKind.BOUGHT, services.clock.now(), category_id="stationery")
    await services.interests.record(member_id, [bought])
    moment = a_moment(member_id)
    await services.decisions.decide(moment)
    assert (await decision_of(services, moment)).verdicts[0].offer_id == offers[1].id
    coupon = next(each for each in await wallet(services, member_id) if each.offer_id == offers[1].id)
    assert coupon.reasons == (c.InterestedInCategory("stationery"),)


async def test_coupons_that_are_not_used_tire_until_she_is_left_alone(
    services: Services, clock: MovableClock
) -> None:
    await an_offer(services)
    member_id = await a_guest(services)
    await allow(services, member_id)
    fatigues = []
    for _ in range(20):
        moment = a_moment(member_id)
        await services.decisions.decide(moment)
        fatigues.append((await decision_of(services, moment)).fatigue)
        clock.advance(timedelta(days=1))
    given = len(await wallet(services, member_id))
    assert fatigues == [*range(given), *[given] * (20 - given)]
    assert list((await outcomes(services, moment)).values()) == [Outcome.NOT_WORTH_IT]


async def test_who_is_held_out_gets_nothing_in_its_place_and_is_written_down(services: Services) -> None:
    offer = await an_offer(services, holdout_percent=50, limits=OfferLimits(per_member=1))
    members = [await a_guest(services) for _ in range(24)]
    for member_id in members:
        await allow(services, member_id)
    first = [a_moment(each) for each in members]
    for moment in first:
        given = await services.decisions.decide(moment)
        told = (await outcomes(services, moment))[offer.id]
        assert told is (Outcome.GIVEN if given else Outcome.HELD_OUT)
        again = a_moment(moment.member_id)
        await services.decisions.decide(again)
        assert (await outcomes(services, again))[offer.id] is Outcome.LIMIT_REACHED
    held_out = [each for each in members if not await wallet(services, each)]
    assert 4 <= len(held_out) <= 20


async def test_a_variant_is_what_the_coupon_says_from_then_on(services: Services) -> None:
    variants = (OfferVariant("twice", 50, Benefit(BenefitKind.PERCENT, 20)),)
    offer = await an_offer(services, variants=variants)
    seen = set()
    for _ in range(16):
        member_id = await a_guest(services)
        await services.decisions.decide(a_moment(member_id))
        ((held, _),) = (await services.coupons.wallet.page(member_id, frozenset(), PageRequest())).items
        assert held.coupon.variant == variant_for(offer.id, offer.terms, member_id)
        assert held.terms.benefit.value == (20 if held.coupon.variant else 10)
        seen.add(held.coupon.variant)
    assert seen == {None, "twice"}


async def test_a_decision_names_her_while_she_allows_it(services: Services) -> None:
    await an_offer(services)
    silent, open_ = await a_guest(services), await a_guest(services)
    await allow(services, open_)
    moments = [a_moment(silent), a_moment(open_)]
    for each in moments:
        await services.decisions.decide(each)
    assert [(await decision_of(services, each)).member_id for each in moments] == [None, open_]
    await allow(services, open_, is_given=False)
    bare = await decision_of(services, moments[1])
    assert (bare.member_id, bare.verdicts[0].score, bare.verdicts[0].outcome) == (None, None, Outcome.GIVEN)


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


async def test_a_merged_guests_coupons_count_as_the_members(services: Services, database: Database) -> None:
    await an_offer(services, OfferMoment.BIRTHDAY)
    hana = await a_member(services, HANA)
    guest = await a_guest_on(services, PHONE)
    birthday = OfferMoment.BIRTHDAY
    for member_id in (hana, guest.member_id):
        for _ in range(2):
            await services.decisions.decide(a_moment(member_id, birthday))
    await services.sign_in.sign_in(await a_code(services, HANA), None, Language.JA, guest)
    moment = a_moment(hana, birthday)
    await services.decisions.decide(moment)
    assert list((await outcomes(services, moment)).values()) == [Outcome.CAPPED]
    (kept,) = await database.collection(OFFER_RECEIPTS).find({})
    assert (kept["_id"], len(kept["receipts"])) == (hana, 4)


async def test_nothing_is_decided_where_nothing_is_given(services: Services, database: Database) -> None:
    offer = await an_offer(services)
    await services.offers.move(offer.id, OfferMove.PAUSE)
    assert await services.decisions.decide(a_moment(await a_guest(services))) == []
    assert await database.collection(OFFER_DECISIONS).count({}) == 0
