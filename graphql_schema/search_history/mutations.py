"""Forgetting what one searched for."""

import strawberry

from graphql_schema.context import Info
from graphql_schema.search_history.types import ClearSearchHistoryResult, SearchHistoryCleared


@strawberry.type
class SearchHistoryMutations:
    @strawberry.mutation(description="Forgets all that the caller searched for, for good. For members.")
    async def clear_search_history(self, info: Info) -> ClearSearchHistoryResult:
        await info.context.services.search_history.clear(info.context.require_member().member_id)
        return SearchHistoryCleared(cleared_at=info.context.now)
