"""The actor: who is calling."""

from dataclasses import dataclass

from app.auth.partners import Scope
from app.shared.i18n import Language


@dataclass(frozen=True, slots=True)
class Anonymous:
    """Somebody without a token."""


@dataclass(frozen=True, slots=True)
class MemberActor:
    """A member, by the access token of one session."""

    member_id: str
    session_id: str
    language: Language


@dataclass(frozen=True, slots=True)
class PartnerActor:
    """A partner system, by an access token with these scopes."""

    partner_id: str
    scopes: frozenset[Scope]


Actor = Anonymous | MemberActor | PartnerActor
ANONYMOUS = Anonymous()
