"""Signing in: a member proves an address by a one-time code that was sent there."""

from dataclasses import dataclass, field
from datetime import datetime

from app.messages.model import MessageChannel


@dataclass(frozen=True, slots=True)
class Address:
    """Where a member can be reached: an email address, or a telephone number as E.164 writes it."""

    channel: MessageChannel
    destination: str = field(repr=False)

    @property
    def id(self) -> str:
        return f"{self.channel.value}:{self.destination}"


@dataclass(frozen=True, slots=True)
class ProvenAddress:
    """An address that a member has proven to be hers."""

    address: Address
    proven_at: datetime


@dataclass(frozen=True, slots=True)
class Challenge:
    """A code that was sent and is waited for; neither the code nor the caller's challenge id is kept."""

    address: Address
    code_hash: str


@dataclass(frozen=True, slots=True)
class CodeSent:
    """What the caller needs to answer the challenge."""

    challenge_id: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class CodeGiven:
    """A code that a caller gives for a challenge, and the network she does it from.

    With an idempotency key she may give it again, should the answer get lost.
    """

    challenge_id: str
    code: str
    network: str
    key: str | None = None


@dataclass(frozen=True, slots=True)
class LetIn:
    """Who was let in by a code, to be told again: her session's refresh token is sealed.

    `guest_id` is whom she was merged with.
    """

    member_id: str
    session_id: str
    sealed_token: str
    is_new: bool
    guest_id: str | None


@dataclass(frozen=True, slots=True)
class GuestMerge:
    """A guest who became one with a member, and what of hers went over or was withdrawn."""

    guest_id: str
    member_id: str
    points_moved: int
    points_withdrawn: int
    check_ins_moved: int
    check_ins_declined: int
    purchases_moved: int
    orders_moved: int
    merged_at: datetime
