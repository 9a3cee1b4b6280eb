"""Guests, their cards and profiles."""

import asyncio
from datetime import timedelta

import pytest

from app.auth.sessions import SESSIONS
from app.composition import build_services
from app.members.errors import DeviceIdInvalid, DeviceSignedUp, LocaleUnknown, TooManyNewGuests
from app.members.model import ProfileUpdate
from app.members.repository import MEMBERS
from app.services import Services
from app.shared.errors import SeveralRefusals, Unauthenticated
from app.shared.events import EVENTS
from app.shared.i18n import Language
from app.shared.mongodb.database import Database
from app.shared.settings.model import Settings
from tests.arrangements import A_NETWORK, a_guest, add_stores
from tests.conftest import MovableClock
from tests.examples import DEVICE_ID, a_store, is_member_number


async def test_a_new_device_gets_a_card(services: Services, database: Database) -> None:
    registered = await services.members.register_guest(DEVICE_ID, "en-US", Language.JA, A_NETWORK)
    member = registered.member
    assert is_member_number(member.number)
    assert member.is_guest
    assert member.language is Language.EN
    actor = services.access_tokens.verify(registered.signed_in.access_token, services.clock.now())
    assert (actor.member_id, actor.language) == (member.id, Language.EN)
    assert await services.members.get(member.id) == member
    assert [event["type"] for event in await database.collection(EVENTS).find({})] == ["GuestRegistered"]


async def test_the_same_device_finds_the_same_guest(services: Services, database: Database) -> None:
    first = await services.members.register_guest(DEVICE_ID, None, Language.JA, A_NETWORK)
    again = await services.members.register_guest(DEVICE_ID, None, Language.EN, A_NETWORK)
    assert again.member == first.member
    assert again.signed_in.refresh_token != first.signed_in.refresh_token
    assert await database.collection(SESSIONS).count({}) == 2


async def test_32_calls_of_one_device_make_one_guest(services: Services, database: Database) -> None:
    registered = await asyncio.gather(
        *(services.members.register_guest(DEVICE_ID, None, Language.JA, A_NETWORK) for _ in range(32))
    )
    assert len({each.member.number for each in registered}) == 1
    assert await database.collection(MEMBERS).count({}) == 1
    assert await database.collection(EVENTS).count({}) == 1


async def test_secrets_are_kept_as_hashes_only(services: Services, database: Database) -> None:
    registered = await services.members.register_guest(DEVICE_ID, None, Language.JA, A_NETWORK)
    kept = str(await database.collection(MEMBERS).find({}) + await database.collection(SESSIONS).find({}))
    assert DEVICE_ID not in kept
    assert registered.signed_in.refresh_token not in kept


async def test_a_device_id_must_be_a_secret(services: Services) -> None:
    with pytest.raises(DeviceIdInvalid):
        await services.members.register_guest("my phone", None, Language.JA, A_NETWORK)


async def test_an_unknown_locale_is_refused(services: Services, database: Database) -> None:
    with pytest.raises(LocaleUnknown):
        await services.members.register_guest(DEVICE_ID, "de", Language.JA, A_NETWORK)
    assert await database.collection(MEMBERS).count({}) == 0


async def test_a_device_id_does_not_open_a_signed_up_members_account(
    services: Services, database: Database
) -> None:
    await services.members.register_guest(DEVICE_ID, None, Language.JA, A_NETWORK)
    await database.collection(MEMBERS).find_one_and_update({}, {"$set": {"is_guest": False}})
    with pytest.raises(DeviceSignedUp):
        await services.members.register_guest(DEVICE_ID, None, Language.JA, A_NETWORK)


async def test_a_profile_is_changed_field_by_field(services: Services, database: Database) -> None:
    store = a_store()
    await add_stores(database, store)
    member_id = await a_guest(services)
    await services.members.update_profile(
        member_id, ProfileUpdate(nickname="さくら", favourite_store_ids=(store.id,))
    )
    member = await services.members.update_profile(member_id, ProfileUpdate(postal_code="5300001"))
    assert member.profile.nickname == "さくら"
    assert member.profile.postal_code == "530-0001"
    assert member.profile.favourite_store_ids == (store.id,)
    cleared = await services.members.update_profile(member_id, ProfileUpdate(nickname=None))
    assert cleared.profile.nickname is None
    assert await services.members.get(member_id) == cleared


async def test_a_profile_is_changed_whole_or_not_at_all(services: Services) -> None:
    member_id = await a_guest(services)
    with pytest.raises(SeveralRefusals):
        await services.members.update_profile(member_id, ProfileUpdate(nickname="さくら", postal_code="1"))
    with pytest.raises(SeveralRefusals) as refused:
        await services.members.update_profile(
            member_id, ProfileUpdate(nickname="", favourite_store_ids=("nowhere",))
        )
    assert [each.code for each in refused.value.refusals] == ["NICKNAME_INVALID", "STORE_NOT_FOUND"]
    member = await services.members.get(member_id)
    assert member is not None
    assert member.profile.nickname is None


async def test_an_update_of_nothing_changes_nothing(services: Services, database: Database) -> None:
    member_id = await a_guest(services)
    await database.collection(EVENTS).delete_many({})
    assert await services.members.update_profile(member_id, ProfileUpdate()) == await services.members.get(
        member_id
    )
    assert await database.collection(EVENTS).count({}) == 0


async def test_a_guest_changes_her_language(services: Services) -> None:
    await services.members.register_guest(DEVICE_ID, "ja", Language.EN, A_NETWORK)
    again = await services.members.register_guest(DEVICE_ID, "en", Language.JA, A_NETWORK)
    assert again.member.language is Language.EN
    later = await services.members.register_guest(DEVICE_ID, None, Language.JA, A_NETWORK)
    assert later.member.language is Language.EN


async def test_a_member_who_is_gone_cannot_be_changed(services: Services) -> None:
    with pytest.raises(Unauthenticated):
        await services.members.update_profile("nobody", ProfileUpdate(nickname="x"))


async def test_new_guests_of_one_network_are_limited_and_returning_ones_are_not(
    database: Database, settings: Settings, clock: MovableClock
) -> None:
    few = settings.model_copy(update={"new_guests_per_network": 3})
    services = build_services(few, database, clock)

    async def register(number: int, network: str = A_NETWORK) -> str:
        try:
            await services.members.register_guest(f"a-phone-of-many-{number:08d}", None, Language.JA, network)
        except TooManyNewGuests as refused:
            return f"wait {refused.numbers['wait_seconds']}"
        return "registered"

    outcomes = await asyncio.gather(*(register(number) for number in range(32)))
    assert (outcomes.count("registered"), outcomes.count("wait 3600")) == (3, 29)
    assert await database.collection(MEMBERS).count({}) == 3
    known = outcomes.index("registered")
    assert {await register(known) for _ in range(5)} == {"registered"}
    assert await register(100, "198.51.100.1") == "registered"
    clock.advance(timedelta(hours=1))
    assert await register(101) == "registered"


async def test_a_phone_that_is_sent_twice_at_once_is_not_in_its_own_way(
    database: Database, settings: Settings, clock: MovableClock
) -> None:
    """It is one new guest, also where the network may have one more."""
    services = build_services(settings.model_copy(update={"new_guests_per_network": 1}), database, clock)

    async def register(device_id: str) -> str:
        return (await services.members.register_guest(device_id, None, Language.JA, A_NETWORK)).member.id

    assert len(set(await asyncio.gather(*(register("a-phone-of-a-quick-thumb") for _ in range(8))))) == 1
    with pytest.raises(TooManyNewGuests):
        await register("a-phone-of-somebody-else")
