"""Related SKUs in MongoDB, which computes them itself out of what members like."""

from collections.abc import Sequence
from datetime import datetime

from pymongo import ASCENDING, IndexModel

from app.interests.model import InterestAspect
from app.interests.repository import INTEREST_EVENTS, INTERESTS
from app.learning.model import RelatedSku
from app.shared.mongodb.database import CollectionDefinition, Database, Document
from app.shared.mongodb.documents import MOMENT, NUMBER, STRING, at_least, document, list_of

MAXIMUM_RELATED = 30
MAXIMUM_AUDIENCE = 2_000  # of the members who like a SKU, the most recent are looked at
POPULARITY_DAMPING = 0.25  # what is liked by 16 times as many counts half
MEMBERS_HALF_SURE = 10  # what so many members like together counts half as much as what all the world does
FEWEST_MEMBERS = 3  # so many must like both: nobody is to read in it what one other member did

RELATED_SKUS = CollectionDefinition(
    "related_skus",
    validator=document(
        _id=STRING,  # the SKU
        audience=at_least(0),
        related=list_of(document(sku_id=STRING, score=NUMBER, members=at_least(FEWEST_MEMBERS))),
        computed_at=MOMENT,
    ),
    indexes=[IndexModel([("computed_at", ASCENDING)])],
)


class RelatedSkuRepository:
    """Computes, keeps and reads related SKUs."""

    def __init__(self, database: Database) -> None:
        self._interests = database.collection(INTERESTS)
        self._events = database.collection(INTEREST_EVENTS)
        self._related = database.collection(RELATED_SKUS)

    async def touched_since(self, moment: datetime) -> list[str]:
        """The SKUs that somebody did something with since then."""
        found = await self._events.aggregate(
            [
                {"$match": {"recorded_at": {"$gte": moment}, "sku_id": {"$ne": None}}},
                {"$group": {"_id": "$sku_id"}},
                {"$sort": {"_id": 1}},
            ]
        )
        return [each["_id"] for each in found]

    async def computed_before(self, moment: datetime, limit: int) -> list[str]:
        """SKUs whose related ones were computed before then, the oldest first."""
        found = await self._related.find(
            {"computed_at": {"$lt": moment}}, sort=[("computed_at", ASCENDING)], limit=limit
        )
        return [each["_id"] for each in found]

    async def audience(self, sku_id: str) -> int:
        """How many members like the SKU."""
        return await self._interests.count(_likes(sku_id))

    async def compute(self, sku_id: str, audience: int, now: datetime) -> None:
        """Writes which SKUs are liked by those who like this one.

        The score is the part of those members who like the other one too, each counting the more, the more
        she likes it; less for what everybody likes, and less where few members tell of it.
        """
        found = await self._interests.aggregate(_pipeline(sku_id, audience))
        related = [
            {"sku_id": each["_id"], "score": each["score"], "members": each["members"]} for each in found
        ]
        await self._related.replace_many(
            [{"_id": sku_id, "audience": audience, "related": related, "computed_at": now}]
        )

    async def of_skus(self, sku_ids: Sequence[str]) -> dict[str, list[RelatedSku]]:
        """The related SKUs of each of these, the nearest first."""
        found = await self._related.find({"_id": {"$in": list(sku_ids)}})
        return {each["_id"]: [RelatedSku(**related) for related in each["related"]] for each in found}


def _likes(sku_id: str) -> Document:
    return {
        "sums": {
            "$elemMatch": {"aspect": InterestAspect.SKU.value, "key": sku_id, "weight": {"$gt": 0}},
        }
    }


def _pipeline(sku_id: str, audience: int) -> list[Document]:
    liking = {"$divide": ["$sums.weight", {"$add": ["$sums.weight", 1]}]}  # 0 to 1
    popularity = {"$pow": [{"$max": ["$members", {"$first": "$known.audience"}]}, POPULARITY_DAMPING]}
    certainty = {"$divide": ["$members", {"$add": ["$members", MEMBERS_HALF_SURE]}]}
    score = {"$divide": ["$together", {"$multiply": [audience, popularity]}]}
    return [
        {"$match": _likes(sku_id)},
        {"$sort": {"as_of": -1}},
        {"$limit": MAXIMUM_AUDIENCE},
        {"$unwind": "$sums"},
        {
            "$match": {
                "sums.aspect": InterestAspect.SKU.value,
                "sums.weight": {"$gt": 0},
                "sums.key": {"$ne": sku_id},
            }
        },
        {"$group": {"_id": "$sums.key", "together": {"$sum": liking}, "members": {"$sum": 1}}},
        {"$match": {"members": {"$gte": FEWEST_MEMBERS}}},
        {
            "$lookup": {
                "from": RELATED_SKUS.name,
                "localField": "_id",
                "foreignField": "_id",
                "pipeline": [{"$project": {"audience": 1}}],
                "as": "known",
            }
        },
        {"$set": {"score": {"$multiply": [score, certainty]}}},
        {"$sort": {"score": -1, "_id": 1}},
        {"$limit": MAXIMUM_RELATED},
    ]
