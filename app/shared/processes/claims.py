"""Claims: how any number of workers share what is to be tried, each thing by one of them at a time."""

from datetime import datetime

from pymongo import ASCENDING, UpdateMany

from app.shared.ids import new_id
from app.shared.mongodb.collection import Collection, Document

PENDING = "PENDING"


class ClaimQueue:
    """Documents that wait in state PENDING until they are due, each for a receiver, named by one field.

    They have `due_at`, `claim` and `tries`, and want the index (state, receiver, due_at). A claim moves
    `due_at` to when others may take its holder to be dead.
    """

    def __init__(self, collection: Collection, receiver: str) -> None:
        self._collection = collection
        self._receiver = receiver

    async def due_receivers(self, now: datetime) -> list[str]:
        """Those who have something due. MongoDB looks at one key for each who has anything pending."""
        found = await self._collection.aggregate(
            [
                {"$match": {"state": PENDING}},
                {"$sort": {"state": 1, self._receiver: 1, "due_at": 1}},
                {"$group": {"_id": f"${self._receiver}", "due_at": {"$first": "$due_at"}}},
                {"$match": {"due_at": {"$lte": now}}},
                {"$sort": {"due_at": 1}},
            ]
        )
        return [each["_id"] for each in found]

    async def claim(self, receiver: str, now: datetime, until: datetime) -> Document | None:
        """What has been due for the longest time: nobody else gets it before `until`."""
        return await self._collection.find_one_and_update(
            {"state": PENDING, self._receiver: receiver, "due_at": {"$lte": now}},
            {"$set": {"due_at": until, "claim": new_id()}, "$inc": {"tries": 1}},
            sort=[("due_at", ASCENDING)],
        )

    async def finish(self, id: str, claim: str | None, changes: Document) -> bool:
        """Ends the claim by these changes; false, and nothing is changed, if another has claimed it since."""
        ended = {**changes, "$set": {**changes.get("$set", {}), "claim": None}}
        return await self._collection.find_one_and_update({"_id": id, "claim": claim}, ended) is not None


async def make_all_due(collection: Collection, now: datetime) -> None:
    """Has all be due now that waits for a later time, or for a holder who is not dead yet."""
    later = {"state": PENDING, "due_at": {"$gt": now}}
    await collection.write_many([UpdateMany(later, {"$set": {"due_at": now}})])
