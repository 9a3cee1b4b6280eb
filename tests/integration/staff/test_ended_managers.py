"""Managers whose session has ended: nothing that they still try elsewhere counts."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from app.auth.actor import OPERATOR, MemberActor, PartnerActor, StaffActor, actor_of
from app.auth.partners import PARTNERS, PartnerUpdate, Scope
from app.auth.roles import Role
from app.cards.repository import CARD_VERIFICATIONS
from app.catalog.repository import CATEGORY_TREES, PRODUCTS
from app.composition import build_services
from app.services import Services
from app.shared.channels import Channel
from app.shared.errors import Unauthenticated
from app.shared.events import EVENTS
from app.shared.i18n import Language
from app.shared.ids import new_id
from app.shared.mongodb.database import Database
from app.shared.settings.model import Settings
from app.staff.device_repository import ENROLMENT_CODES, STORE_DEVICES
from app.staff.model import NewStaffMember
from app.staff.repository import STAFF
from app.stores.model import Store
from tests.arrangements import A_NETWORK, NEW_PIN, PIN, OnShift, a_device, a_shift, a_staff_member
from tests.catalog_examples import a_category, a_product
from tests.conftest import MovableClock

Act = Callable[[Services, StaffActor, str, str, str], Awaitable[object]]

# What a manager does to a partner, a staff member and a device.
ACTS: dict[str, Act] = {
    "add staff": lambda services, by, *_: services.staff.add(
        by, NewStaffMember("MORI", "Mori", Role.HEADQUARTERS, None, PIN, "ja")
    ),
    "reset a PIN": lambda services, by, partner, staff, device: services.staff.reset_pin(by, staff, NEW_PIN),
    "remove staff": lambda services, by, partner, staff, device: services.staff.remove(by, staff),
    "make a code": lambda services, by, *_: services.store_devices.create_enrolment_code(by, None, "Office"),
    "revoke a device": lambda services, by, partner, staff, device: services.store_devices.revoke(by, device),
    "make a partner": lambda services, by, *_: services.partners.create("Till", [], by=by),
    "change a partner": lambda services, by, partner, *_: services.partners.update(
        partner, PartnerUpdate(name="Mine"), by=by
    ),
    "rotate a secret": lambda services, by, partner, *_: services.partners.rotate_secret(partner, by=by),
    "remove a partner": lambda services, by, partner, *_: services.partners.remove(partner, by=by),
    "add a product": lambda services, by, *_: services.catalog.upsert_products([a_product()], by),
    "add a category": lambda services, by, *_: services.catalog.upsert_categories([a_category("toys")], by),
}
WRITTEN = (
    STAFF,
    STORE_DEVICES,
    ENROLMENT_CODES,
    PARTNERS,
    EVENTS,
    PRODUCTS,
    CATEGORY_TREES,
)

# What a partner does that none may do any more who is removed, or may do less by now.
PARTNER_ACTS: dict[str, Callable[[Services, PartnerActor], Awaitable[object]]] = {
    "verify a card": lambda services, by: verify_a_card(services, by),
    "add a product": lambda services, by: services.catalog.upsert_products([a_product()], by),
    "add a category": lambda services, by: services.catalog.upsert_categories([a_category("toys")], by),
}


async def verify_a_card(services: Services, by: StaffActor | PartnerActor) -> None:
    """Scans the code that a guest's phone shows."""
    registered = await services.members.register_guest(f"phone-{new_id()}", None, Language.JA, A_NETWORK)
    phone = services.access_tokens.verify(registered.signed_in.access_token, services.clock.now())
    assert isinstance(phone, MemberActor)
    code = (await services.cards.code(phone, give_secret=False)).current_code
    await services.cards.verify(by, code, f"scan-{new_id()}")


@pytest.fixture
def elsewhere(settings: Settings, database: Database, clock: MovableClock) -> Services:
    """The services of another process."""
    return build_services(settings, database, clock)


async def removed(services: Services, manager: OnShift) -> None:
    await services.staff.remove(OPERATOR, manager.member.id)


async def given_another_pin(services: Services, manager: OnShift) -> None:
    await services.staff.reset_pin(OPERATOR, manager.member.id, NEW_PIN)


async def without_a_device(services: Services, manager: OnShift) -> None:
    await services.store_devices.revoke(OPERATOR, manager.actor.device_id)


async def signed_out(services: Services, manager: OnShift) -> None:
    await services.sessions.sign_out(manager.actor.session_id)


@pytest.mark.parametrize("end", [removed, given_another_pin, without_a_device, signed_out])
@pytest.mark.parametrize("name", ACTS)
async def test_whose_session_has_ended_does_nothing_elsewhere(
    services: Services,
    elsewhere: Services,
    database: Database,
    name: str,
    end: Callable[[Services, OnShift], Awaitable[None]],
) -> None:
    manager = await a_shift(services, Role.HEADQUARTERS)
    clerk = await a_staff_member(services, Role.HEADQUARTERS)
    await a_device(services)
    (device, *_) = await services.store_devices.all()
    partner, _ = await services.partners.create("Partner", [])
    assert await elsewhere.sessions.is_live(manager.actor.session_id)
    await end(services, manager)
    before = [await database.collection(each).find({}) for each in WRITTEN]
    with pytest.raises(Unauthenticated):
        await ACTS[name](elsewhere, manager.actor, partner.id, clerk.id, device.id)
    assert [await database.collection(each).find({}) for each in WRITTEN] == before
    assert not await elsewhere.sessions.is_live(manager.actor.session_id)


@pytest.mark.parametrize("name", ACTS)
async def test_while_the_session_lives_all_of_it_is_done(services: Services, name: str) -> None:
    manager = await a_shift(services, Role.HEADQUARTERS)
    clerk = await a_staff_member(services, Role.HEADQUARTERS)
    await a_device(services)
    device = (await services.store_devices.all())[-1]
    partner, _ = await services.partners.create("Partner", [])
    await ACTS[name](services, manager.actor, partner.id, clerk.id, device.id)


@pytest.mark.parametrize("end", [removed, given_another_pin, without_a_device, signed_out])
async def test_whose_session_has_ended_verifies_no_card_elsewhere(
    services: Services,
    elsewhere: Services,
    database: Database,
    store: Store,
    end: Callable[[Services, OnShift], Awaitable[None]],
) -> None:
    clerk = await a_shift(services, Role.COUNTER, store.id)
    await verify_a_card(elsewhere, clerk.actor)
    await end(services, clerk)
    with pytest.raises(Unauthenticated):
        await verify_a_card(elsewhere, clerk.actor)
    assert await database.collection(CARD_VERIFICATIONS).count({}) == 1


async def ended_partner(services: Services, partner_id: str) -> None:
    await services.partners.remove(partner_id)


async def partner_with_less(services: Services, partner_id: str) -> None:
    await services.partners.update(partner_id, PartnerUpdate(scopes={Scope.EVENTS_READ}))


async def partner_of_a_channel(services: Services, partner_id: str) -> None:
    await services.partners.update(partner_id, PartnerUpdate(channels={Channel.ONLINE}))


async def partner_of_no_store(services: Services, partner_id: str) -> None:
    await services.partners.update(partner_id, PartnerUpdate(store_ids=set()))


@pytest.mark.parametrize("end", [ended_partner, partner_with_less, partner_of_a_channel, partner_of_no_store])
@pytest.mark.parametrize("name", PARTNER_ACTS)
async def test_a_partner_that_has_ended_does_nothing_elsewhere(
    services: Services,
    elsewhere: Services,
    database: Database,
    name: str,
    end: Callable[[Services, str], Awaitable[None]],
) -> None:
    partner, _ = await services.partners.create("Partner", [Scope.CATALOG_WRITE, Scope.CARDS_VERIFY])
    await PARTNER_ACTS[name](elsewhere, actor_of(partner))
    await end(services, partner.id)
    collections = (PRODUCTS, CATEGORY_TREES, CARD_VERIFICATIONS)
    before = [await database.collection(each).find({}) for each in collections]
    with pytest.raises(Unauthenticated):
        await PARTNER_ACTS[name](elsewhere, actor_of(partner))
    assert [await database.collection(each).find({}) for each in collections] == before


async def test_a_partner_that_may_do_more_meanwhile_goes_on(services: Services, elsewhere: Services) -> None:
    partner, _ = await services.partners.create(
        "Partner", [Scope.CATALOG_WRITE, Scope.CARDS_VERIFY], channels={Channel.ONLINE}
    )
    wider = PartnerUpdate(scopes=set(Scope), channels=set(Channel))
    await services.partners.update(partner.id, wider)
    rows = await elsewhere.catalog.upsert_products([a_product()], actor_of(partner))
    assert len(rows) == 1


async def test_whose_session_has_ended_changes_no_pin_elsewhere(
    services: Services, elsewhere: Services, database: Database, store: Store
) -> None:
    clerk = await a_shift(services, Role.COUNTER, store.id)
    await services.sessions.sign_out(clerk.actor.session_id)
    before = await database.collection(STAFF).find({})
    with pytest.raises(Unauthenticated):
        await elsewhere.staff_sign_in.change_pin(clerk.actor, PIN, NEW_PIN)
    assert await database.collection(STAFF).find({}) == before


@pytest.mark.parametrize("head_start", [0.0, 0.005, 0.01, 0.02])
async def test_who_is_removed_while_she_makes_codes_elsewhere_leaves_none(
    services: Services, elsewhere: Services, database: Database, store: Store, head_start: float
) -> None:
    manager = await a_shift(services, Role.STORE_MANAGER, store.id)

    async def make() -> None:
        try:
            await elsewhere.store_devices.create_enrolment_code(manager.actor, None, "Counter")
        except Unauthenticated:
            return

    async def remove() -> None:
        await asyncio.sleep(head_start)
        await services.staff.remove(OPERATOR, manager.member.id)

    await asyncio.gather(*(make() for _ in range(32)), remove())
    assert await database.collection(ENROLMENT_CODES).count({"made_by": manager.member.id}) == 0
