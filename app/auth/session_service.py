"""What can be done with sessions: open, go on, look at them, end them."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

import pyotp
import structlog

from app.auth.actor import Manager, StaffActor
from app.auth.errors import RefreshTokenInvalid, SessionNotFound
from app.auth.refresh_tokens import RefreshToken, new_family
from app.auth.remembering import Remembered
from app.auth.roles import Role
from app.auth.sessions import AnySession, MemberSession, SessionRepository, StaffSession
from app.auth.tokens import AccessTokens, SignedIn
from app.shared.clock import Clock
from app.shared.errors import Unauthenticated
from app.shared.i18n import Language
from app.shared.ids import new_id
from app.shared.mongodb.database import Database, Session
from app.shared.mongodb.reading import Reading

UNUSED_FOR = timedelta(days=60)
AT_THE_MOST = timedelta(days=365)
SHIFT = timedelta(hours=12)  # a staff member's session, whatever is done in it
OVERLAP = timedelta(seconds=10)
SESSIONS_PER_MEMBER = 20

log = structlog.get_logger(__name__)


class SessionService:
    """The sessions of members and of staff."""

    def __init__(self, database: Database, tokens: AccessTokens, clock: Clock) -> None:
        self._sessions = SessionRepository(database)
        self._tokens = tokens
        self._clock = clock
        self._live = Remembered(self._sessions.lives, clock)

    async def open(
        self, member_id: str, language: Language, session: Session, device_name: str | None = None
    ) -> SignedIn:
        """A new session. A member has 20 at the most: the oldest ones make room.

        Call `forget_all` once the transaction is committed, if it says that room was made.
        """
        kind = partial(
            MemberSession, member_id=member_id, device_name=device_name, card_secret=pyotp.random_base32()
        )
        signed_in = await self._open(kind, language, UNUSED_FOR, AT_THE_MOST, session)
        made_room = await self._make_room(member_id, self._clock.now(), session)
        return replace(signed_in, made_room=made_room)

    async def open_shift(
        self,
        staff_id: str,
        role: Role,
        store_id: str | None,
        device_id: str,
        language: Language,
        session: Session,
    ) -> SignedIn:
        """A new session of a staff member on a device, for 12 hours. The one before on this device ends.

        Not one that began within 10 s: who is sent twice at once does not know which answer the device keeps.
        Call `forget_all` once the transaction is committed.
        """
        begun_before = self._clock.now() - OVERLAP
        await self._sessions.remove_of_staff(
            staff_id, session, device_id=device_id, begun_before=begun_before
        )
        kind = partial(StaffSession, staff_id=staff_id, role=role, store_id=store_id, device_id=device_id)
        return await self._open(kind, language, SHIFT, SHIFT, session)

    async def _open(
        self,
        kind: Callable[..., AnySession],
        language: Language,
        unused_for: timedelta,
        at_the_most: timedelta,
        session: Session,
    ) -> SignedIn:
        now = self._clock.now()
        session_id, family = new_id(), new_family()
        token = RefreshToken.new(session_id, family)
        device = kind(
            id=session_id,
            language=language,
            refresh_token_hash=token.hash,
            token_family=family,
            created_at=now,
            last_used_at=now,
            expires_at=now + unused_for,
            ends_at=now + at_the_most,
        )
        await self._sessions.add(device, session)
        return self._signed_in(device, token, now)

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
        return self._signed_in(device, successor, now)

    async def first_tokens(self, session_id: str, sealed: str, pad: bytes) -> SignedIn | None:
        """The refresh token that a session began with, which was sealed, and a new access token.

        None once the session has ended or that token was exchanged: then who has it needs it no more.
        """
        now = self._clock.now()
        device = await self._sessions.get(session_id, now)
        if device is None:
            return None
        token = RefreshToken.unsealed(session_id, sealed, pad, device.token_family)
        return self._signed_in(device, token, now) if token.hash == device.refresh_token_hash else None

    def reading(self, session_id: str) -> Reading[MemberSession | None]:
        """The member's session with this id, if it lives."""
        return self._sessions.reading(session_id, self._clock.now()).understood(
            lambda device: device if isinstance(device, MemberSession) else None
        )

    async def of_member(self, member_id: str, session: Session = None) -> list[MemberSession]:
        """The member's sessions, the newest first."""
        return await self._sessions.of_member(member_id, self._clock.now(), SESSIONS_PER_MEMBER, session)

    async def give_card_secret(self, session_id: str) -> bool:
        """Whether the device is to be given its card's secret: true once."""
        return await self._sessions.give_card_secret(session_id)

    async def sign_out(self, session_id: str) -> None:
        """Ends the session that a request came with. Raises SessionNotFound."""
        if not await self._sessions.remove_many([session_id]):
            raise SessionNotFound
        self._live.forget(session_id)

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

    async def end_all_of_staff(self, staff_id: str, session: Session, except_id: str | None = None) -> None:
        """Ends all of a staff member's sessions, or all but one. `forget_all` when it is committed."""
        await self._sessions.remove_of_staff(staff_id, session, except_id=except_id)

    async def end_all_of_device(self, device_id: str, session: Session) -> None:
        """Ends all sessions on a store's device. `forget_all` when it is committed."""
        await self._sessions.remove_of_device(device_id, session)

    async def require_living(self, manager: Manager, session: Session) -> None:
        """Raises Unauthenticated when the manager's session has ended, whatever this process remembers.

        Whoever ends it while the transaction runs makes it run again: nothing that she does outlives it. The
        operator has no session.
        """
        if isinstance(manager, StaffActor) and not await self._sessions.act(
            manager.session_id, self._clock.now(), session
        ):
            self._live.forget(manager.session_id)
            raise Unauthenticated

    def is_known_to_live(self, session_id: str, now: datetime) -> bool:
        """Whether this process remembers that they are; if not, `is_live` tells."""
        return self._live.known(session_id, now) is not None

    async def is_live(self, session_id: str) -> bool:
        """Whether access tokens of this session are still good; another process's sign-out counts in 30 s."""
        return await self._live.get(session_id) is not None

    async def _repeated(self, token: RefreshToken, now: datetime) -> RefreshToken:
        """The successor of a token that was spent a moment ago; an older one ends the session."""
        device = await self._sessions.get(token.session_id, now)
        if device is None:
            raise RefreshTokenInvalid
        is_previous = token.hash == device.previous_token_hash
        if is_previous and device.sealed_successor and now - device.last_used_at <= OVERLAP:
            return token.unseal(device.sealed_successor, device.token_family)
        await self._sessions.remove_many([device.id])
        self._live.forget(device.id)
        log.warning("refresh_token_replayed", holder=device.holder, session_id=device.id)
        raise RefreshTokenInvalid

    async def _make_room(self, member_id: str, now: datetime, session: Session) -> bool:
        newest_first = await self._sessions.of_member(member_id, now, 2 * SESSIONS_PER_MEMBER, session)
        surplus = [device.id for device in newest_first[SESSIONS_PER_MEMBER:]]
        return bool(surplus) and await self._sessions.remove_many(surplus, session) > 0

    def _signed_in(self, device: AnySession, token: RefreshToken, now: datetime) -> SignedIn:
        if isinstance(device, StaffSession):
            access_token = self._tokens.issue_to_staff(device.actor, device.ends_at, now)
        else:
            access_token = self._tokens.issue(device.member_id, device.id, device.language, now)
        return SignedIn(access_token.text, token.text, access_token.expires_at, device.id)
