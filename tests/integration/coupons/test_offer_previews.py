"""How many members an offer would reach, and what it would cost."""

import pytest

from app.catalog.repository import ProductRepository
from app.coupons import preview
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
    found = await services.coupons.previews.preview(offer.id)
    number = (await services.members.get_many([visitor]))[0].number
    assert (found.examined, found.is_exact, found.eligible) == (3, True, 1)
    assert (found.sample, found.cost_if_all_use) == ((number,), 0)
    assert found.error_points == 0


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
    found = await services.coupons.previews.preview(offer.id)
    assert found.cost_if_all_use == cost
    assert all(found.formula.values())


async def test_of_more_members_than_it_looks_at_a_preview_judges_those_with_the_lowest_numbers(
    services: Services, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Which are random: who has been a member for long is not judged sooner."""
    monkeypatch.setattr(preview, "MEMBERS_AT_ONCE", 2)
    monkeypatch.setattr(preview, "MOST_EXAMINED", 4)
    offer = await a_published_offer(services, issued_if=c.VisitsAtLeast(1, 30))
    guests = await services.members.get_many([await a_guest(services) for _ in range(7)])
    numbered = sorted(guests, key=lambda each: each.number)
    for visitor in (numbered[1], numbered[2], numbered[4]):
        await services.check_ins.check_in(visitor.id, a_request(store, services.clock.now()))
    found = await services.coupons.previews.preview(offer.id)
    assert (found.examined, found.is_exact, found.eligible) == (4, False, 2)
    assert found.sample == (numbered[1].number, numbered[2].number)
    assert found.error_points == 25


@pytest.mark.parametrize("eligible", [0, 1, 5_000, 10_000])
def test_a_share_of_those_looked_at_is_off_by_half_a_point_at_most(eligible: int) -> None:
    found = preview.OfferPreview(preview.MOST_EXAMINED, False, eligible, (), None, {})
    assert 0 <= found.error_points <= 0.5
    assert (found.error_points == 0) is (eligible in {0, preview.MOST_EXAMINED})
