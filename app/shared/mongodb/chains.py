"""Chains: documents of one member that are numbered 1, 2, 3 … by `seq`, such as the ledger's entries."""

from collections.abc import Callable
from typing import TypeVar

from pymongo import DESCENDING

from app.shared.mongodb.collection import Collection, Document
from app.shared.paging import Page, PageRequest, page_of

Link = TypeVar("Link")


async def page_of_chain(
    collection: Collection, member_id: str, request: PageRequest, read: Callable[[Document], Link]
) -> Page[Link]:
    """The member's links, the newest first. Wants the index (member_id, seq)."""
    query: Document = {"member_id": member_id, "seq": {"$gte": 1}}
    position = request.position(int)
    if position is not None:
        query["seq"]["$lt"] = position[0]
    found = await collection.find(query, sort=[("seq", DESCENDING)], limit=request.first + 1)
    return page_of([(read(each), (each["seq"],)) for each in found], request)
