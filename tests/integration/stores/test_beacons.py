"""Beacons on MongoDB: she enters once, whatever phones send at the same moment, and only with her consent."""

import asyncio
from datetime import timedelta

import pytest

from app.auth.roles import Role
from app.beacons.errors import BeaconElsewhere
from app.beacons.model import Beacon, BeaconKey, BeaconMoment, BeaconSighting
from app.beacons.repository import BEACON_VISITS
from app.consents.model import ConsentKind
from app.services import Services
from app.shared.errors import Forbidden
from app.shared.events import EVENTS
from app.shared.i18n import Language
from app.shared.mongodb.database import Database
from app.stores.model import Store
from tests.arrangements import a_code, a_guest, a_member, a_shift, add_stores, allow
from tests.conftest import MovableClock
from tests.examples import a_store
from tests.integration.members.test_merging import HANA, PHONE, a_guest_on

KEY = BeaconKey("f7826da6-4fa2-4e98-8024-bc5b71e0893e", 1, 2)
ENTERED, DWELT, NOTHING = BeaconMoment.ENTERED, BeaconMoment.DWELT, BeaconMoment.NOTHING


@pytest.fixture(autouse=True)
async def beacon(services: Services, store: Store) -> Beacon:
    """A beacon at the store."""
    manager = (await a_shift(services, Role.STORE_MANAGER, store.id)).actor
    return await services.beacons.place(manager, Beacon(KEY, store.id, ("bath",), ("cup",)))


async def a_located_guest(services: Services) -> str:
    member_id = await a_guest(services)
    await allow(services, member_id, ConsentKind.LOCATION)
    return member_id


async def sight(services: Services, member_id: str, key: BeaconKey = KEY) -> BeaconMoment:
    sight = await services.beacons.sight(member_id, BeaconSighting(key, -60, services.clock.now()))
    return sight.moment


async def test_she_enters_and_dwells_once_a_visit(
    services: Services, database: Database, clock: MovableClock, beacon: Beacon
) -> None:
    member_id = await a_located_guest(services)
    moments: list[BeaconMoment] = []
    for minutes in (0, 1, 1, 1, 1, 11, 1):
        clock.advance(timedelta(minutes=minutes))
        moments.append(await sight(services, member_id))
    assert moments == [ENTERED, NOTHING, NOTHING, DWELT, NOTHING, ENTERED, NOTHING]
    told = await database.collection(EVENTS).find(
        {"subject": f"member:{member_id}"}, sort=[("written_at", 1)]
    )
    beacons = [each["type"] for each in told if each["type"].startswith("Beacon")]
    assert sorted(beacons) == ["BeaconDwelt", "BeaconEntered", "BeaconEntered"]


async def test_of_sightings_at_the_same_moment_one_is_an_entry(services: Services) -> None:
    member_id = await a_located_guest(services)
    moments = await asyncio.gather(*(sight(services, member_id) for _ in range(32)))
    assert sorted(moments) == [ENTERED, *[NOTHING] * 31]


async def test_without_consent_nothing_comes_of_it_and_nothing_is_kept(
    services: Services, database: Database
) -> None:
    member_id = await a_guest(services)
    await allow(services, member_id, ConsentKind.PERSONALIZATION, ConsentKind.MARKETING_PUSH)
    assert await sight(services, member_id) is NOTHING
    assert await database.collection(BEACON_VISITS).count({}) == 0


async def test_withdrawn_is_erased_whatever_the_phone_tells_at_that_moment(
    services: Services, database: Database
) -> None:
    member_id = await a_located_guest(services)
    await asyncio.gather(
        allow(services, member_id, ConsentKind.LOCATION, is_given=False),
        *(sight(services, member_id) for _ in range(16)),
    )
    assert await database.collection(BEACON_VISITS).count({}) == 0
    assert await sight(services, member_id) is NOTHING


async def test_a_beacon_that_is_not_ours_means_nothing(services: Services, database: Database) -> None:
    member_id = await a_located_guest(services)
    assert await sight(services, member_id, BeaconKey(KEY.uuid, 1, 3)) is NOTHING
    (kept,) = await database.collection(BEACON_VISITS).find({})
    assert kept["visits"] == []


async def test_a_merged_guests_visits_are_erased(services: Services, database: Database) -> None:
    hana = await a_member(services, HANA)
    guest = await a_guest_on(services, PHONE)
    await allow(services, guest.member_id, ConsentKind.LOCATION)
    await sight(services, guest.member_id)
    await services.sign_in.sign_in(await a_code(services, HANA), None, Language.JA, guest)
    assert await database.collection(BEACON_VISITS).count({}) == 0
    assert await sight(services, hana) is NOTHING


async def test_managers_look_after_the_beacons_of_their_own_store(
    services: Services, database: Database, store: Store, beacon: Beacon
) -> None:
    other = a_store()
    await add_stores(database, other)
    manager = (await a_shift(services, Role.STORE_MANAGER, store.id)).actor
    stranger = (await a_shift(services, Role.STORE_MANAGER, other.id)).actor
    headquarters = (await a_shift(services, Role.HEADQUARTERS)).actor
    assert await services.beacons.of_store(manager, store.id) == [beacon]
    assert await services.beacons.of_store(stranger, store.id) == []
    with pytest.raises(Forbidden):
        await services.beacons.remove(stranger, KEY, store.id)
    for act in (
        services.beacons.place(stranger, Beacon(KEY, other.id)),
        services.beacons.remove(stranger, KEY, other.id),
    ):
        with pytest.raises(BeaconElsewhere):
            await act
    moved = await services.beacons.place(headquarters, Beacon(KEY, other.id))
    assert await services.beacons.of_store(stranger, other.id) == [moved]
    assert await services.beacons.of_store(manager, store.id) == []
    await services.beacons.remove(stranger, KEY, other.id)
    assert await services.beacons.of_store(headquarters, other.id) == []
