"""A guest who has ordered turns out to be a member: the order goes on as hers."""

import pytest

from app.auth.actor import MemberActor
from app.orders.states import OrderState
from app.points.audit import audit as audit_points
from app.services import Services
from app.shared.i18n import Language
from app.shared.mongodb.database import Database
from tests.arrangements import a_code, a_member
from tests.conftest import MovableClock
from tests.integration.shop import Shop, outcome


@pytest.mark.parametrize("end", [OrderState.REJECTED, OrderState.COLLECTED])
async def test_the_guests_order_goes_on_as_the_members(
    services: Services, database: Database, clock: MovableClock, end: OrderState
) -> None:
    shop = await Shop.open(services, clock)
    hana = await a_member(services, "hana@example.com")
    guest = await shop.customer(points=500)
    order = await shop.place(guest, shop.wish((0, 1), use_points=400))
    (device,) = await services.sessions.of_member(guest)
    signed_in = await services.sign_in.sign_in(
        await a_code(services, "hana@example.com"),
        None,
        Language.JA,
        MemberActor(guest, device.id, Language.JA),
    )
    assert signed_in.merge is not None
    assert (signed_in.merge.orders_moved, await shop.balance(hana)) == (1, 100)
    assert (await shop.now(order)).member_id == hana
    assert await outcome(shop.place(guest, shop.wish((0, 1)))) == ["POINT_ACCOUNT_CLOSED"]
    if end is OrderState.REJECTED:
        await shop.move(order, end)
        assert await shop.balance(hana) == 500
    else:
        await shop.move(order, OrderState.ACCEPTED, OrderState.PREPARING, OrderState.READY, end)
        assert await shop.balance(hana) == 105
        await services.order_refunding.refund(shop.clerk, order.id, {"1": 1}, None, True, "refund-0001")
        assert await shop.balance(hana) == 500
    assert all([account.faults == () async for account in audit_points(database)])
