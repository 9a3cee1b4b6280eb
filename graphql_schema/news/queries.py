"""Reading news."""

import strawberry

from app.auth.actor import MemberActor
from app.inbox.model import Reach
from app.shared.paging import PageRequest
from graphql_schema.connections import After, First, connection_of
from graphql_schema.context import Info
from graphql_schema.news.types import NewsConnection, PublishedNewsConnection, news_node, published_news_node


@strawberry.type
class NewsQueries:
    @strawberry.field(
        description=(
            "The news that is on, what began last first: for members what is for them, for everybody else "
            "what is for all."
        )
    )
    async def news(self, info: Info, first: First = 20, after: After = None) -> NewsConnection:
        actor = info.context.actor
        member_id = actor.member_id if isinstance(actor, MemberActor) else None
        request, reads = PageRequest(first, after), info.context.reads
        page = await info.context.services.news.page(member_id, request, reads)
        return connection_of(page, news_node)

    @strawberry.field(description="All news, to come, on and over, the newest first. For headquarters.")
    async def published_news(
        self, info: Info, first: First = 20, after: After = None
    ) -> PublishedNewsConnection:
        page = await info.context.services.news.all(PageRequest(first, after))
        reach = await info.context.services.inbox.reach([each.id for each, _ in page.items])
        return connection_of(page, lambda news: published_news_node(news, reach.get(news.id, Reach())))
