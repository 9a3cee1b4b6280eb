"""Partners: secrets, scopes and their end."""

from dataclasses import replace
from datetime import timedelta

import pytest

from app.auth.actor import PartnerActor
from app.auth.errors import PartnerNotFound, ScopeUnknown, TokenRefused, TooManyStores
from app.auth.partner_service import scopes_of
from app.auth.partners import PARTNERS, PartnerUpdate, Scope
from app.auth.roles import Role
from app.composition import build_services
from app.services import Services
from app.shared.channels import Channel
from app.shared.events import EVENTS
from app.shared.mongodb.database import Database
from app.shared.names import NameInvalid
from app.shared.paging import PageRequest
from app.shared.settings.model import Settings
from app.stores.errors import StoreNotFound
from tests.arrangements import a_shift, add_stores
from tests.conftest import MovableClock
from tests.examples import a_store


async def test_a_partner_is_let_in_by_its_secret(services: Services, database: Database) -> None:
    partner, secret = await services.partners.create("Till at Umeda", [Scope.CARDS_VERIFY])
    assert await services.partners.authenticate(partner.id, secret) == partner
    for wrong in (("partner-none", secret), (partner.id, ""), (partner.id, secret + "x")):
        assert await services.partners.authenticate(*wrong) is None
    granted = services.partners.grant(partner, None)
    actor = await services.door.actor(f"Bearer {granted.token.text}")
    assert actor == PartnerActor(partner.id, frozenset({Scope.CARDS_VERIFY}))
    assert secret not in str(await database.collection(PARTNERS).find({}))


async def test_two_secrets_live_while_they_rotate(services: Services) -> None:
    partner, first = await services.partners.create("Till", [Scope.CARDS_VERIFY])
    second = await services.partners.rotate_secret(partner.id)
    assert await services.partners.authenticate(partner.id, first)
    third = await services.partners.rotate_secret(partner.id)
    assert await services.partners.authenticate(partner.id, first) is None
    assert await services.partners.authenticate(partner.id, second)
    assert await services.partners.authenticate(partner.id, third)


async def test_a_partner_has_no_scope_that_it_was_not_given(services: Services) -> None:
    partner, _ = await services.partners.create("Nobody", [])
    with pytest.raises(ScopeUnknown):
        services.partners.grant(partner, frozenset({Scope.CARDS_VERIFY}))
    with pytest.raises(ScopeUnknown):
        scopes_of("cards:verify everything")
    assert scopes_of("cards:verify") == {Scope.CARDS_VERIFY}


async def test_a_partner_that_is_removed_is_out(
    services: Services, database: Database, settings: Settings, clock: MovableClock
) -> None:
    elsewhere = build_services(settings, database, clock)
    partner, _ = await services.partners.create("Till", [Scope.CARDS_VERIFY])
    token = f"Bearer {services.partners.grant(partner, None).token.text}"
    assert await services.door.actor(token) == await elsewhere.door.actor(token)
    await services.partners.remove(partner.id)
    with pytest.raises(TokenRefused):
        await services.door.actor(token)
    clock.advance(timedelta(seconds=30))
    with pytest.raises(TokenRefused):
        await elsewhere.door.actor(token)
    for act in (services.partners.remove, services.partners.rotate_secret):
        with pytest.raises(PartnerNotFound):
            await act(partner.id)


async def test_partners_are_listed_by_name(services: Services) -> None:
    for name in ("b", "c", "a"):
        await services.partners.create(name, [Scope.CARDS_VERIFY])
    assert [partner.name for partner in await services.partners.all()] == ["a", "b", "c"]


async def test_a_partner_that_is_changed_may_do_no_more_than_its_record_says(
    services: Services, database: Database, settings: Settings, clock: MovableClock
) -> None:
    elsewhere = build_services(settings, database, clock)
    store = a_store()
    await add_stores(database, store)
    partner, _ = await services.partners.create("Till", list(Scope))
    token = f"Bearer {services.partners.grant(partner, None).token.text}"
    before = await elsewhere.door.actor(token)
    assert before == PartnerActor(partner.id, frozenset(Scope))
    update = PartnerUpdate(
        scopes={Scope.CARDS_VERIFY}, channels={Channel.STORE, Channel.POPUP}, store_ids={store.id}
    )
    changed = await services.partners.update(partner.id, update)
    assert (changed.name, changed.secret_hashes) == ("Till", partner.secret_hashes)
    after = PartnerActor(
        partner.id,
        frozenset({Scope.CARDS_VERIFY}),
        frozenset({Channel.STORE, Channel.POPUP}),
        frozenset({store.id}),
    )
    assert await services.door.actor(token) == after
    assert await elsewhere.door.actor(token) == before
    clock.advance(timedelta(seconds=30))
    assert await elsewhere.door.actor(token) == after


async def test_a_token_never_grows_beyond_what_it_was_granted(services: Services) -> None:
    partner, _ = await services.partners.create("Till", [Scope.CARDS_VERIFY])
    token = f"Bearer {services.partners.grant(partner, None).token.text}"
    await services.partners.update(partner.id, PartnerUpdate(scopes=frozenset(Scope)))
    assert await services.door.actor(token) == PartnerActor(partner.id, frozenset({Scope.CARDS_VERIFY}))


async def test_an_update_changes_what_it_names_and_nothing_else(services: Services) -> None:
    partner, _ = await services.partners.create("Shop", [], [Channel.ONLINE], [])
    renamed = await services.partners.update(partner.id, PartnerUpdate(name="E-shop"))
    assert renamed == replace(partner, name="E-shop")
    assert await services.partners.update(partner.id, PartnerUpdate()) == renamed
    unlimited = await services.partners.update(partner.id, PartnerUpdate(channels=None, store_ids=None))
    assert (unlimited.channels, unlimited.store_ids) == (None, None)
    with pytest.raises(PartnerNotFound):
        await services.partners.update("partner-none", PartnerUpdate(name="x"))


async def test_a_limit_names_stores_that_exist_and_not_too_many(services: Services) -> None:
    with pytest.raises(StoreNotFound):
        await services.partners.create("Till", [], None, ["nowhere"])
    with pytest.raises(TooManyStores):
        await services.partners.create("Till", [], None, [f"store-{number}" for number in range(101)])
    with pytest.raises(NameInvalid):
        await services.partners.create("  ", [])
    assert await services.partners.all() == []


async def test_what_is_done_with_partners_is_told_with_who_did_it(
    services: Services, database: Database
) -> None:
    director = (await a_shift(services, Role.HEADQUARTERS)).actor
    partner, _ = await services.partners.create("Till", [], by=director)
    await services.partners.update(partner.id, PartnerUpdate(name="Till 2"), by=director)
    await services.partners.rotate_secret(partner.id, by=director)
    await services.partners.remove(partner.id)
    told = await database.collection(EVENTS).find(
        {"subject": f"partner:{partner.id}"}, sort=[("written_at", 1)]
    )
    assert {(event["type"], event["data"]["by"]) for event in told} == {
        ("PartnerCreated", director.staff_id),
        ("PartnerUpdated", director.staff_id),
        ("PartnerSecretRotated", director.staff_id),
        ("PartnerRemoved", None),
    }


async def test_partners_come_in_pages(services: Services) -> None:
    for name in ("b", "a", "a", "c"):
        await services.partners.create(name, [])
    first = await services.partners.page(PageRequest(3))
    assert [partner.name for partner, _ in first.items] == ["a", "a", "b"]
    assert first.has_next
    second = await services.partners.page(PageRequest(3, first.items[1][1]))
    assert [partner.name for partner, _ in second.items] == ["b", "c"]
    assert not second.has_next
