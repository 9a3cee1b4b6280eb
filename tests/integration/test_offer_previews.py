"""How many members an offer would reach, and what it would cost."""

import pytest

from app.catalog.repository import ProductRepository
from app.offers import conditions as c
from app.offers.model import (
    Benefit,
    BenefitKind,
    OfferScope,
)
from app.services import Services
from app.shared.money import yen
from app.stores.model import Store
from tests.arrangements import a_guest
from tests.catalog_examples import a_product, a_sku
from tests.conftest import MovableClock
from tests.examples import a_request
from tests.integration.till import Till
from tests.offer_examples import a_published_offer
from tests.purchase_examples import a_receipt


async def test_a_preview_counts_whom_the_offer_would_reach(services: Services, store: Store) -> None:
    offer = await a_published_offer(services, issued_if=c.VisitsAtLeast(1, 30))
    members = [await a_guest(services) for _ in range(3)]
    visitor = members[1]
    await services.check_ins.check_in(visitor, a_request(store, services.clock.now()))
    preview = await services.coupons.previews.preview(offer.id)
    number = (await services.members.get_many([visitor]))[0].number
    assert (preview.examined, preview.is_exact, preview.eligible) == (3, True, 1)
    assert (preview.sample, preview.cost_if_all_use) == ((number,), 0)


@pytest.mark.parametrize(
    ("benefit", "scope", "cost"),
    [
        (Benefit(BenefitKind.FIXED_PRICE, 100), {"brands": frozenset({"Akari"})}, 2 * 900),
        (Benefit(BenefitKind.FREE_ITEM, 2), {"sku_ids": frozenset({"cheap"})}, 2 * 600),
        (Benefit(BenefitKind.FREE_ITEM, 2, 500), {}, 2 * 500),
        (Benefit(BenefitKind.POINTS_MULTIPLIER, 3), {}, 2 * 11),
        (Benefit(BenefitKind.FREE_SHIPPING, 0), {}, None),
        (Benefit(BenefitKind.FREE_SHIPPING, 0, 400), {}, 2 * 400),
    ],
)
async def test_a_preview_foresees_the_cost_of_every_benefit(
    services: Services,
    clock: MovableClock,
    store: Store,
    benefit: Benefit,
    scope: dict[str, frozenset[str]],
    cost: int | None,
) -> None:
    """Two members, of whom one bought for 1,100 yen; goods for 1,000 and for 300 yen."""
    goods = [("dear", 1_000, "Akari"), ("cheap", 300, "Midori")]
    products = [a_product(skus=(a_sku(id=id, price=yen(price)),), brand=brand) for id, price, brand in goods]
    await ProductRepository(services.database).add_many(products, session=None)
    till = Till(services, store)
    customer, _ = await till.customer(), await till.customer()
    await till.sell(a_receipt(store.id, clock.now(), member_number=customer.number))
    offer = await a_published_offer(services, benefit=benefit, scope=OfferScope(**scope))
    preview = await services.coupons.previews.preview(offer.id)
    assert preview.cost_if_all_use == cost
    assert all(preview.formula.values())
