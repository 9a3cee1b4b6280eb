"""What can be done with sessions: open, go on, look at them, end them."""

from datetime import datetime, timedelta

import pyotp
import structlog

from app.auth.errors import RefreshTokenInvalid, SessionNotFound
from app.auth.refresh_tokens import RefreshToken, new_family
from app.auth.remembering import RememberedLives
from app.auth.sessions import DeviceSession, SessionRepository
from app.auth.tokens import AccessTokens, SignedIn
from app.shared.clock import Clock
from app.shared.database import Database, Session
from app.shared.i18n import Language
from app.shared.ids import new_id

UNUSED_FOR = timedelta(days=60)
AT_THE_MOST = timedelta(days=365)
OVERLAP = timedelta(seconds=10)
SESSIONS_PER_MEMBER = 20

log = structlog.get_logger(__name__)


class SessionService:
    """The sessions of members."""

    def __init__(self, database: Database, tokens: AccessTokens, clock: Clock) -> None:
        self._sessions = SessionRepository(database)
        self._tokens = tokens
        self._clock = clock
        self._live = RememberedLives(self._sessions.lives, clock)

    async def open(
        self, member_id: str, language: Language, session: Session, device_name: str | None = None
    ) -> SignedIn:
        """A new session. A member has 20 at the most: the oldest ones make room."""
        now = self._clock.now()
        session_id = new_id()
        family = new_family()
        token = RefreshToken.new(session_id, family)
        await self._sessions.add(
            DeviceSession(
                id=session_id,
                member_id=member_id,
                device_name=device_name,
                language=language,
                card_secret=pyotp.random_base32(),
                refresh_token_hash=token.hash,
                token_family=family,
                created_at=now,
                last_used_at=now,
                expires_at=now + UNUSED_FOR,
                ends_at=now + AT_THE_MOST,
            ),
            session,
        )
        await self._make_room(member_id, now, session)
        return self._signed_in(member_id, session_id, language, token, now)

    async def refresh(self, refresh_token: str) -> SignedIn:
        """New tokens for the refresh token, which is spent by that.

        Presented again within 10 s it gives the same successor; later, the whole session ends, for one
        of the two who have the token is not its owner. Raises RefreshTokenInvalid.
        """
        now = self._clock.now()
        token = RefreshToken.parse(refresh_token)
        if token is None:
            raise RefreshTokenInvalid
        device = await self._sessions.get(token.session_id, now)
        if device is None or not token.is_of(device.token_family):
            raise RefreshTokenInvalid
        successor = RefreshToken.new(token.session_id, device.token_family)
        exchanged = await self._sessions.exchange(
            device.id, token.hash, successor.hash, token.seal(successor), now, now + UNUSED_FOR
        )
        if exchanged is None:
            successor = await self._repeated(token, now)
        return self._signed_in(device.member_id, device.id, device.language, successor, now)

    async def get(self, session_id: str) -> DeviceSession | None:
        """The session, if it lives."""
        return await self._sessions.get(session_id, self._clock.now())

    async def of_member(self, member_id: str, session: Session = None) -> list[DeviceSession]:
        """The member's sessions, the newest first."""
        return await self._sessions.of_member(member_id, self._clock.now(), SESSIONS_PER_MEMBER, session)

    async def give_card_secret(self, session_id: str) -> bool:
        """Whether the device is to be given its card's secret: true once."""
        return await self._sessions.give_card_secret(session_id)

    async def end(self, member_id: str, session_id: str) -> None:
        """Ends one session of the member. Raises SessionNotFound."""
        if not await self._sessions.remove(member_id, session_id):
            raise SessionNotFound(path=["input", "sessionId"])
        self._live.forget(session_id)

    async def end_all(self, member_id: str, session: Session = None) -> None:
        """Ends all of the member's sessions. Call `forget_all` once the transaction, if any, is committed."""
        await self._sessions.remove_all(member_id, session)
        self.forget_all()

    def forget_all(self) -> None:
        """Has every session looked up again before its next request."""
        self._live.forget_all()

    async def is_live(self, session_id: str) -> bool:
        """Whether access tokens of this session are still good; another process's sign-out counts in 30 s."""
        return await self._live.contains(session_id)

    async def _repeated(self, token: RefreshToken, now: datetime) -> RefreshToken:
        """The successor of a token that was spent a moment ago; an older one ends the session."""
        device = await self._sessions.get(token.session_id, now)
        if device is None:
            raise RefreshTokenInvalid
        is_previous = token.hash == device.previous_token_hash
        if is_previous and device.sealed_successor and now - device.last_used_at <= OVERLAP:
            return token.unseal(device.sealed_successor, device.token_family)
        await self._sessions.remove(device.member_id, device.id)
        self._live.forget(device.id)
        log.warning("refresh_token_replayed", member_id=device.member_id, session_id=device.id)
        raise RefreshTokenInvalid

    async def _make_room(self, member_id: str, now: datetime, session: Session) -> None:
        newest_first = await self._sessions.of_member(member_id, now, 2 * SESSIONS_PER_MEMBER, session)
        surplus = [device.id for device in newest_first[SESSIONS_PER_MEMBER:]]
        if surplus:
            await self._sessions.remove_many(surplus, session)

    def _signed_in(
        self, member_id: str, session_id: str, language: Language, token: RefreshToken, now: datetime
    ) -> SignedIn:
        access_token = self._tokens.issue(member_id, session_id, language, now)
        return SignedIn(access_token.text, token.text, access_token.expires_at)
