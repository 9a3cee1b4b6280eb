"""Deciding and giving on a real MongoDB: each moment once, caps and holdouts, and what is known of whom."""

from datetime import timedelta

from app.decisions.model import Outcome
from app.decisions.repository import OFFER_DECISIONS, OFFER_RECEIPTS
from app.interests.model import InterestEvent, InterestEventKind
from app.offers import conditions as c
from app.offers.experiments import variant_for
from app.offers.model import (
    Benefit,
    BenefitKind,
    OfferLimits,
    OfferMoment,
    OfferMove,
    OfferScope,
    OfferVariant,
    UsableWhen,
)
from app.services import Services
from app.shared.i18n import Language
from app.shared.mongodb.database import Database
from app.shared.paging import PageRequest
from app.stores.model import Store
from tests.arrangements import a_code, a_guest, a_member, add_catalog, allow
from tests.conftest import MovableClock
from tests.integration.given_coupons import a_moment, an_offer, decision_of, outcomes, wallet
from tests.integration.members.test_merging import HANA, PHONE, a_guest_on


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
