"""News on MongoDB: who is shown what, and when."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from app.auth.roles import Role
from app.composition import build_services
from app.members.model import Rank
from app.news import service as news_service
from app.news.errors import NewsNotFound, TooMuchNews
from app.services import Services
from app.shared.errors import SeveralRefusals, Unauthenticated
from app.shared.idempotency import IdempotencyKeyInvalid, IdempotencyKeyReused
from app.shared.mongodb.database import Database
from app.shared.paging import PageRequest
from app.shared.settings.model import Settings
from app.stores.model import Store
from tests.arrangements import a_guest, a_shift, add_stores
from tests.conftest import MovableClock
from tests.examples import a_store
from tests.news_arrangements import a_draft, published, visit

DAY = timedelta(days=1)


async def ids_for(services: Services, member_id: str | None) -> list[str]:
    return [each.id for each in await services.news.shown_to(member_id)]


async def a_new_store(database: Database) -> Store:
    store = a_store()
    await add_stores(database, store)
    return store


async def test_news_is_shown_in_its_window_whoever_asks(services: Services, clock: MovableClock) -> None:
    member_id = await a_guest(services)
    later = await published(services, starts_in=DAY, lasts=DAY)
    now = await published(services, lasts=DAY)
    for who in (None, member_id):
        assert await ids_for(services, who) == [now.id]
    clock.advance(DAY)
    for who in (None, member_id):
        assert await ids_for(services, who) == [later.id]
    clock.advance(DAY)
    assert await ids_for(services, member_id) == []
    page = await services.news.all(PageRequest(1))
    assert [each.id for each, _ in page.items] == [now.id]
    (rest,) = (await services.news.all(PageRequest(10, page.items[0][1]))).items
    assert rest[0] == later


async def test_news_for_a_rank_is_for_nobody_else(services: Services) -> None:
    member_id = await a_guest(services)
    hers = await published(services, ranks=frozenset({Rank.MEMBER, Rank.GOLD}))
    await published(services, ranks=frozenset({Rank.PLATINUM}))
    assert await ids_for(services, member_id) == [hers.id]
    assert await ids_for(services, None) == []


async def test_news_of_a_store_is_for_who_was_there_lately(
    services: Services, database: Database, clock: MovableClock
) -> None:
    store, other = await a_new_store(database), await a_new_store(database)
    news = await published(services, store_ids=frozenset({store.id}), lasts=200 * DAY)
    visitor, stranger = await a_guest(services), await a_guest(services)
    await visit(services, visitor, store)
    await visit(services, stranger, other)
    assert await ids_for(services, visitor) == [news.id]
    assert await ids_for(services, stranger) == []
    clock.advance(timedelta(days=92))
    assert await ids_for(services, visitor) == []


async def test_pages_of_news_go_on_where_they_ended(services: Services, clock: MovableClock) -> None:
    newest: list[str] = []
    for _ in range(5):
        newest.insert(0, (await published(services)).id)
        clock.advance(timedelta(minutes=1))
    seen: list[str] = []
    after = None
    while True:
        page = await services.news.page(None, PageRequest(2, after))
        seen += [each.id for each, _ in page.items]
        if not page.has_next:
            break
        after = page.items[-1][1]
    assert seen == newest


async def test_withdrawn_news_is_over_at_once_and_once(
    services: Services, settings: Settings, database: Database, clock: MovableClock
) -> None:
    news = await published(services)
    other_process = build_services(settings, database, clock)
    assert await ids_for(other_process, None) == [news.id]
    headquarters = (await a_shift(services, Role.HEADQUARTERS)).actor
    await services.news.withdraw(news.id, headquarters)
    assert await ids_for(services, None) == []
    clock.advance(timedelta(seconds=10))
    assert await ids_for(other_process, None) == []
    with pytest.raises(NewsNotFound):
        await services.news.withdraw(news.id, headquarters)


async def test_of_many_who_publish_no_more_succeed_than_there_is_room_for(
    services: Services, clock: MovableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(news_service, "MAXIMUM_NEWS", 5)
    headquarters = (await a_shift(services, Role.HEADQUARTERS)).actor
    draft = a_draft(clock.now())
    outcomes = await asyncio.gather(
        *(services.news.publish(draft, f"key-{number:05}", headquarters) for number in range(16)),
        return_exceptions=True,
    )
    assert sum(isinstance(each, TooMuchNews) for each in outcomes) == 11
    assert len(await ids_for(services, None)) == 5
    clock.advance(8 * DAY)
    headquarters = (await a_shift(services, Role.HEADQUARTERS)).actor
    await services.news.publish(a_draft(clock.now()), "key-00099", headquarters)


async def test_what_is_published_again_with_its_key_is_published_once(
    services: Services, clock: MovableClock
) -> None:
    headquarters = (await a_shift(services, Role.HEADQUARTERS)).actor
    draft = replace(a_draft(clock.now()), starts_at=None)
    published_ones = await asyncio.gather(
        *(services.news.publish(draft, "key-00001", headquarters) for _ in range(32))
    )
    clock.advance(timedelta(minutes=1))
    again = await services.news.publish(draft, "key-00001", headquarters)
    assert {each.id for each in published_ones} == {again.id}
    assert await ids_for(services, None) == [again.id]
    with pytest.raises(IdempotencyKeyReused):
        await services.news.publish(a_draft(clock.now()), "key-00001", headquarters)
    with pytest.raises(IdempotencyKeyInvalid):
        await services.news.publish(draft, "short", headquarters)


async def test_who_was_signed_out_publishes_nothing(services: Services, clock: MovableClock) -> None:
    news = await published(services)
    headquarters = (await a_shift(services, Role.HEADQUARTERS)).actor
    clock.advance(timedelta(hours=13))
    with pytest.raises(Unauthenticated):
        await services.news.publish(a_draft(clock.now()), "key-00001", headquarters)
    with pytest.raises(Unauthenticated):
        await services.news.withdraw(news.id, headquarters)
    assert await ids_for(services, None) == [news.id]


async def test_news_of_a_store_that_does_not_exist_is_refused_with_all_else(services: Services) -> None:
    with pytest.raises(SeveralRefusals) as caught:
        await published(services, store_ids=frozenset({"nowhere"}), titles={})
    assert {refusal.code for refusal in caught.value.refusals} == {"NEWS_TEXT_INVALID", "STORE_NOT_FOUND"}
    assert await ids_for(services, None) == []
