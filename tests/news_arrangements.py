"""News for tests, and members who were where it is for."""

from datetime import datetime, timedelta
from typing import Any

from app.auth.roles import Role
from app.members.model import Rank
from app.news.model import News, NewsAudience, NewsDraft, NewsPush
from app.services import Services
from app.shared.clock import rfc3339
from app.shared.i18n import Language
from app.shared.ids import new_id
from app.stores.model import Store
from tests.arrangements import a_shift
from tests.examples import a_request

TITLES = {Language.JA: "週末セール", Language.EN: "Weekend sale"}
TEXTS = {Language.JA: "全品10%引き。", Language.EN: "10 % off everything."}


def a_draft(
    now: datetime,
    *,
    ranks: frozenset[Rank] | None = None,
    store_ids: frozenset[str] | None = None,
    starts_in: timedelta = timedelta(0),
    lasts: timedelta = timedelta(days=7),
    titles: dict[Language, str] = TITLES,
    texts: dict[Language, str] = TEXTS,
    picture_url: str | None = None,
    push: NewsPush = NewsPush.NONE,
) -> NewsDraft:
    starts_at = now + starts_in
    return NewsDraft(
        titles, texts, picture_url, NewsAudience(ranks, store_ids), starts_at, starts_at + lasts, push
    )


async def published(services: Services, **wishes: Any) -> News:
    """News that headquarters publishes."""
    headquarters = (await a_shift(services, Role.HEADQUARTERS)).actor
    return await services.news.publish(
        a_draft(services.clock.now(), **wishes), f"key-{new_id()}", headquarters
    )


async def visit(services: Services, member_id: str, store: Store) -> None:
    """The member checks in at the store."""
    request = a_request(store, services.clock.now(), f"key-{new_id()}")
    await services.check_ins.check_in(member_id, request)


def a_news_input(now: datetime) -> dict[str, Any]:
    return {
        "title": {"ja": TITLES[Language.JA], "en": TITLES[Language.EN]},
        "text": {"ja": TEXTS[Language.JA], "en": TEXTS[Language.EN]},
        "pictureUrl": "https://pictures.example/sale.jpg",
        "idempotencyKey": f"key-{new_id()}",
        "endsAt": rfc3339(now + timedelta(days=7)),
    }
