"""Sessions: one for each device that is signed in, with its refresh token."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from pymongo import IndexModel

from app.auth.tokens import AccessTokens
from app.shared.clock import Clock
from app.shared.database import CollectionDefinition, Database, Session
from app.shared.documents import MOMENT, STRING, document
from app.shared.i18n import Language
from app.shared.ids import new_id

REFRESH_TOKEN_LIFETIME = timedelta(days=60)

SESSIONS = CollectionDefinition(
    "sessions",
    validator=document(
        _id=STRING,
        member_id=STRING,
        refresh_token_hash=STRING,
        created_at=MOMENT,
        last_used_at=MOMENT,
        expires_at=MOMENT,
    ),
    indexes=[
        IndexModel([("member_id", 1), ("created_at", -1)]),
        IndexModel([("refresh_token_hash", 1)], unique=True),
        IndexModel([("expires_at", 1)], expireAfterSeconds=0),
    ],
)


@dataclass(frozen=True, slots=True)
class SignedIn:
    """What a device keeps: the tokens, and when the access token ends."""

    access_token: str
    refresh_token: str
    expires_at: datetime


class Sessions:
    """Opens sessions. Refresh tokens are 256 random bits, kept only as their SHA-256."""

    def __init__(self, database: Database, tokens: AccessTokens, clock: Clock) -> None:
        self._sessions = database.collection(SESSIONS)
        self._tokens = tokens
        self._clock = clock

    async def open(self, member_id: str, language: Language, session: Session) -> SignedIn:
        now = self._clock.now()
        session_id = new_id()
        refresh_token = secrets.token_urlsafe(32)
        await self._sessions.insert_one(
            {
                "_id": session_id,
                "member_id": member_id,
                "refresh_token_hash": secret_hash(refresh_token),
                "created_at": now,
                "last_used_at": now,
                "expires_at": now + REFRESH_TOKEN_LIFETIME,
            },
            session=session,
        )
        access_token = self._tokens.issue(member_id, session_id, language, now)
        return SignedIn(access_token.text, refresh_token, access_token.expires_at)


def secret_hash(secret: str) -> str:
    """What is kept of a secret that has too many random bits to be guessed."""
    return hashlib.sha256(secret.encode()).hexdigest()
