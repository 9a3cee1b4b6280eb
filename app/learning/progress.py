"""How far what goes on and on has come, in MongoDB."""

from datetime import UTC, datetime

from app.shared.mongodb.database import CollectionDefinition, Database
from app.shared.mongodb.documents import MOMENT, STRING, document

LEARNING_PROGRESS = CollectionDefinition("learning_progress", validator=document(_id=STRING, until=MOMENT))
BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


class LearningProgress:
    """The moment up to which something is learnt. It only moves on."""

    def __init__(self, database: Database, name: str) -> None:
        self._progress = database.collection(LEARNING_PROGRESS)
        self._name = name

    async def get(self) -> datetime:
        found = await self._progress.find_one({"_id": self._name})
        return found["until"] if found else BEGINNING

    async def move_on(self, until: datetime) -> None:
        await self._progress.find_one_and_update({"_id": self._name}, {"$max": {"until": until}}, upsert=True)
