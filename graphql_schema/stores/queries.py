"""Finding stores."""

from typing import Annotated

import strawberry

from app.shared.geo import GeoPoint
from app.shared.paging import PageRequest
from app.stores.model import StoreServiceKind
from graphql_schema.connections import After, First, connection_of
from graphql_schema.context import Info
from graphql_schema.node import key_of
from graphql_schema.stores.types import GeoPointInput, Store, StoreConnection, load_store, store_node


@strawberry.type
class StoreQueries:
    @strawberry.field(description="The store with this id; null when there is none. For everybody.")
    async def store(self, info: Info, id: strawberry.ID) -> Store | None:
        return await load_store(key_of(id, "Store", ["id"]), info)

    @strawberry.field(
        description=(
            "Stores whose name, kana or address contains the words, the nearest first, or in the order of "
            "their kana when no place is given. For everybody."
        )
    )
    async def stores(
        self,
        info: Info,
        near: Annotated[
            GeoPointInput | None, strawberry.argument(description="Only stores around this place.")
        ] = None,
        radius_meters: Annotated[
            int, strawberry.argument(description="How far around `near`, in metres: 1 to 20,000,000.")
        ] = 50_000,
        query: Annotated[
            str | None,
            strawberry.argument(description="Part of a name, kana or address; at most 100 characters."),
        ] = None,
        services: Annotated[
            list[StoreServiceKind], strawberry.argument(description="Only stores that have all of these.")
        ] = [],  # noqa: B006  never changed
        first: First = 20,
        after: After = None,
    ) -> StoreConnection:
        place = GeoPoint(near.latitude, near.longitude) if near else None
        page = await info.context.services.stores.search(
            place, radius_meters, query, PageRequest(first, after), frozenset(services)
        )
        return connection_of(page, store_node)
