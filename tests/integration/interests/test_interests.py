"""Interests on MongoDB: each event counts once, and without consent nothing is kept."""

import asyncio
from datetime import timedelta

import pytest

from app.catalog.search_query import ProductFilter, ProductRequest
from app.consents.model import ConsentKind
from app.favourites.repository import FAVOURITES
from app.interests.model import InterestAspect, InterestEvent, InterestEventKind, TrackedBatch, TrackedCounts
from app.interests.repository import INTEREST_EVENTS, INTERESTS
from app.interests.rules import liked
from app.services import Services
from app.shared.i18n import Language
from app.shared.mongodb.database import Database
from tests.arrangements import a_code, a_guest, a_member, add_skus, allow
from tests.conftest import MovableClock
from tests.integration.members.test_merging import PHONE, a_guest_on
from tests.interest_examples import a_batch, a_tracked

HANA = "hana@example.com"


@pytest.fixture(autouse=True)
async def catalog(database: Database) -> None:
    await add_skus(database, "cup", "pen", "towel")


async def an_interested_guest(services: Services) -> str:
    """A guest who allows that her interests are kept."""
    member_id = await a_guest(services)
    await allow(services, member_id)
    return member_id


async def skus_of(services: Services, member_id: str) -> dict[str, float]:
    interests = await services.interests.of_member(member_id)
    return liked(interests, InterestAspect.SKU, services.clock.now())


async def kept(database: Database, member_id: str) -> int:
    """How many documents are kept of her interests."""
    return await database.collection(INTERESTS).count({"_id": member_id}) + await database.collection(
        INTEREST_EVENTS
    ).count({"member_id": member_id})


async def test_what_she_did_counts_less_as_time_goes_by(services: Services, clock: MovableClock) -> None:
    member_id = await an_interested_guest(services)
    views = [a_tracked(clock.now() - timedelta(days=21)), a_tracked(clock.now(), sku_id="pen")]
    counts = await services.interests.track(member_id, a_batch(clock.now(), *views))
    assert counts == TrackedCounts(taken=2)
    assert await skus_of(services, member_id) == pytest.approx({"pen": 1.0, "cup": 0.5})
    clock.advance(timedelta(days=21))
    assert await skus_of(services, member_id) == pytest.approx({"pen": 0.5, "cup": 0.25})


async def test_each_event_counts_once_whoever_sends_it_when(services: Services, clock: MovableClock) -> None:
    member_id = await an_interested_guest(services)
    events = [a_tracked(clock.now()) for _ in range(10)]
    batches = [a_batch(clock.now(), *events[start:], *events[:start]) for start in range(10)]
    done = await asyncio.gather(
        *(services.interests.track(member_id, batch) for batch in batches for _ in range(4))
    )
    assert sum(each.taken for each in done) == 10
    assert sum(each.repeated for each in done) == 390
    assert await skus_of(services, member_id) == pytest.approx({"cup": 10.0})


async def test_different_events_at_the_same_moment_all_count(services: Services, clock: MovableClock) -> None:
    member_id = await an_interested_guest(services)
    batches = [a_batch(clock.now(), a_tracked(clock.now()), sku_ids=["pen"]) for _ in range(32)]
    await asyncio.gather(*(services.interests.track(member_id, batch) for batch in batches))
    assert await skus_of(services, member_id) == pytest.approx({"pen": 128.0, "cup": 32.0})
    assert [each.sku_id for each in await services.favourites.of_member(member_id)] == ["pen"]


async def test_the_same_id_of_another_member_is_another_event(
    services: Services, clock: MovableClock
) -> None:
    event = a_tracked(clock.now())
    for _ in range(2):
        member_id = await an_interested_guest(services)
        counts = await services.interests.track(member_id, a_batch(clock.now(), event))
        assert counts == TrackedCounts(taken=1)


async def test_without_consent_only_favourites_are_kept(
    services: Services, database: Database, clock: MovableClock
) -> None:
    member_id = await a_guest(services)
    await allow(services, member_id, ConsentKind.LOCATION)
    batch = a_batch(clock.now(), a_tracked(clock.now()), sku_ids=["pen"])
    assert await services.interests.track(member_id, batch) == TrackedCounts(taken=1, without_consent=1)
    bought = InterestEvent("bought-1", InterestEventKind.BOUGHT, clock.now(), "cup")
    await services.interests.record(member_id, [bought])
    assert await skus_of(services, member_id) == {}
    assert await kept(database, member_id) == 0
    assert [each.sku_id for each in await services.favourites.of_member(member_id)] == ["pen"]


async def test_withdrawn_is_erased_whatever_she_does_at_that_moment(
    services: Services, database: Database, clock: MovableClock
) -> None:
    member_id, other_id = await an_interested_guest(services), await an_interested_guest(services)
    for each in (member_id, other_id):
        await services.interests.track(each, a_batch(clock.now(), a_tracked(clock.now())))
    batches = [a_batch(clock.now(), a_tracked(clock.now())) for _ in range(32)]
    await asyncio.gather(
        allow(services, member_id, is_given=False),
        *(services.interests.track(member_id, batch) for batch in batches),
    )
    assert await kept(database, member_id) == 0
    assert await kept(database, other_id) == 2


async def test_searches_are_interests_too(services: Services, clock: MovableClock) -> None:
    member_id = await an_interested_guest(services)
    search = ProductRequest("x", ProductFilter("bath", ("Akari", "Tsumugi")))
    await services.search_history.remember(member_id, search)
    told = a_tracked(clock.now(), "SEARCHED", brand="Akari")
    await services.interests.track(member_id, a_batch(clock.now(), told))
    interests = await services.interests.of_member(member_id)
    assert liked(interests, InterestAspect.BRAND, clock.now()) == pytest.approx(
        {"Akari": 4.0, "Tsumugi": 2.0}
    )
    assert liked(interests, InterestAspect.CATEGORY, clock.now()) == pytest.approx({"bath": 2.0})
    await services.search_history.clear(member_id)
    interests = await services.interests.of_member(member_id)
    assert liked(interests, InterestAspect.BRAND, clock.now()) == pytest.approx({"Akari": 2.0})


async def test_marks_that_come_late_change_nothing(services: Services, clock: MovableClock) -> None:
    member_id = await a_guest(services)
    earlier = clock.now() - timedelta(hours=1)
    for event in (
        a_tracked(clock.now(), "UNFAVOURITED"),
        a_tracked(earlier, "FAVOURITED"),
        a_tracked(earlier, "FAVOURITED", sku_id="pen"),
    ):
        await services.interests.track(member_id, a_batch(clock.now(), event))
    (pen,) = await services.favourites.of_member(member_id)
    assert (pen.sku_id, pen.marked_at) == ("pen", earlier)


async def test_a_guests_interests_become_the_members_who_allows_them(
    services: Services, database: Database, clock: MovableClock
) -> None:
    hana = await a_member(services, HANA)
    guest = await a_guest_on(services, PHONE)
    shared = a_tracked(clock.now())
    for each in (hana, guest.member_id):
        await allow(services, each)
        batch = a_batch(clock.now(), shared, a_tracked(clock.now(), sku_id="towel"), sku_ids=["pen"])
        await services.interests.track(each, batch)
    await services.sign_in.sign_in(await a_code(services, HANA), None, Language.JA, guest)
    assert await skus_of(services, hana) == pytest.approx({"pen": 8.0, "cup": 2.0, "towel": 2.0})
    assert await kept(database, guest.member_id) == 0
    assert await services.interests.track(hana, a_batch(clock.now(), shared)) == TrackedCounts(repeated=1)


async def test_a_guests_interests_are_erased_when_the_member_allows_none(
    services: Services, database: Database, clock: MovableClock
) -> None:
    hana = await a_member(services, HANA)
    guest = await a_guest_on(services, PHONE)
    await allow(services, guest.member_id)
    batch: TrackedBatch = a_batch(clock.now(), a_tracked(clock.now()), sku_ids=["pen"])
    await services.interests.track(guest.member_id, batch)
    await services.sign_in.sign_in(await a_code(services, HANA), None, Language.JA, guest)
    assert await kept(database, hana) + await kept(database, guest.member_id) == 0
    assert [each.sku_id for each in await services.favourites.of_member(hana)] == ["pen"]
    assert await database.collection(FAVOURITES).count({"_id": guest.member_id}) == 0
