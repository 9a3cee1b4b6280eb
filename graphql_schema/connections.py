"""Lists that can grow, as Relay connections."""

from collections.abc import Callable
from typing import Annotated, Any, Generic, TypeVar

import strawberry

from app.shared.paging import Page

Item = TypeVar("Item")

First = Annotated[int, strawberry.argument(description="How many items at the most: 1 to 100.")]
After = Annotated[
    str | None, strawberry.argument(description="The cursor of the last item seen; none for the first page.")
]


@strawberry.type(description="Where a page stands in its list.")
class PageInfo:
    has_next_page: bool = strawberry.field(description="Whether items follow this page.")
    has_previous_page: bool = strawberry.field(description="Whether this is not the first page.")
    start_cursor: str | None = strawberry.field(description="The first item's cursor.")
    end_cursor: str | None = strawberry.field(
        description="Where the page ends, by its last item's cursor: give it as `after` to read on."
    )


@strawberry.type(description="An item in a list.")
class Edge(Generic[Item]):
    node: Item = strawberry.field(description="The item.")
    cursor: str = strawberry.field(description="The item's place in the list.")


@strawberry.type(description="A page of a list.")
class Connection(Generic[Item]):
    page: strawberry.Private[Page[Any]]
    to_node: strawberry.Private[Callable[[Any], Any]]

    @strawberry.field(description="The items with their cursors.")
    def edges(self) -> list[Edge[Item]]:
        to_node = self.to_node
        return [Edge(node=to_node(item), cursor=cursor) for item, cursor in self.page.items]

    @strawberry.field(description="Where this page stands.")
    def page_info(self) -> PageInfo:
        page = self.page
        return PageInfo(
            has_next_page=page.has_next,
            has_previous_page=page.has_previous,
            start_cursor=page.items[0][1] if page.items else None,
            end_cursor=page.end,
        )

    @strawberry.field(description="The items alone.")
    def nodes(self) -> list[Item]:
        to_node = self.to_node
        return [to_node(item) for item, _ in self.page.items]


def connection_of(page: Page[Any], to_node: Callable[[Any], Item]) -> Connection[Item]:
    """The page as a connection, in which each item is turned into its GraphQL type when it is wanted."""
    return Connection(page=page, to_node=to_node)
