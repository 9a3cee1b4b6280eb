"""Orders ahead in the one history: each is a purchase once it is collected, and returned as an order."""

from datetime import timedelta

from app.catalog.model import TaxRate
from app.members.model import Rank
from app.orders.model import Order
from app.orders.states import OrderState
from app.point_rules.model import PointCampaign, PointRules
from app.points.audit import audit
from app.points.model import PointReason, PointSource
from app.purchases.model import PurchaseFilter, SpendingBy
from app.purchases.repository import PURCHASES
from app.services import Services
from app.shared.channels import Channel
from app.shared.i18n import Language
from app.shared.ids import new_id
from app.shared.mongodb.database import Database, Session
from app.shared.paging import PageRequest
from tests.conftest import MovableClock
from tests.integration.shop import Shop
from tests.integration.till import Till, codes
from tests.purchase_examples import a_line, a_name, a_receipt, a_return


async def collected(shop: Shop, member: str, use_points: int = 0) -> Order:
    """Two goods of 1,000 yen and one of 300."""
    order = await shop.place(member, shop.wish((0, 2), (1, 1), use_points=use_points))
    steps = (OrderState.ACCEPTED, OrderState.PREPARING, OrderState.READY, OrderState.COLLECTED)
    return await shop.move(order, *steps)


async def refund(shop: Shop, order: Order, pieces: dict[str, int]) -> Order:
    refunded = await shop.services.order_refunding.refund(
        shop.clerk, order.id, pieces, "wrong colour", True, f"refund-{new_id()}"
    )
    return refunded.order


async def miles(services: Services, member_id: str) -> int:
    member = await services.members.get(member_id)
    assert member is not None
    return member.miles_in(2026)


async def test_a_collected_order_is_a_purchase(
    services: Services, database: Database, clock: MovableClock
) -> None:
    shop = await Shop.open(services, clock)
    member = await shop.customer(points=1_200)
    order = await collected(shop, member, 1_200)
    page = await services.purchase_history.of_member(member, PurchaseFilter(), PageRequest(10))
    ((purchase, _),) = page.items
    assert (purchase.order_id, purchase.name.channel, purchase.name.store_id) == (
        order.id,
        Channel.STORE,
        shop.store.id,
    )
    assert (purchase.total, purchase.points_used, purchase.points_earned) == (2_300, 1_200, 10)
    assert await miles(services, member) == purchase.miles_earned == 1_000
    order = await refund(shop, order, {"1": 1})
    order = await refund(shop, order, {"1": 1, "2": 1})
    after = await services.purchase_history.get(purchase.id)
    assert after is not None
    assert (after.amount_returned, after.points_returned, after.points_earned) == (2_300, 1_200, 0)
    assert await miles(services, member) == after.miles_earned == 0
    assert len(await services.purchase_history.returns_of(purchase.id)) == 2
    spending = await services.purchase_history.spending(member, SpendingBy.CHANNEL, None, None)
    assert [each.amount for each in spending] in ([0], [])
    assert all([account.faults == () async for account in audit(database)])


async def test_an_order_that_is_not_collected_is_none(
    services: Services, database: Database, clock: MovableClock
) -> None:
    shop = await Shop.open(services, clock)
    order = await shop.place(await shop.customer(), shop.wish((0, 1)))
    await shop.move(order, OrderState.ACCEPTED)
    assert await database.collection(PURCHASES).count({}) == 0


async def test_a_till_does_not_return_an_order(services: Services, clock: MovableClock) -> None:
    shop = await Shop.open(services, clock)
    order = await collected(shop, await shop.customer())
    found = await services.database.collection(PURCHASES).find_one({"order_id": order.id})
    assert found is not None
    till = Till(services, shop.store)
    name = a_name(shop.store.id, found["receipt_number"], terminal=found["terminal"])
    receipt = a_receipt(shop.store.id, clock.now(), name=name)
    assert codes(await till.take(a_return(receipt, clock.now(), {1: 1}))) == ["RETURN_OF_ORDER"]
    assert codes(await till.send(receipt)) == ["RECEIPT_NAME_INVALID"]


async def test_what_a_refunded_order_had_earned_is_owed_when_it_is_spent(
    services: Services, database: Database, clock: MovableClock
) -> None:
    shop = await Shop.open(services, clock)
    member = await shop.customer()
    order = await collected(shop, member)
    assert await shop.balance(member) == 20
    clock.advance(timedelta(days=15))  # the window of returns is over: they can be spent

    async def spend(session: Session) -> None:
        source = PointSource("spent", PointReason.PAYMENT, clock.now())
        await services.points.spend(member, 15, source, session)

    await database.transaction(spend)
    await refund(shop, order, {"1": 2, "2": 1})
    assert await shop.balance(member) == -15
    assert all([account.faults == () async for account in audit(database)])


async def test_an_order_earns_what_the_same_receipt_of_a_till_does(
    services: Services, database: Database, clock: MovableClock
) -> None:
    shop = await Shop.open(services, clock)
    till = Till(services, shop.store)
    await services.point_rules.set_rules(
        shop.clerk, PointRules(clock.now(), 50, counts_tax=True, rank_percents={Rank.MEMBER: 150})
    )
    await services.point_rules.start_campaign(
        shop.clerk,
        PointCampaign(
            "",
            {Language.JA: "2倍", Language.EN: "Double"},
            200,
            clock.now(),
            clock.now() + timedelta(days=1),
            store_ids=frozenset({shop.store.id}),
        ),
    )
    member, customer = await shop.customer(), await till.customer()
    placed = await shop.place(member, shop.wish((0, 2), (1, 1)))
    order = await shop.move(
        placed, OrderState.ACCEPTED, OrderState.PREPARING, OrderState.READY, OrderState.COLLECTED
    )
    lines = [
        a_line(line.amount, quantity=line.quantity, tax_rate=TaxRate.STANDARD, sku_id=line.item.sku_id)
        for line in order.lines
    ]
    receipt = a_receipt(shop.store.id, clock.now(), *lines, member_number=customer.number)
    bought = (await till.sell(receipt)).purchase
    assert bought is not None
    assert placed.totals.points_to_earn == order.totals.points_to_earn == bought.points_earned == 138
    assert (await services.points.account(member)).lots == (await services.points.account(customer.id)).lots
    for pieces in ({"1": 1}, {"2": 1}, {"1": 1}):
        await refund(shop, order, pieces)
    assert await shop.balance(member) == 0
    assert await miles(services, member) == 0
    assert all([account.faults == () async for account in audit(database)])
