"""Stores in MongoDB."""

from collections.abc import Collection, Iterable, Sequence
from datetime import date
from typing import Any

from pymongo import GEOSPHERE, IndexModel

from app.shared.channels import Channel
from app.shared.geo import GeoPoint
from app.shared.i18n import Language
from app.shared.mongodb.database import CollectionDefinition, Database, Document, Session
from app.shared.mongodb.documents import (
    NUMBER,
    STRING,
    at_least,
    between,
    document,
    list_of,
    nullable,
    one_of,
)
from app.shared.mongodb.reading import Reading
from app.shared.paging import Page, PageRequest, page_of
from app.stores.model import (
    Address,
    OpeningHours,
    SpecialDay,
    Store,
    StoreMatch,
    StoreServiceKind,
)
from app.stores.rules import MINUTES_A_DAY, query_terms, search_terms, search_text

_TEXTS = document(ja=STRING, en=STRING)
_FROM = between(0, MINUTES_A_DAY - 1)
_TO = between(1, 2 * MINUTES_A_DAY)

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
        hours=list_of(document(weekday=between(0, 6), opens=_FROM, closes=_TO)),
        special_days=list_of(
            document(day=STRING, hours=list_of(document(opens=_FROM, closes=_TO)), names=nullable(_TEXTS))
        ),
        first_day=nullable(STRING),
        last_day=nullable(STRING),
        phone=nullable(STRING),
        services=list_of(one_of(StoreServiceKind)),
        photo_urls=list_of(STRING),
        search_text=STRING,
        search_terms=list_of(STRING),
    ),
    indexes=[
        IndexModel([("code", 1)], unique=True),
        IndexModel([("channel", 1), ("_id", 1)]),
        IndexModel([("location", GEOSPHERE)]),
        IndexModel([("kana", 1), ("_id", 1)]),
        IndexModel([("search_terms", 1)]),
        IndexModel([("services", 1), ("kana", 1), ("_id", 1)]),
    ],
)


_SEARCHED = ["search_text", "search_terms"]  # most of a store's document, which nobody reads


class StoreRepository:
    """Reads and writes stores."""

    def __init__(self, database: Database) -> None:
        self._stores = database.collection(STORES)

    async def get(self, store_id: str, session: Session = None) -> Store | None:
        found = await self._stores.find_one({"_id": store_id}, session=session)
        return store_from(found) if found else None

    def reading(self, store_id: str) -> Reading[Store | None]:
        return Reading(
            STORES,
            [{"$match": {"_id": store_id}}],
            lambda found: store_from(found[0]) if found else None,
        )

    async def get_many(self, store_ids: Sequence[str]) -> list[Store]:
        found = await self._stores.find({"_id": {"$in": list(store_ids)}})
        return [store_from(each) for each in found]

    async def by_codes(self, codes: Sequence[str]) -> list[Store]:
        found = await self._stores.find({"code": {"$in": list(codes)}})
        return [store_from(each) for each in found]

    async def all(self) -> list[Store]:
        """All stores, in the order of their ids; a retailer has hundreds."""
        stages: list[Document] = [{"$sort": {"_id": 1}}, {"$unset": _SEARCHED}]
        return [store_from(each) for each in await self._stores.aggregate(stages)]

    async def ids_of(self, channels: Iterable[Channel], among: Collection[str] | None) -> list[str]:
        """The ids of the stores of these channels, of all stores or of those with these ids."""
        query: Document = {"channel": {"$in": sorted(channels)}}
        if among is not None:
            query["_id"] = {"$in": sorted(among)}
        found = await self._stores.aggregate([{"$match": query}, {"$project": {"_id": 1}}])
        return [each["_id"] for each in found]

    async def count(self) -> int:
        return await self._stores.count({})

    async def add_many(self, stores: Iterable[Store], session: Session) -> None:
        await self._stores.insert_many([document_of(store) for store in stores], session=session)

    async def list(
        self, folded_query: str, services: Collection[StoreServiceKind], request: PageRequest
    ) -> Page[StoreMatch]:
        """Stores in the order of their kana; those that contain the query and have all the services."""
        conditions = _matching(folded_query, services)
        position = request.position(str, str)
        if position is not None:
            kana, store_id = position
            conditions.append({"$or": [{"kana": {"$gt": kana}}, {"kana": kana, "_id": {"$gt": store_id}}]})
        found = await self._stores.find(
            {"$and": conditions} if conditions else {},
            sort=[("kana", 1), ("_id", 1)],
            limit=request.first + 1,
            only=["kana"],
        )
        return page_of([(StoreMatch(each["_id"]), (each["kana"], each["_id"])) for each in found], request)

    async def near(
        self,
        place: GeoPoint,
        radius_meters: int,
        folded_query: str,
        services: Collection[StoreServiceKind],
        request: PageRequest,
    ) -> Page[StoreMatch]:
        """Stores in a circle, the nearest first; those that contain the query and have all the services."""
        position = request.position(float, str)
        around: Document = {
            "near": {"type": "Point", "coordinates": [place.longitude, place.latitude]},
            "key": "location",
            "spherical": True,
            "maxDistance": radius_meters,
            "distanceField": "distance",
        }
        conditions = _matching(folded_query, services)
        if conditions:
            around["query"] = {"$and": conditions}
        pipeline: list[Document] = [{"$geoNear": around}]
        if position is not None:
            distance, store_id = position
            # With a metre of room: rounding must not skip a store.
            around["minDistance"] = max(0.0, distance - 1.0)
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
        pipeline += [
            {"$sort": {"distance": 1, "_id": 1}},
            {"$limit": request.first + 1},
            {"$project": {"distance": True}},
        ]
        found = await self._stores.aggregate(pipeline)
        return page_of(
            [(StoreMatch(each["_id"], each["distance"]), (each["distance"], each["_id"])) for each in found],
            request,
        )


def _matching(folded_query: str, services: Collection[StoreServiceKind]) -> list[Document]:
    """The conditions for a text that contains the query, and for all the services.

    Of a text, the index narrows and the comparison decides.
    """
    conditions: list[Document] = []
    if services:
        conditions.append({"services": {"$all": sorted(service.value for service in services)}})
    if folded_query:
        contains = {"$gte": [{"$indexOfCP": ["$search_text", {"$literal": folded_query}]}, 0]}
        conditions += [{"search_terms": {"$all": query_terms(folded_query)}}, {"$expr": contains}]
    return conditions


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
        "special_days": [_special_day_document(each) for each in store.special_days],
        "first_day": _day_text(store.first_day),
        "last_day": _day_text(store.last_day),
        "phone": store.phone,
        "services": sorted(service.value for service in store.services),
        "photo_urls": list(store.photo_urls),
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
        special_days=tuple(_special_day_from(each) for each in found["special_days"]),
        first_day=_day_from(found["first_day"]),
        last_day=_day_from(found["last_day"]),
        phone=found["phone"],
        services=frozenset(StoreServiceKind(each) for each in found["services"]),
        photo_urls=tuple(found["photo_urls"]),
    )


def _special_day_document(special: SpecialDay) -> Document:
    return {
        "day": special.day.isoformat(),
        "hours": [{"opens": opens, "closes": closes} for opens, closes in special.hours],
        "names": _texts(special.names) if special.names else None,
    }


def _special_day_from(found: Document) -> SpecialDay:
    return SpecialDay(
        date.fromisoformat(found["day"]),
        tuple((each["opens"], each["closes"]) for each in found["hours"]),
        _by_language(found["names"]) if found["names"] else None,
    )


def _day_text(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _day_from(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _texts(texts: dict[Language, str]) -> dict[str, str]:
    return {language.value: text for language, text in texts.items()}


def _by_language(texts: dict[str, str]) -> dict[Language, str]:
    return {Language(language): text for language, text in texts.items()}
