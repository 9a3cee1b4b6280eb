"""Partners: secrets, scopes and their end."""

from datetime import timedelta

import pytest

from app.auth.actor import PartnerActor
from app.auth.errors import PartnerNotFound, ScopeUnknown
from app.auth.partner_service import scopes_of
from app.auth.partners import PARTNERS, Scope
from app.services import Services, build_services
from app.shared.database import Database
from app.shared.settings import Settings
from tests.conftest import MovableClock


async def test_a_partner_is_let_in_by_its_secret(
    services: Services, database: Database, clock: MovableClock
) -> None:
    partner, secret = await services.partners.create("Till at Umeda", [Scope.CARDS_VERIFY])
    assert await services.partners.authenticate(partner.id, secret) == partner
    for wrong in (("partner-none", secret), (partner.id, ""), (partner.id, secret + "x")):
        assert await services.partners.authenticate(*wrong) is None
    granted = services.partners.grant(partner, None)
    actor = services.access_tokens.verify(granted.token.text, clock.now())
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
    assert await services.partners.is_live(partner.id)
    assert await elsewhere.partners.is_live(partner.id)
    await services.partners.remove(partner.id)
    assert not await services.partners.is_live(partner.id)
    clock.advance(timedelta(seconds=30))
    assert not await elsewhere.partners.is_live(partner.id)
    for act in (services.partners.remove, services.partners.rotate_secret):
        with pytest.raises(PartnerNotFound):
            await act(partner.id)


async def test_partners_are_listed_by_name(services: Services) -> None:
    for name in ("b", "c", "a"):
        await services.partners.create(name, [Scope.CARDS_VERIFY])
    assert [partner.name for partner in await services.partners.all()] == ["a", "b", "c"]
