"""Giving coupons on a real MongoDB: claims, codes, check-ins, limits and races."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from app.composition import build_services
from app.coupons.errors import CouponCodeInvalid, MemberDayLimitReached, NotEligible, OfferNotGiven
from app.coupons.model import CouponState
from app.interests.model import InterestEvent, InterestEventKind
from app.offers import conditions as c
from app.offers.model import (
    Distribution,
    OfferLimits,
    OfferMoment,
    OfferMove,
)
from app.services import Services
from app.shared.channels import Channel
from app.shared.errors import Refusal
from app.shared.mongodb.database import Database
from app.shared.paging import PageRequest
from app.shared.settings.model import Settings
from app.stores.model import Store
from tests.arrangements import a_guest, a_member, allow
from tests.conftest import MovableClock
from tests.examples import UMEDA, a_request
from tests.integration.claims import claim, claim_code, outcomes
from tests.integration.till import Till
from tests.offer_examples import a_published_offer
from tests.purchase_examples import a_name, a_receipt, a_return


async def test_64_who_claim_at_once_get_as_many_as_there_are(services: Services) -> None:
    offer = await a_published_offer(services, limits=OfferLimits(issued=20))
    members = [await a_guest(services) for _ in range(64)]
    done = await outcomes(*(claim(services, member_id, offer.id) for member_id in members))
    assert done == {"done": 20, "OFFER_EXHAUSTED": 44}
    wallets = [await services.coupons.wallet.page(each, frozenset(), PageRequest()) for each in members]
    assert sum(len(wallet.items) for wallet in wallets) == 20


async def test_a_member_who_claims_at_once_gets_what_one_may_have(
    services: Services, clock: MovableClock
) -> None:
    offer = await a_published_offer(services, limits=OfferLimits(per_member=3, per_member_a_day=2))
    member_id = await a_guest(services)
    done = await outcomes(*(claim(services, member_id, offer.id) for _ in range(32)))
    assert done == {"done": 2, "MEMBER_DAY_LIMIT_REACHED": 30}
    clock.advance(timedelta(hours=11))
    with pytest.raises(MemberDayLimitReached):
        await claim(services, member_id, offer.id)
    clock.advance(timedelta(hours=1))  # midnight in Tokyo
    done = await outcomes(*(claim(services, member_id, offer.id) for _ in range(4)))
    assert done == {"done": 1, "MEMBER_LIMIT_REACHED": 3}


async def test_two_processes_keep_one_limit(services: Services, settings: Settings) -> None:
    """Another process has groups of its own; the counter in MongoDB is both's."""
    offer = await a_published_offer(services, limits=OfferLimits(issued=20))
    other = build_services(settings, services.database, services.clock)
    members = [await a_guest(services) for _ in range(48)]
    done = await outcomes(
        *(
            claim((services, other)[number % 2], member_id, offer.id)
            for number, member_id in enumerate(members)
        )
    )
    assert done == {"done": 20, "OFFER_EXHAUSTED": 28}


async def test_the_same_key_gives_one_coupon(services: Services) -> None:
    offer = await a_published_offer(services)
    member_id = await a_guest(services)
    claimed = await asyncio.gather(*(claim(services, member_id, offer.id, "one-key-0001") for _ in range(16)))
    assert len({coupon.id for coupon in claimed}) == 1
    assert (await claim(services, member_id, offer.id, "one-key-0001")).id == claimed[0].id
    other = await a_published_offer(services)
    with pytest.raises(Refusal, match="IDEMPOTENCY_KEY_REUSED"):
        await claim(services, member_id, other.id, "one-key-0001")


async def test_a_refusal_is_the_answer_to_the_same_key_again(services: Services) -> None:
    offer = await a_published_offer(services, issued_if=c.MilesAtLeast(1))
    member_id = await a_guest(services)
    for _ in range(2):
        with pytest.raises(NotEligible):
            await claim(services, member_id, offer.id, "one-key-0001")


async def test_an_offer_is_given_as_it_says_and_while_it_is_active(
    services: Services, clock: MovableClock
) -> None:
    member_id = await a_guest(services)
    by_rule = await a_published_offer(
        services, distribution=Distribution.RULE, moments=frozenset({OfferMoment.PURCHASE})
    )
    later = await a_published_offer(services, starts_at=clock.now() + timedelta(minutes=1))
    paused = await a_published_offer(services)
    await services.offers.move(paused.id, OfferMove.PAUSE)
    for offer_id in (by_rule.id, later.id, paused.id, "none"):
        with pytest.raises(OfferNotGiven):
            await claim(services, member_id, offer_id)
    clock.advance(timedelta(minutes=1))
    assert (await claim(services, member_id, later.id)).state is CouponState.ISSUED


async def test_a_unique_code_gives_one_coupon_to_one_member(services: Services) -> None:
    offer = await a_published_offer(services, distribution=Distribution.UNIQUE_CODES)
    issuing = services.coupons.issuing
    codes = await issuing.make_codes(offer.id, 3, "codes-key-01", "staff:1")
    assert await issuing.make_codes(offer.id, 3, "codes-key-01", "staff:1") == codes
    members = [await a_guest(services) for _ in range(32)]
    done = await outcomes(*(claim_code(services, member_id, codes[0]) for member_id in members))
    assert done == {"done": 1, "COUPON_CODE_INVALID": 31}
    assert (await claim_code(services, members[0], f" {codes[1].lower()} ")).member_id == members[0]


async def test_two_processes_give_a_member_no_more_than_she_may_have(
    services: Services, settings: Settings, database: Database, clock: MovableClock
) -> None:
    offer = await a_published_offer(services, limits=OfferLimits(per_member=2))
    other = build_services(settings, database, clock)
    members = [await a_guest(services) for _ in range(4)]
    claims = [claim(process, each, offer.id) for each in members for process in [services, other] * 4]
    assert await outcomes(*claims) == {"done": 8, "MEMBER_LIMIT_REACHED": 24}


async def test_wrong_and_foreign_codes_are_refused_alike_and_tries_are_limited(
    services: Services, clock: MovableClock
) -> None:
    offer = await a_published_offer(services, distribution=Distribution.UNIQUE_CODES)
    (code,) = await services.coupons.issuing.make_codes(offer.id, 1, "codes-key-01", "staff:1")
    await claim_code(services, await a_guest(services), code)
    member_id = await a_guest(services)
    refusals = []
    for typed in (code, "0" * 17, "x", code[:-1] + "0"):
        with pytest.raises(CouponCodeInvalid) as raised:
            await claim_code(services, member_id, typed)
        refusals.append((raised.value.path, raised.value.numbers))
    assert refusals == [(("input", "code"), {})] * 4
    done = await outcomes(*(claim_code(services, member_id, f"wrong-{number}") for number in range(16)))
    assert done == {"COUPON_CODE_INVALID": 6, "TOO_MANY_CODE_TRIES": 10}
    clock.advance(timedelta(hours=1))
    assert await outcomes(claim_code(services, member_id, "wrong")) == {"COUPON_CODE_INVALID": 1}


async def test_a_used_code_does_not_even_tell_whom_its_offer_is_for(services: Services) -> None:
    """Neither who may not have the coupon nor the end of the offer makes it look other than a wrong one."""
    member_id, other_id = await a_guest(services), await a_member(services, "mio@example.com")
    offer = await a_published_offer(services, distribution=Distribution.UNIQUE_CODES)
    (code,) = await services.coupons.issuing.make_codes(offer.id, 1, "codes-key-01", "staff:1")
    await claim_code(services, member_id, code)
    terms = replace(offer.terms, issued_if=c.MilesAtLeast(1))
    await services.offers.update(offer.id, 1, terms)
    with pytest.raises(CouponCodeInvalid):
        await claim_code(services, other_id, code)
    await services.offers.move(offer.id, OfferMove.END)
    with pytest.raises(CouponCodeInvalid):
        await claim_code(services, other_id, code)


async def test_a_shared_code_is_each_members_own_and_no_wrong_try(services: Services) -> None:
    await a_published_offer(
        services, distribution=Distribution.CODE, code="AUTUMN10", limits=OfferLimits(per_member=1)
    )
    for _ in range(12):
        await claim_code(services, await a_guest(services), "autumn10")
    member_id = await a_guest(services)
    done = await outcomes(*(claim_code(services, member_id, "AUTUMN10") for _ in range(4)))
    assert done == {"done": 1, "MEMBER_LIMIT_REACHED": 3}


async def test_a_check_in_gives_a_fitting_member_her_coupon_with_its_reason(
    services: Services, store: Store, clock: MovableClock
) -> None:
    near = c.NearStore(store.id, 1_000, UMEDA)
    new = c.NewWithin(7)
    await a_published_offer(
        services,
        distribution=Distribution.CHECK_IN,
        issued_if=c.AllOf((near, c.AnyOf((new, c.MilesAtLeast(1_000))))),
        limits=OfferLimits(per_member_a_day=1),
    )
    member_id = await a_guest(services)
    request = a_request(store, clock.now(), "check-in-key-1")
    check_in = (await services.check_ins.check_in(member_id, request)).check_in
    (given,) = await services.coupons.wallet.given_for(member_id, f"check-in:{check_in.id}")
    assert given.coupon.reasons == (near, new)
    await services.check_ins.check_in(member_id, request)
    wallet = await services.coupons.wallet.page(member_id, frozenset(), PageRequest())
    assert [held.coupon.id for held, _ in wallet.items] == [given.coupon.id]
    clock.advance(timedelta(days=8))
    await services.check_ins.check_in(member_id, a_request(store, clock.now()))
    wallet = await services.coupons.wallet.page(member_id, frozenset(), PageRequest())
    assert len(wallet.items) == 1  # by now she is not new


async def test_an_offer_for_who_likes_a_brand_reaches_her_by_what_she_did_while_she_allows_it(
    services: Services, clock: MovableClock
) -> None:
    offer = await a_published_offer(services, issued_if=c.InterestedInBrand("Akari"))
    member_id = await a_guest(services)
    viewed = InterestEvent("viewed-1", InterestEventKind.VIEWED, clock.now(), brand="Akari")
    for is_given in (False, True):
        await allow(services, member_id, is_given=is_given)
        with pytest.raises(NotEligible):
            await claim(services, member_id, offer.id)
        await services.interests.record(member_id, [viewed])
    coupon = await claim(services, member_id, offer.id)
    assert coupon.reasons == (c.InterestedInBrand("Akari"),)


async def test_an_offer_goes_by_what_was_bought_in_all_channels_and_kept(
    services: Services, clock: MovableClock, store: Store
) -> None:
    """The same facts when it is given, when it is previewed, and when it is used."""
    regular = c.AllOf((c.BoughtAtLeast(2, 30), c.SpentAtLeast(2_000, 30), c.SeenWithin(1)))
    offer = await a_published_offer(services, issued_if=regular, usable_if=regular)
    till = Till(services, store)
    customer = await till.customer()
    bought = a_receipt(store.id, clock.now(), member_number=customer.number)
    online = a_name(None, channel=Channel.ONLINE)
    await till.sell(bought)
    with pytest.raises(NotEligible):
        await claim(services, customer.id, offer.id)
    await till.sell(replace(bought, name=online))
    coupon = await claim(services, customer.id, offer.id)
    assert set(coupon.reasons) == set(regular.conditions)
    assert (await services.coupons.previews.preview(offer.id)).eligible == 1
    assert (await services.coupons.wallet.usability(coupon, store.id, [])).obstacles == ()
    await till.take_back(a_return(bought, clock.now(), {1: 1}))
    assert (await services.coupons.previews.preview(offer.id)).eligible == 0
    obstacles = (await services.coupons.wallet.usability(coupon, store.id, [])).obstacles
    assert [each.code for each in obstacles] == ["COUPON_CONDITION_FAILS"]


async def test_a_coupon_expires_at_its_moment(services: Services, clock: MovableClock) -> None:
    offer = await a_published_offer(services, valid_days=1)
    member_id = await a_guest(services)
    await claim(services, member_id, offer.id)
    for state, moment in (
        (CouponState.ISSUED, timedelta(days=1) - timedelta(milliseconds=1)),
        (CouponState.EXPIRED, timedelta(milliseconds=1)),
    ):
        clock.advance(moment)
        for asked in CouponState:
            found = await services.coupons.wallet.page(member_id, frozenset({asked}), PageRequest())
            assert len(found.items) == (asked is state)
