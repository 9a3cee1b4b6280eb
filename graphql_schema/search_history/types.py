"""What a member searched for. Readable by the member herself."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

import strawberry

from app.search_history import model
from graphql_schema.catalog.types import Category, load_categories
from graphql_schema.columns import column
from graphql_schema.context import Info
from graphql_schema.results import Rejected


@strawberry.type(description="A search of products. Readable by the member herself.")
class RecentSearch:
    owner_id: strawberry.Private[str]
    search: strawberry.Private[model.Search]

    @strawberry.field(description="The words, as she wrote them; empty when she only chose from lists.")
    def words(self) -> str:
        return self.search.words

    @column(description="The category that she chose; null when she chose none, or it is gone.")
    @staticmethod
    async def category(searches: Sequence["RecentSearch"], info: Info) -> Sequence[Category | None]:
        return await load_categories([each.search.category_id for each in searches], info)

    @strawberry.field(description="The brands that she chose, at most 20.")
    def brands(self) -> list[str]:
        return list(self.search.brands)

    @strawberry.field(description="When she searched for it the last time.")
    def searched_at(self) -> datetime:
        return self.search.searched_at


@strawberry.type(description="All that the member searched for is forgotten.")
class SearchHistoryCleared:
    cleared_at: datetime = strawberry.field(description="When it was forgotten.")


ClearSearchHistoryResult = Annotated[
    SearchHistoryCleared | Rejected, strawberry.union("ClearSearchHistoryResult")
]


def recent_search_node(search: model.Search, owner_id: str) -> RecentSearch:
    return RecentSearch(owner_id=owner_id, search=search)
