"""Looking after webhook endpoints: bounds, owners, and many at once."""

import asyncio
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from app.auth.actor import OPERATOR
from app.auth.errors import PartnerNotFound
from app.auth.partners import Scope
from app.auth.roles import Role
from app.composition import build_services
from app.services import Services
from app.shared.errors import Forbidden, Refusal, Unauthenticated
from app.shared.events import EVENTS
from app.shared.mongodb.database import ConcurrentChange, Database
from app.shared.paging import PageRequest
from app.shared.rate_limits import RATE_COUNTS
from app.shared.settings.model import Settings
from app.shared.standard_webhooks import secret_of
from app.webhooks.delivery_repository import WebhookDeliveryRepository
from app.webhooks.endpoint_repository import MAXIMUM_ENDPOINTS
from app.webhooks.errors import (
    EventTypesInvalid,
    TooManyWebhookEndpoints,
    TooManyWebhookPings,
    WebhookDeliveryNotFound,
    WebhookDeliveryPending,
    WebhookEndpointNotFound,
    WebhookEndpointOff,
    WebhookUrlInvalid,
)
from app.webhooks.model import WebhookDelivery, WebhookEndpoint, WebhookEndpointUpdate, WebhookOffReason
from tests.arrangements import a_shift
from tests.conftest import MovableClock
from tests.webhook_arrangements import (
    a_check_in,
    a_listener,
    an_endpoint,
    machinery,
    owner_of,
    tell,
)

URL = "https://hooks.example/tsunagu"


async def endpoints_of(services: Services, partner_id: str) -> list[WebhookEndpoint]:
    return [each for each, _ in (await services.webhooks.of_partner(partner_id, PageRequest(100))).items]


async def a_failed_delivery(services: Services, endpoint: WebhookEndpoint) -> WebhookDelivery:
    """A delivery that has ended: the ping of an endpoint where nobody listens."""
    delivery = await services.webhooks.ping(endpoint.id, owner_of(endpoint))
    await machinery(services).deliver_due()
    return delivery


async def test_of_many_that_are_made_at_once_ten_are_made(services: Services) -> None:
    partner, other = await a_listener(services), await a_listener(services)
    made = await asyncio.gather(
        *(
            services.webhooks.create(f"{URL}/{number}", ["CheckedIn"], each)
            for number in range(24)
            for each in (partner, other)
        ),
        return_exceptions=True,
    )
    assert Counter(type(each) for each in made) == {
        tuple: 2 * MAXIMUM_ENDPOINTS,
        TooManyWebhookEndpoints: 48 - 2 * MAXIMUM_ENDPOINTS,
    }
    for each in (partner, other):
        endpoints = await endpoints_of(services, each.partner_id)
        assert [endpoint.slot for endpoint in endpoints] == list(range(1, MAXIMUM_ENDPOINTS + 1))
        assert len({endpoint.url for endpoint in endpoints}) == MAXIMUM_ENDPOINTS
    page = await services.webhooks.of_partner(partner.partner_id, PageRequest(4))
    rest = await services.webhooks.of_partner(partner.partner_id, PageRequest(100, page.items[-1][1]))
    assert [endpoint.slot for endpoint, _ in rest.items] == [5, 6, 7, 8, 9, 10]
    await services.webhooks.remove(page.items[1][0].id, partner)
    endpoint, _ = await services.webhooks.create(URL, ["CheckedIn"], partner)
    assert endpoint.slot == 2


async def test_only_what_the_partner_sees_can_be_asked_for(services: Services) -> None:
    viewer = await a_listener(services, Scope.EVENTS_READ, Scope.CHECK_INS_READ)
    blind = await a_listener(services, Scope.CHECK_INS_READ)
    for partner, event_types in (
        (viewer, []),
        (viewer, ["GuestRegistered"]),
        (viewer, ["CheckedIn", "MemberSignedIn"]),
        (blind, ["CheckedIn"]),
    ):
        with pytest.raises(EventTypesInvalid):
            await services.webhooks.create(URL, event_types, partner)
    endpoint, _ = await services.webhooks.create(URL, ["CheckedIn"] * 3, viewer)
    assert endpoint.event_types == ("CheckedIn",)
    with pytest.raises(EventTypesInvalid):
        await services.webhooks.update(
            endpoint.id, WebhookEndpointUpdate(event_types=("GuestRegistered",)), viewer
        )


async def test_private_addresses_want_a_setting(services: Services, settings: Settings) -> None:
    strict = settings.model_copy(update={"webhook_private_addresses": False})
    careful = build_services(strict, services.database, services.clock)
    partner = await a_listener(services)
    for url in ("http://127.0.0.1/", "https://127.0.0.1/", "http://hooks.example/", "https://[::1]/"):
        with pytest.raises(WebhookUrlInvalid):
            await careful.webhooks.create(url, ["CheckedIn"], partner)
        await services.webhooks.create(url, ["CheckedIn"], partner)


async def test_what_is_anothers_is_not_to_be_found(services: Services) -> None:
    endpoint, stranger = await an_endpoint(services, 1), await a_listener(services)
    delivery = await a_failed_delivery(services, endpoint)
    for attempt in (
        services.webhooks.update(endpoint.id, WebhookEndpointUpdate(is_on=False), stranger),
        services.webhooks.rotate_secret(endpoint.id, stranger),
        services.webhooks.remove(endpoint.id, stranger),
        services.webhooks.ping(endpoint.id, stranger),
    ):
        with pytest.raises(WebhookEndpointNotFound):
            await attempt
    with pytest.raises(WebhookDeliveryNotFound):
        await services.webhooks.replay(delivery.id, stranger)
    assert await endpoints_of(services, stranger.partner_id) == []
    found = await services.webhooks.get(endpoint.id)
    assert found is not None
    assert (found.is_on, found.secrets) == (True, endpoint.secrets)


async def test_headquarters_makes_endpoints_for_partners(services: Services) -> None:
    partner, other = await a_listener(services), await a_listener(services)
    shift = await a_shift(services, Role.HEADQUARTERS)
    endpoint, _ = await services.webhooks.create(URL, ["CheckedIn"], shift.actor, partner.partner_id)
    assert await endpoints_of(services, partner.partner_id) == [endpoint]
    await services.webhooks.create(URL, ["CheckedIn"], partner, partner.partner_id)
    for by, partner_id in (
        (shift.actor, None),
        (shift.actor, "nobody"),
        (partner, other.partner_id),
    ):
        with pytest.raises(PartnerNotFound):
            await services.webhooks.create(URL, ["CheckedIn"], by, partner_id)
    manager = replace(shift.actor, role=Role.STORE_MANAGER, store_id="umeda")
    with pytest.raises(Forbidden):
        await services.webhooks.create(URL, ["CheckedIn"], manager, partner.partner_id)
    with pytest.raises(Forbidden):
        await services.webhooks.remove(endpoint.id, manager)
    await services.webhooks.remove(endpoint.id, shift.actor)
    told = await services.database.collection(EVENTS).find({"type": "WebhookEndpointRemoved"})
    assert [event["data"] for event in told] == [{"partner_id": partner.partner_id, "by": shift.member.id}]


async def test_nothing_outlives_the_session_of_headquarters(services: Services) -> None:
    endpoint, shift = await an_endpoint(services, 1), await a_shift(services, Role.HEADQUARTERS)
    await services.store_devices.revoke(OPERATOR, shift.actor.device_id)
    for attempt in (
        services.webhooks.create(URL, ["CheckedIn"], shift.actor, endpoint.partner_id),
        services.webhooks.update(endpoint.id, WebhookEndpointUpdate(url=URL), shift.actor),
        services.webhooks.rotate_secret(endpoint.id, shift.actor),
        services.webhooks.remove(endpoint.id, shift.actor),
    ):
        with pytest.raises(Unauthenticated):
            await attempt
    assert await endpoints_of(services, endpoint.partner_id) == [endpoint]


async def test_secrets_that_are_changed_at_once_leave_the_two_newest(
    services: Services, clock: MovableClock
) -> None:
    endpoint = await an_endpoint(services, 1)
    made = await asyncio.gather(
        *(services.webhooks.rotate_secret(endpoint.id, owner_of(endpoint)) for _ in range(16))
    )
    found = await services.webhooks.get(endpoint.id)
    assert found is not None
    newest, before = found.secrets
    assert (newest.signs_until, before.signs_until) == (None, clock.now() + timedelta(hours=24))
    assert {secret_of(newest.key), secret_of(before.key)} <= {secret for _, secret in made}


async def test_of_many_replays_one_is_made(services: Services) -> None:
    endpoint = await an_endpoint(services, 1)
    delivery = await a_failed_delivery(services, endpoint)
    replays = await asyncio.gather(
        *(services.webhooks.replay(delivery.id, owner_of(endpoint)) for _ in range(32)),
        return_exceptions=True,
    )
    assert Counter(type(each) for each in replays) == {WebhookDelivery: 1, WebhookDeliveryPending: 31}


async def test_what_is_off_is_neither_pinged_nor_replayed(services: Services) -> None:
    endpoint = await an_endpoint(services, 1)
    delivery = await a_failed_delivery(services, endpoint)
    off = await services.webhooks.update(endpoint.id, WebhookEndpointUpdate(is_on=False), owner_of(endpoint))
    assert off.off_reason is WebhookOffReason.CHOSEN
    for attempt in (
        services.webhooks.ping(endpoint.id, owner_of(endpoint)),
        services.webhooks.replay(delivery.id, owner_of(endpoint)),
    ):
        with pytest.raises(WebhookEndpointOff):
            await attempt


async def test_pings_have_a_limit(services: Services, clock: MovableClock) -> None:
    endpoint = await an_endpoint(services, 1)
    pings = await asyncio.gather(
        *(services.webhooks.ping(endpoint.id, owner_of(endpoint)) for _ in range(16)), return_exceptions=True
    )
    assert Counter(type(each) for each in pings) == {WebhookDelivery: 10, TooManyWebhookPings: 6}
    clock.advance(timedelta(minutes=1))
    await services.webhooks.ping(endpoint.id, owner_of(endpoint))


async def test_a_ping_counts_once_however_often_its_transaction_runs(
    services: Services, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    endpoint = await an_endpoint(services, 1)
    add_many = WebhookDeliveryRepository.add_many

    async def run_again(*arguments: Any) -> None:
        monkeypatch.setattr(WebhookDeliveryRepository, "add_many", add_many)
        raise ConcurrentChange

    monkeypatch.setattr(WebhookDeliveryRepository, "add_many", run_again)
    await services.webhooks.ping(endpoint.id, owner_of(endpoint))
    assert [each["count"] for each in await database.collection(RATE_COUNTS).find({})] == [1]


async def test_an_update_changes_what_it_names(services: Services) -> None:
    endpoint = await an_endpoint(services, 1)
    assert (
        await services.webhooks.update(endpoint.id, WebhookEndpointUpdate(), owner_of(endpoint)) == endpoint
    )
    moved = await services.webhooks.update(endpoint.id, WebhookEndpointUpdate(url=URL), owner_of(endpoint))
    assert (moved.url, moved.event_types, moved.secrets) == (URL, endpoint.event_types, endpoint.secrets)
    with pytest.raises(WebhookUrlInvalid):
        await services.webhooks.update(endpoint.id, WebhookEndpointUpdate(url="nowhere"), owner_of(endpoint))


async def test_a_removed_endpoint_is_gone(services: Services) -> None:
    endpoint = await an_endpoint(services, 1)
    removals = await asyncio.gather(
        *(services.webhooks.remove(endpoint.id, owner_of(endpoint)) for _ in range(8)),
        return_exceptions=True,
    )
    assert Counter(type(each) for each in removals) == {type(None): 1, WebhookEndpointNotFound: 7}
    await tell(services, a_check_in(services))
    await machinery(services).deliver_due()
    page = await services.webhooks.deliveries(endpoint.id, PageRequest(10))
    assert page.items == ()


async def test_refusals_say_what_there_is_to_say(services: Services) -> None:
    endpoint = await an_endpoint(services, 1)
    with pytest.raises(Refusal) as refused:
        await services.webhooks.update(endpoint.id, WebhookEndpointUpdate(url="x"), owner_of(endpoint))
    assert refused.value.path == ("input", "url")
    assert refused.value.numbers == {"maximum": 1000}
