"""Who was let in, told again to a device whose answer got lost.

A device that gives its code with an idempotency key, and gives it again word for word, is told of the same
session. That is safe for these reasons. Whoever asks must have the challenge id, which is 256 random bits or
as hard to guess as the device's own key, the code and the key: all that the first caller had, and who has all
of that has the tokens too. Our records tell none of the three, and not the refresh token either: it is sealed
with a pad that is made of them. It ends after 10 minutes, and sooner when the session ends or the token is
first exchanged: then the answer has arrived. And who repeats a try learns nothing that the first one did not.
"""

from dataclasses import dataclass

from app.auth.refresh_tokens import RefreshToken
from app.auth.session_service import SessionService
from app.auth.tokens import SignedIn
from app.members.model import Member
from app.members.service import MemberService
from app.shared.clock import Clock
from app.shared.mongodb.database import Database, Session
from app.sign_in import rules
from app.sign_in.model import CodeGiven, GuestMerge, LetIn
from app.sign_in.repository import AnswerRepository, MergeRepository


@dataclass(frozen=True, slots=True)
class MemberSignedIn:
    """A member and the tokens of her device; `merge` tells of the guest that the device was before."""

    member: Member
    tokens: SignedIn
    is_new: bool
    merge: GuestMerge | None


class SignInAnswers:
    """Remembers who was let in, and tells it again."""

    def __init__(
        self, database: Database, members: MemberService, sessions: SessionService, clock: Clock
    ) -> None:
        self._answers = AnswerRepository(database)
        self._merges = MergeRepository(database)
        self._members = members
        self._sessions = sessions
        self._clock = clock

    async def remember(self, given: CodeGiven, signed_in: MemberSignedIn, session: Session) -> None:
        """In the transaction that lets her in; nothing where no key was given."""
        if given.key is None:
            return
        tokens, merge = signed_in.tokens, signed_in.merge
        let_in = LetIn(
            member_id=signed_in.member.id,
            session_id=tokens.session_id,
            sealed_token=RefreshToken.of(tokens.refresh_token).sealed(rules.token_pad(given)),
            is_new=signed_in.is_new,
            guest_id=merge.guest_id if merge else None,
        )
        expires_at = self._clock.now() + rules.TOLD_AGAIN_FOR
        await self._answers.add(rules.try_id(given), let_in, expires_at, session)

    async def find(self, given: CodeGiven) -> MemberSignedIn | None:
        """What was answered to this very try; None when nothing was, or it is told no more."""
        if given.key is None:
            return None
        let_in = await self._answers.get(rules.try_id(given), self._clock.now())
        if let_in is None:
            return None
        pad = rules.token_pad(given)
        tokens = await self._sessions.first_tokens(let_in.session_id, let_in.sealed_token, pad)
        member = await self._members.get(let_in.member_id)
        if tokens is None or member is None:
            return None
        merge = await self._merges.get(let_in.guest_id) if let_in.guest_id else None
        return MemberSignedIn(member, tokens, let_in.is_new, merge)
