"""News. What is on is readable by whoever it is for, all of it by headquarters."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

import strawberry

from app.inbox.model import Reach
from app.news import model
from app.news.model import NewsPush
from app.shared.i18n import Language
from graphql_schema.columns import column
from graphql_schema.connections import Connection
from graphql_schema.context import Info
from graphql_schema.inbox.types import MessageReach, message_reach_node
from graphql_schema.members.rank import Rank
from graphql_schema.node import encode_id
from graphql_schema.results import Rejected
from graphql_schema.stores.types import Store, load_audiences


@strawberry.type(description="Something that the retailer tells its members. Readable by those it is for.")
class News:
    news: strawberry.Private[model.News]

    @strawberry.field(description="Opaque and stable.")
    def id(self) -> strawberry.ID:
        return encode_id("News", self.news.id)

    @strawberry.field(description="1 to 80 characters, in the caller's language.")
    def title(self, info: Info) -> str:
        return self.news.titles[info.context.language]

    @strawberry.field(description="1 to 2,000 characters, in the caller's language.")
    def text(self, info: Info) -> str:
        return self.news.texts[info.context.language]

    @strawberry.field(description="An https address; null when there is no picture.")
    def picture_url(self) -> str | None:
        return self.news.picture_url

    @strawberry.field(description="From when on it is shown.")
    def starts_at(self) -> datetime:
        return self.news.starts_at

    @strawberry.field(description="Until just before when it is shown.")
    def ends_at(self) -> datetime:
        return self.news.ends_at


strawberry.enum(
    NewsPush,
    description=(
        "When news is pushed to those it is for, if they allow marketing by push: NONE, never; AT_START, as "
        "it begins; AT_CHECK_IN, when they check in at one of its stores and allow the use of their "
        "location."
    ),
)


@strawberry.type(description="News and whom it is for. Readable by headquarters.")
class PublishedNews:
    published: strawberry.Private[model.News]
    reach: MessageReach = strawberry.field(description="How many members it has come to until now.")

    @strawberry.field(description="The news.")
    def news(self) -> News:
        return News(news=self.published)

    @strawberry.field(description="The ranks it is for; null for all.")
    def ranks(self) -> list[Rank] | None:
        ranks = self.published.audience.ranks
        return None if ranks is None else sorted(ranks, key=list(Rank).index)

    @column(
        description=(
            "It is for members who marked one of these stores, at most 100, or checked in there within 90 "
            "days; null for all members."
        )
    )
    @staticmethod
    async def stores(news: Sequence["PublishedNews"], info: Info) -> Sequence[list[Store] | Exception | None]:
        return await load_audiences([each.published.audience.store_ids for each in news], info)

    @strawberry.field(description="When it is pushed.")
    def push(self) -> NewsPush:
        return self.published.push

    @strawberry.field(description="When it was published.")
    def published_at(self) -> datetime:
        return self.published.published_at


NewsConnection = Connection[News]
PublishedNewsConnection = Connection[PublishedNews]


@strawberry.input(description="A text in both languages.")
class NewsTextInput:
    ja: str = strawberry.field(description="In Japanese.")
    en: str = strawberry.field(description="In English.")

    def by_language(self) -> dict[Language, str]:
        return {Language.JA: self.ja, Language.EN: self.en}


@strawberry.input(description="News to be published. It is for those who fit all that is named.")
class PublishNewsInput:
    title: NewsTextInput = strawberry.field(description="1 to 80 characters, on one line.")
    text: NewsTextInput = strawberry.field(description="1 to 2,000 characters.")
    idempotency_key: str = strawberry.field(
        description="Made for this one publishing: 8 to 128 printable ASCII characters; kept 30 days."
    )
    picture_url: str | None = strawberry.field(
        default=None, description="An https address of at most 500 characters."
    )
    ranks: list[Rank] | None = strawberry.field(default=None, description="Only for these ranks.")
    store_ids: list[strawberry.ID] | None = strawberry.field(
        default=None,
        description=(
            "Only for members who marked one of these stores, or checked in there within 90 days; 1 to 100."
        ),
    )
    starts_at: datetime | None = strawberry.field(
        default=None, description="From when on it is shown; without it, from now on."
    )
    ends_at: datetime = strawberry.field(
        description="Until when it is shown: after now, and at most 366 days after it begins."
    )
    push: NewsPush = strawberry.field(
        default=NewsPush.NONE,
        description="When it is pushed; quiet hours are kept, and only so many come on a day.",
    )


@strawberry.input(description="News that shall not be shown any more.")
class WithdrawNewsInput:
    news_id: strawberry.ID = strawberry.field(description="News that is on or to come.")


@strawberry.type(description="The news is published.")
class NewsPublished:
    published: PublishedNews = strawberry.field(description="The news as it is kept.")


@strawberry.type(description="The news is over.")
class NewsWithdrawn:
    published: PublishedNews = strawberry.field(description="The news as it is now.")


PublishNewsResult = Annotated[NewsPublished | Rejected, strawberry.union("PublishNewsResult")]
WithdrawNewsResult = Annotated[NewsWithdrawn | Rejected, strawberry.union("WithdrawNewsResult")]


def news_node(news: model.News) -> News:
    return News(news=news)


def published_news_node(news: model.News, reach: Reach) -> PublishedNews:
    return PublishedNews(published=news, reach=message_reach_node(reach))
