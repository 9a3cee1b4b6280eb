"""Publishing news."""

import strawberry

from app.inbox.model import Reach
from app.news.model import NewsAudience, NewsDraft
from graphql_schema.context import Info
from graphql_schema.news.types import (
    NewsPublished,
    NewsWithdrawn,
    PublishNewsInput,
    PublishNewsResult,
    WithdrawNewsInput,
    WithdrawNewsResult,
    published_news_node,
)
from graphql_schema.node import key_of


@strawberry.type
class NewsMutations:
    @strawberry.mutation(
        description="Publishes news; at most 200 pieces are on or to come. For headquarters."
    )
    async def publish_news(self, info: Info, input: PublishNewsInput) -> PublishNewsResult:
        draft = NewsDraft(
            titles=input.title.by_language(),
            texts=input.text.by_language(),
            picture_url=input.picture_url,
            audience=NewsAudience(
                ranks=None if input.ranks is None else frozenset(input.ranks),
                store_ids=None
                if input.store_ids is None
                else frozenset(key_of(each, "Store", ["input", "storeIds"]) for each in input.store_ids),
            ),
            starts_at=input.starts_at,
            ends_at=input.ends_at,
            push=input.push,
        )
        news = await info.context.services.news.publish(
            draft, input.idempotency_key, info.context.require_staff()
        )
        return NewsPublished(published=published_news_node(news, Reach()))

    @strawberry.mutation(description="Ends news now. For headquarters.")
    async def withdraw_news(self, info: Info, input: WithdrawNewsInput) -> WithdrawNewsResult:
        news_id = key_of(input.news_id, "News", ["input", "newsId"])
        news = await info.context.services.news.withdraw(news_id, info.context.require_staff())
        reach = await info.context.services.inbox.reach([news.id])
        return NewsWithdrawn(published=published_news_node(news, reach.get(news.id, Reach())))
