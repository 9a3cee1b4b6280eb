"""Offers and segments on a real MongoDB."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from app.offers import conditions as c
from app.offers.errors import OfferChanged, OfferCodeTaken, OfferNotFound, SegmentNotFound
from app.offers.model import Distribution, OfferMoment, OfferMove, OfferScope, OfferState, UsableWhen
from app.services import Services
from app.shared.errors import Refusal, SeveralRefusals
from app.shared.geo import GeoPoint
from app.shared.i18n import Language
from app.shared.paging import PageRequest
from app.stores.model import Store
from tests.arrangements import add_catalog
from tests.conftest import MovableClock
from tests.examples import UMEDA
from tests.integration.stockroom import codes_of
from tests.offer_examples import a_published_offer, some_terms

NAMES = {Language.JA: "常連", Language.EN: "Regulars"}


async def test_a_version_stays_for_what_was_issued_under_it(services: Services) -> None:
    offer = await a_published_offer(services)
    changed = await services.offers.update(offer.id, 1, replace(offer.terms, priority=7))
    assert (changed.version, changed.state) == (2, OfferState.ACTIVE)
    terms = await services.offers.terms_of([(offer.id, 1), (offer.id, 2)])
    assert [each.priority for each in terms.values()] == [0, 7]


async def test_of_many_changes_of_one_version_one_counts(services: Services) -> None:
    offer = await a_published_offer(services)

    async def change(number: int) -> str:
        try:
            await services.offers.update(offer.id, 1, replace(offer.terms, priority=number))
        except Refusal as refusal:
            return refusal.code
        return "done"

    outcomes = await asyncio.gather(*(change(number) for number in range(32)))
    assert sorted(outcomes) == ["OFFER_CHANGED"] * 31 + ["done"]


async def test_of_many_who_move_an_offer_one_does(services: Services) -> None:
    offer = await services.offers.create(some_terms())

    async def publish() -> str:
        try:
            await services.offers.move(offer.id, OfferMove.PUBLISH)
        except Refusal as refusal:
            return refusal.code
        return "done"

    outcomes = await asyncio.gather(*(publish() for _ in range(32)))
    assert sorted(outcomes).count("done") == 1
    assert set(outcomes) <= {"done", "OFFER_MOVE_ILLEGAL", "OFFER_CHANGED"}


async def test_live_offers_are_those_that_are_given_now(services: Services, clock: MovableClock) -> None:
    on_arrival = Distribution.CHECK_IN
    given = await a_published_offer(services, distribution=on_arrival)
    await a_published_offer(services)
    await a_published_offer(services, distribution=on_arrival, starts_at=clock.now() + timedelta(minutes=1))
    await services.offers.create(some_terms(distribution=on_arrival))
    assert [each.id for each in await services.offers.given_at(OfferMoment.CHECK_IN)] == [given.id]
    assert len(await services.offers.running()) == 2
    await services.offers.move(given.id, OfferMove.PAUSE)
    assert await services.offers.given_at(OfferMoment.CHECK_IN) == []
    clock.advance(timedelta(minutes=1))
    assert len(await services.offers.given_at(OfferMoment.CHECK_IN)) == 1


async def test_a_rule_names_its_moments(services: Services) -> None:
    moments = frozenset({OfferMoment.CHECK_IN, OfferMoment.SIGN_UP})
    offer = await a_published_offer(services, distribution=Distribution.RULE, moments=moments)
    for moment in OfferMoment:
        given = [each.id for each in await services.offers.given_at(moment)]
        assert given == ([offer.id] if moment in moments else [])


async def test_a_code_belongs_to_one_offer(services: Services) -> None:
    await a_published_offer(services, distribution=Distribution.CODE, code="AUTUMN10")
    with pytest.raises(OfferCodeTaken):
        await services.offers.create(some_terms(distribution=Distribution.CODE, code="AUTUMN10"))


async def test_what_an_offer_names_must_exist(services: Services, store: Store) -> None:
    await add_catalog(services.database)
    cases: dict[str, dict[str, Any]] = {
        "STORE_NOT_FOUND": {"usable_when": UsableWhen(store_ids=frozenset({"none"}))},
        "CATEGORY_NOT_FOUND": {"scope": OfferScope(category_ids=frozenset({"none"}))},
        "OFFER_TERMS_INVALID": {"scope": OfferScope(sku_ids=frozenset({"none"}))},
        "SEGMENT_NOT_FOUND": {"issued_if": c.InSegment("none")},
        "OFFER_NOT_FOUND": {"usable_if": c.HasUsed("none")},
    }
    for code, changes in cases.items():
        with pytest.raises((Refusal, SeveralRefusals)) as raised:
            await services.offers.create(some_terms(**changes))
        assert codes_of(raised.value) == [code]
    near = c.Not(c.NearStore(store.id, 1_000, GeoPoint(0, 0)))
    offer = await services.offers.create(some_terms(issued_if=near))
    assert offer.terms.issued_if == c.Not(c.NearStore(store.id, 1_000, UMEDA))


async def test_a_segment_changes_for_all_who_name_it(services: Services) -> None:
    await services.offers.define_segment("regulars", NAMES, c.VisitsAtLeast(3, 30))
    offer = await services.offers.create(some_terms(issued_if=c.Not(c.InSegment("regulars"))))
    await services.offers.define_segment("regulars", NAMES, c.VisitsAtLeast(5, 30))
    resolved = await services.offers.evaluable(offer.terms.issued_if)
    assert resolved == c.Not(c.VisitsAtLeast(5, 30))
    with pytest.raises(SegmentNotFound):
        await services.offers.define_segment("others", NAMES, c.InSegment("none"))
    with pytest.raises(Refusal):
        await services.offers.define_segment("others", NAMES, c.InSegment("regulars"))
    with pytest.raises(Refusal):
        await services.offers.define_segment("Not A Code", NAMES, c.BirthdayMonth())
    assert [each.code for each in await services.offers.segments()] == ["regulars"]


async def test_what_is_not_there_is_refused(services: Services) -> None:
    with pytest.raises(OfferNotFound):
        await services.offers.update("none", 1, some_terms())
    with pytest.raises(OfferNotFound):
        await services.offers.move("none", OfferMove.END)
    offer = await a_published_offer(services)
    await services.offers.move(offer.id, OfferMove.END)
    with pytest.raises(OfferChanged):
        await services.offers.update(offer.id, 1, some_terms())


async def test_how_an_offer_is_given_stays_once_it_is_published(services: Services) -> None:
    offer = await a_published_offer(services)
    with pytest.raises(Refusal, match="OFFER_TERMS_INVALID"):
        await services.offers.update(offer.id, 1, some_terms(distribution=Distribution.CHECK_IN))


async def test_offers_come_in_pages(services: Services) -> None:
    made = [await services.offers.create(some_terms()) for _ in range(3)]
    first = await services.offers.page(PageRequest(2))
    second = await services.offers.page(PageRequest(2, first.items[-1][1]))
    found = [offer.id for offer, _ in (*first.items, *second.items)]
    assert found == sorted((each.id for each in made), reverse=True)
