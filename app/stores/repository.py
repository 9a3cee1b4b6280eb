"""Stores in MongoDB."""

from collections.abc import Iterable, Sequence
from typing import Any

from pymongo import GEOSPHERE, IndexModel

from app.shared.channels import Channel
from app.shared.database import CollectionDefinition, Database, Document, Session
from app.shared.documents import NUMBER, STRING, at_least, between, document, list_of, one_of
from app.shared.geo import GeoPoint
from app.shared.i18n import Language
from app.shared.paging import Page, PageRequest, page_of
from app.stores.model import Address, OpeningHours, Store, StoreFound
from app.stores.rules import MINUTES_A_DAY, query_terms, search_terms, search_text

_TEXTS = document(ja=STRING, en=STRING)

STORES = CollectionDefinition(
    "stores",
    validator=document(
        _id=STRING,
        code=STRING,
        channel=one_of(Channel),
        names=_TEXTS,
        kana=STRING,
        address=document(postal_code=STRING, country=STRING, lines=_TEXTS),
        location=document(type=one_of(["Point"]), coordinates=list_of(NUMBER)),
        radius_meters=at_least(1),
        time_zone=STRING,
        hours=list_of(
            document(
                weekday=between(0, 6),
                opens=between(0, MINUTES_A_DAY - 1),
                closes=between(1, 2 * MINUTES_A_DAY),
            )
        ),
        search_text=STRING,
        search_terms=list_of(STRING),
    ),
    indexes=[
        IndexModel([("code", 1)], unique=True),
        IndexModel([("location", GEOSPHERE)]),
        IndexModel([("kana", 1), ("_id", 1)]),
        IndexModel([("search_terms", 1)]),
    ],
)


class StoreRepository:
    """Reads and writes stores."""

    def __init__(self, database: Database) -> None:
        self._stores = database.collection(STORES)

    async def get(self, store_id: str, session: Session = None) -> Store | None:
        found = await self._stores.find_one({"_id": store_id}, session=session)
        return store_from(found) if found else None

    async def get_many(self, store_ids: Sequence[str]) -> list[Store]:
        found = await self._stores.find({"_id": {"$in": list(store_ids)}})
        return [store_from(each) for each in found]

    async def by_codes(self, codes: Sequence[str]) -> list[Store]:
        found = await self._stores.find({"code": {"$in": list(codes)}})
        return [store_from(each) for each in found]

    async def count(self) -> int:
        return await self._stores.count({})

    async def add_many(self, stores: Iterable[Store], session: Session) -> None:
        await self._stores.insert_many([document_of(store) for store in stores], session=session)

    async def list(self, folded_query: str, request: PageRequest) -> Page[StoreFound]:
        """Stores in the order of their kana; those that contain the query, if there is one."""
        conditions = _matching(folded_query)
        position = request.position(str, str)
        if position is not None:
            kana, store_id = position
            conditions.append({"$or": [{"kana": {"$gt": kana}}, {"kana": kana, "_id": {"$gt": store_id}}]})
        found = await self._stores.find(
            {"$and": conditions} if conditions else {},
            sort=[("kana", 1), ("_id", 1)],
            limit=request.first + 1,
        )
        return page_of(
            [(StoreFound(store_from(each)), (each["kana"], each["_id"])) for each in found], request
        )

    async def near(
        self, place: GeoPoint, radius_meters: int, folded_query: str, request: PageRequest
    ) -> Page[StoreFound]:
        """Stores in a circle, the nearest first; those that contain the query, if there is one."""
        position = request.position(float, str)
        around: Document = {
            "near": {"type": "Point", "coordinates": [place.longitude, place.latitude]},
            "key": "location",
            "spherical": True,
            "maxDistance": radius_meters,
            "distanceField": "distance",
        }
        conditions = _matching(folded_query)
        if conditions:
            around["query"] = {"$and": conditions}
        pipeline: list[Document] = [{"$geoNear": around}]
        if position is not None:
            distance, store_id = position
            around["minDistance"] = max(
                0.0, distance - 1.0
            )  # a metre of room: rounding must not skip a store
            pipeline.append(
                {
                    "$match": {
                        "$or": [
                            {"distance": {"$gt": distance}},
                            {"distance": distance, "_id": {"$gt": store_id}},
                        ]
                    }
                }
            )
        pipeline += [{"$sort": {"distance": 1, "_id": 1}}, {"$limit": request.first + 1}]
        found = await self._stores.aggregate(pipeline)
        return page_of(
            [
                (StoreFound(store_from(each), each["distance"]), (each["distance"], each["_id"]))
                for each in found
            ],
            request,
        )


def _matching(folded_query: str) -> list[Document]:
    """The conditions for a text that contains the query: the index narrows, the comparison decides."""
    if not folded_query:
        return []
    contains = {"$gte": [{"$indexOfCP": ["$search_text", {"$literal": folded_query}]}, 0]}
    return [{"search_terms": {"$all": query_terms(folded_query)}}, {"$expr": contains}]


def document_of(store: Store) -> Document:
    text = search_text(store)
    return {
        "_id": store.id,
        "code": store.code,
        "channel": store.channel.value,
        "names": _texts(store.names),
        "kana": store.kana,
        "address": {
            "postal_code": store.address.postal_code,
            "country": store.address.country,
            "lines": _texts(store.address.lines),
        },
        "location": {"type": "Point", "coordinates": [store.location.longitude, store.location.latitude]},
        "radius_meters": store.radius_meters,
        "time_zone": store.time_zone,
        "hours": [
            {"weekday": each.weekday, "opens": each.opens, "closes": each.closes} for each in store.hours
        ],
        "search_text": text,
        "search_terms": search_terms(text),
    }


def store_from(found: Document) -> Store:
    longitude, latitude = found["location"]["coordinates"]
    address: dict[str, Any] = found["address"]
    return Store(
        id=found["_id"],
        code=found["code"],
        channel=Channel(found["channel"]),
        names=_by_language(found["names"]),
        kana=found["kana"],
        address=Address(address["postal_code"], address["country"], _by_language(address["lines"])),
        location=GeoPoint(latitude, longitude),
        radius_meters=found["radius_meters"],
        time_zone=found["time_zone"],
        hours=tuple(OpeningHours(each["weekday"], each["opens"], each["closes"]) for each in found["hours"]),
    )


def _texts(texts: dict[Language, str]) -> dict[str, str]:
    return {language.value: text for language, text in texts.items()}


def _by_language(texts: dict[str, str]) -> dict[Language, str]:
    return {Language(language): text for language, text in texts.items()}
