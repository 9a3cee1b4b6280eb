"""Consents: what a member allows us to do, and the record of when she said so."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from app.shared.channels import Channel


class ConsentKind(StrEnum):
    """What a member may allow. Whoever has not decided allows nothing."""

    PERSONALIZATION = "PERSONALIZATION"
    MARKETING_PUSH = "MARKETING_PUSH"
    MARKETING_EMAIL = "MARKETING_EMAIL"
    LOCATION = "LOCATION"


@dataclass(frozen=True, slots=True)
class ConsentDecision:
    """That a member gave or withdrew a consent: which version of the text she saw, where and when."""

    kind: ConsentKind
    is_given: bool
    text_version: str
    channel: Channel
    decided_at: datetime


@dataclass(frozen=True, slots=True)
class ConsentEntry:
    """A decision on record: number `seq` of this member, and how all kinds stand after it."""

    id: str
    member_id: str
    seq: int
    decision: ConsentDecision
    standing: tuple[ConsentDecision, ...]


@dataclass(frozen=True, slots=True)
class ConsentWish:
    """What a member decides now: yes or no to each of these kinds, having seen this version of the text."""

    decisions: tuple[tuple[ConsentKind, bool], ...]
    text_version: str
    channel: Channel
