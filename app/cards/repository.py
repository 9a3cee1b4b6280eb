"""The record of who verified which card, in MongoDB: it also says which codes are used up."""

from datetime import datetime, timedelta

from pymongo import IndexModel
from pymongo.errors import DuplicateKeyError

from app.cards.errors import CardCodeUsed
from app.cards.model import Scanner
from app.shared.ids import new_id
from app.shared.mongodb.database import CollectionDefinition, Database, Session
from app.shared.mongodb.documents import IS_TEXT, MOMENT, STRING, document, nullable

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
        IndexModel([("used_code", 1)], unique=True, partialFilterExpression={"used_code": IS_TEXT}),
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
    ) -> str:
        """Uses up the code of this device and period, once and anywhere, on record. Raises CardCodeUsed.

        Returns the id of the verification.
        """
        try:
            return await self._add(
                scanner, now, session, member_id=member_id, used_code=f"{session_id}:{step}"
            )
        except DuplicateKeyError:
            raise CardCodeUsed(path=["input", "code"]) from None

    async def member_of(
        self, verification_id: str, verified_by: str, store_id: str | None, session: Session
    ) -> str | None:
        """Whose card it was, if the scan succeeded and was made by this caller or at this store."""
        found = await self._verifications.find_one({"_id": verification_id}, session=session)
        if found is None:
            return None
        is_here = store_id is not None and found["store_id"] == store_id
        member_id: str | None = found["member_id"]
        return member_id if is_here or found["verified_by"] == verified_by else None

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
    ) -> str:
        verification_id = new_id()
        await self._verifications.insert_one(
            {
                "_id": verification_id,
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
        return verification_id
