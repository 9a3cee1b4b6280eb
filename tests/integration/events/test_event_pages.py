"""What partners read of the events: what its scopes show, and not a field more."""

from datetime import timedelta

import pytest

from app.auth.actor import PartnerActor
from app.auth.partners import Scope
from app.events.publications import PUBLICATIONS
from app.events.unpublished import UNPUBLISHED
from app.events.visibility import may_see
from app.payments.acts import EVENTS_OF, REFUND_FAILED
from app.services import Services
from app.shared.channels import Channel
from app.shared.errors import CursorInvalid
from app.shared.events import Event
from app.shared.ids import opaque_id
from app.shared.paging import PageRequest, encode_cursor
from tests.arrangements import add_stores
from tests.examples import a_store
from tests.webhook_arrangements import a_check_in, a_listener, machinery, read_on, tell


async def test_an_event_is_shown_as_its_publication_says(services: Services) -> None:
    viewer = await a_listener(services)
    event = a_check_in(services)
    await tell(services, event)
    assert (await read_on(services, viewer, None))[0] == []
    await machinery(services).dispatch.dispatch()
    ((shown,), _) = await read_on(services, viewer, None)
    assert (shown.id, shown.type, shown.version, shown.occurred_at) == (
        event.id,
        "CheckedIn",
        1,
        services.clock.now(),
    )
    assert shown.subject == opaque_id("Member", "mio")
    assert shown.data == {
        "checkInId": opaque_id("CheckIn", event.data["check_in_id"]),
        "storeId": opaque_id("Store", "umeda"),
        "points": 10,
    }


async def test_a_partner_sees_what_its_scopes_and_limits_show(services: Services) -> None:
    umeda, online = a_store(), a_store(channel=Channel.ONLINE)
    await add_stores(services.database, umeda, online)
    at = services.clock.now()
    ids = await tell(
        services,
        a_check_in(services, store_id=umeda.id),
        a_check_in(services, store_id=online.id),
        Event("GuestRegistered", "member:hana", at, {"number": "2511547642102916"}),
        Event("WebhookEndpointSwitchedOff", "webhook_endpoint:a", at, {"partner_id": "p", "reason": "GONE"}),
        Event("WebhookEndpointSwitchedOff", "webhook_endpoint:b", at, {"partner_id": "q", "reason": "GONE"}),
        Event("MemberSignedIn", "member:mio", at, {"channel": "EMAIL"}),
    )
    await machinery(services).dispatch.dispatch()

    async def seen_with(
        *scopes: Scope, channels: set[Channel] | None = None, stores: set[str] | None = None
    ) -> list[int]:
        limits = [None if each is None else frozenset(each) for each in (channels, stores)]
        actor = PartnerActor("p", frozenset(scopes), *limits)  # type: ignore[arg-type]
        viewer = await services.events.viewer(actor)
        seen = [event.id for event in (await read_on(services, actor, None))[0]]
        every = [await services.events.get(each) for each in ids]
        assert seen == [event.id for event in every if event and may_see(viewer, event)]
        return [ids.index(each) for each in seen]

    assert await seen_with() == []
    assert await seen_with(Scope.CHECK_INS_READ, Scope.MEMBERS_READ) == []
    assert await seen_with(Scope.EVENTS_READ) == [3]
    assert await seen_with(Scope.EVENTS_READ, Scope.CHECK_INS_READ) == [0, 1, 3]
    assert await seen_with(Scope.EVENTS_READ, Scope.MEMBERS_READ) == [2, 3]
    assert await seen_with(*Scope) == [0, 1, 2, 3]
    assert await seen_with(*Scope, stores={umeda.id, "none"}) == [0, 3]
    assert await seen_with(*Scope, stores=set()) == [3]
    assert await seen_with(*Scope, channels={Channel.ONLINE}) == [1, 3]
    assert await seen_with(*Scope, channels={Channel.ONLINE, Channel.STORE}) == [0, 1, 3]
    assert await seen_with(*Scope, channels={Channel.SOCIAL}) == [3]
    assert await seen_with(*Scope, channels={Channel.STORE}, stores={umeda.id, online.id}) == [0, 3]
    assert await seen_with(*Scope, channels={Channel.STORE}, stores={online.id}) == [3]


async def test_what_is_shown_holds_nothing_that_is_not_in_the_table(services: Services) -> None:
    private = {"number": "2511547642102916", "destination": "mio@example.com", "latitude": 34.7}
    facts = {
        "check_in_id": "c",
        "store_id": "s",
        "points": 1,
        "guest_id": "g",
        "reason": "GONE",
        "product_ids": ["a", "b"],
        "reference": "order:o",
    }
    viewer = PartnerActor("till", frozenset(Scope))
    await tell(
        services,
        *(
            Event(name, "thing:x", services.clock.now(), {**private, **facts, "partner_id": "till"})
            for name in PUBLICATIONS
        ),
    )
    await machinery(services).dispatch.dispatch()
    seen, _ = await read_on(services, viewer, None)
    assert {event.type for event in seen} == set(PUBLICATIONS)
    (products,) = [event.data for event in seen if event.type == "ProductsChanged"]
    assert products == {"productIds": [opaque_id("Product", "a"), opaque_id("Product", "b")]}
    (captured,) = [event for event in seen if event.type == "PaymentCaptured"]
    assert captured.subject == opaque_id("Payment", "x")
    assert captured.data["orderId"] == opaque_id("Order", "o")
    (categories,) = [event.data for event in seen if event.type == "CategoriesChanged"]
    assert categories == {"categoryIds": None}  # as of an older version
    for value in private.values():
        assert str(value) not in str(seen)


def test_each_kind_is_shown_or_not_for_one_reason() -> None:
    assert not PUBLICATIONS.keys() & UNPUBLISHED.keys()
    assert all(UNPUBLISHED.values())


def test_whatever_becomes_of_a_payment_is_told() -> None:
    assert {*EVENTS_OF.values(), REFUND_FAILED} <= set(PUBLICATIONS)


async def test_pages_go_on_from_any_cursor(services: Services) -> None:
    viewer = await a_listener(services)
    ids = await tell(services, *(a_check_in(services, store_id=f"store-{number}") for number in range(5)))
    await machinery(services).dispatch.dispatch()
    page = await services.events.page(viewer, PageRequest(2))
    assert page.has_next
    for number, (event, cursor) in enumerate(page.items, 1):
        assert event.id == ids[number - 1]
        assert [each.id for each in (await read_on(services, viewer, cursor))[0]] == ids[number:]
    end = (await read_on(services, viewer, None))[1]
    services.clock.advance(timedelta(days=400))  # type: ignore[attr-defined]
    (late,) = await tell(services, a_check_in(services))
    await machinery(services).dispatch.dispatch()
    assert [each.id for each in (await read_on(services, viewer, end))[0]] == [late]
    with pytest.raises(CursorInvalid):
        await services.events.page(viewer, PageRequest(2, encode_cursor(("x",))))
