"""The record of who verified which card, in MongoDB: it also says which codes are used up."""

from datetime import datetime, timedelta

from pymongo import IndexModel
from pymongo.errors import DuplicateKeyError

from app.cards.errors import CardCodeUsed
from app.cards.model import Scanner
from app.shared.database import CollectionDefinition, Database, Session
from app.shared.documents import MOMENT, STRING, document, nullable
from app.shared.ids import new_id

VERIFICATIONS_KEPT_FOR = timedelta(days=400)

CARD_VERIFICATIONS = CollectionDefinition(
    "card_verifications",
    validator=document(
        _id=STRING,
        verified_by=STRING,
        store_id=nullable(STRING),
        device_id=nullable(STRING),
        member_id=nullable(STRING),
        used_code=nullable(STRING),
        refusal=nullable(STRING),
        at=MOMENT,
    ),
    indexes=[
        IndexModel(
            [("used_code", 1)], unique=True, partialFilterExpression={"used_code": {"$type": "string"}}
        ),
        IndexModel([("member_id", 1), ("at", -1)]),
        IndexModel([("at", 1)], expireAfterSeconds=int(VERIFICATIONS_KEPT_FOR.total_seconds())),
    ],
)


class CardRepository:
    """Reads and writes what happens to card codes."""

    def __init__(self, database: Database) -> None:
        self._verifications = database.collection(CARD_VERIFICATIONS)

    async def use(
        self, scanner: Scanner, member_id: str, session_id: str, step: int, now: datetime, session: Session
    ) -> None:
        """Uses up the code of this device and period, once and anywhere, on record. Raises CardCodeUsed."""
        try:
            await self._add(scanner, now, session, member_id=member_id, used_code=f"{session_id}:{step}")
        except DuplicateKeyError:
            raise CardCodeUsed(path=["input", "code"]) from None

    async def refuse(self, scanner: Scanner, refusal: str, now: datetime, session: Session) -> None:
        """Records that a scan was refused."""
        await self._add(scanner, now, session, refusal=refusal)

    async def _add(
        self,
        scanner: Scanner,
        now: datetime,
        session: Session,
        *,
        member_id: str | None = None,
        used_code: str | None = None,
        refusal: str | None = None,
    ) -> None:
        await self._verifications.insert_one(
            {
                "_id": new_id(),
                "verified_by": scanner.verified_by,
                "store_id": scanner.store_id,
                "device_id": scanner.device_id,
                "member_id": member_id,
                "used_code": used_code,
                "refusal": refusal,
                "at": now,
            },
            session=session,
        )
