"""Used card codes and the record of who verified which card, in MongoDB."""

from datetime import datetime, timedelta

from pymongo import IndexModel
from pymongo.errors import DuplicateKeyError

from app.cards.errors import CardCodeUsed
from app.cards.model import Scanner
from app.shared.database import CollectionDefinition, Database, Session
from app.shared.documents import MOMENT, STRING, document, nullable
from app.shared.ids import new_id

USES_KEPT_FOR = timedelta(days=1)  # a code is good for a minute and a half
VERIFICATIONS_KEPT_FOR = timedelta(days=400)

CARD_CODE_USES = CollectionDefinition(
    "card_code_uses",
    validator=document(_id=STRING, used_by=STRING, used_at=MOMENT),
    indexes=[IndexModel([("used_at", 1)], expireAfterSeconds=int(USES_KEPT_FOR.total_seconds()))],
)

CARD_VERIFICATIONS = CollectionDefinition(
    "card_verifications",
    validator=document(
        _id=STRING,
        verified_by=STRING,
        store_id=nullable(STRING),
        device_id=nullable(STRING),
        member_id=nullable(STRING),
        refusal=nullable(STRING),
        at=MOMENT,
    ),
    indexes=[
        IndexModel([("verified_by", 1), ("refusal", 1), ("at", -1)]),
        IndexModel([("member_id", 1), ("at", -1)]),
        IndexModel([("at", 1)], expireAfterSeconds=int(VERIFICATIONS_KEPT_FOR.total_seconds())),
    ],
)


class CardRepository:
    """Reads and writes what happens to card codes."""

    def __init__(self, database: Database) -> None:
        self._uses = database.collection(CARD_CODE_USES)
        self._verifications = database.collection(CARD_VERIFICATIONS)

    async def use(self, session_id: str, step: int, used_by: str, now: datetime, session: Session) -> None:
        """Uses up the code of this device and period, once and anywhere. Raises CardCodeUsed."""
        try:
            await self._uses.insert_one(
                {"_id": f"{session_id}:{step}", "used_by": used_by, "used_at": now}, session=session
            )
        except DuplicateKeyError:
            raise CardCodeUsed(path=["input", "code"]) from None

    async def record(
        self, scanner: Scanner, member_id: str | None, refusal: str | None, now: datetime, session: Session
    ) -> None:
        await self._verifications.insert_one(
            {
                "_id": new_id(),
                "verified_by": scanner.verified_by,
                "store_id": scanner.store_id,
                "device_id": scanner.device_id,
                "member_id": member_id,
                "refusal": refusal,
                "at": now,
            },
            session=session,
        )

    async def refusals_since(self, caller: str, refusal: str, since: datetime) -> int:
        """How often the caller was refused so since that moment."""
        return await self._verifications.count(
            {"verified_by": caller, "refusal": refusal, "at": {"$gt": since}}
        )
