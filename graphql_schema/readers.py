"""The kinds of callers that a field may be readable by."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from app.auth.actor import MemberActor, PartnerActor, StaffActor
from app.auth.partners import Scope
from app.auth.roles import Role
from graphql_schema.context import Context

Admits = Callable[[Context, Any], bool]


@dataclass(frozen=True, slots=True)
class Readers:
    """Some callers. `admits` tells whether the caller of this request may read a field of this object."""

    admits: Admits

    def __or__(self, other: "Readers") -> "Readers":
        return Readers(lambda context, source: self.admits(context, source) or other.admits(context, source))

    def __and__(self, other: "Readers") -> "Readers":
        return Readers(lambda context, source: self.admits(context, source) and other.admits(context, source))


def partners(scope: Scope) -> Readers:
    """Partners whose token has this scope."""

    def admits(context: Context, source: Any) -> bool:
        return isinstance(context.actor, PartnerActor) and scope in context.actor.scopes

    return Readers(admits)


def staff(*roles: Role) -> Readers:
    """Staff with one of these roles; all staff when none is named."""
    admitted = frozenset(roles or Role)

    def admits(context: Context, source: Any) -> bool:
        return isinstance(context.actor, StaffActor) and context.actor.role in admitted

    return Readers(admits)


def _owns(context: Context, source: Any) -> bool:
    """Whether the object is the calling member's, or hers who has just signed in by this very request."""
    owner_id, actor = source.owner_id, context.actor
    return (actor.__class__ is MemberActor and actor.member_id == owner_id) or owner_id in context.let_in


def _manages(context: Context, source: Any) -> bool:
    """Whether the object's store is the caller's to manage."""
    return isinstance(context.actor, StaffActor) and context.actor.manages(source.store_id)


def _is_herself(context: Context, source: Any) -> bool:
    """Whether the object is the calling staff member, or she who has just signed in by this very request."""
    staff_id: str = source.staff_id
    is_she = isinstance(context.actor, StaffActor) and context.actor.staff_id == staff_id
    return is_she or staff_id in context.let_in_ids


def _keeps_its_stock(context: Context, source: Any) -> bool:
    """Whether the caller keeps the stock of the object's store: its staff, or a partner who writes it."""
    match context.actor:
        case StaffActor() as keeper:
            return keeper.acts_for(source.key.store_id)
        case PartnerActor(scopes=scopes, store_ids=None) as partner:
            return Scope.STOCK_WRITE in scopes and not partner.is_limited
        case PartnerActor(scopes=scopes, store_ids=store_ids):
            return Scope.STOCK_WRITE in scopes and source.key.store_id in (store_ids or ())
        case _:
            return False


def _acts_for(context: Context, source: Any) -> bool:
    """Whether the calling staff member may act for the object's store."""
    return isinstance(context.actor, StaffActor) and context.actor.acts_for(source.store_id)


def _is_itself(context: Context, source: Any) -> bool:
    return isinstance(context.actor, PartnerActor) and context.actor.partner_id == source.partner_id


EVERYBODY = Readers(lambda context, source: True)

# What only carries other things, such as a page or a mutation's result: readable by whoever was given it.
WHOEVER_HAS_IT = Readers(lambda context, source: True)

MEMBERS = Readers(lambda context, source: isinstance(context.actor, MemberActor))

MANAGERS = staff(Role.STORE_MANAGER, Role.HEADQUARTERS)

# The manager of the store that the object names as its `store_id`, and headquarters.
ITS_MANAGERS = Readers(_manages)

# The staff of the store whose stock level it is, headquarters, and partners who write stock there.
STOCK_KEEPERS = Readers(_keeps_its_stock)

# The staff of the store that the object names as its `store_id`, and headquarters.
ITS_STAFF = Readers(_acts_for)

# The staff member whom the object names as its `staff_id`.
HERSELF = Readers(_is_herself)

# The partner whom the object names as its `partner_id`.
ITSELF = Readers(_is_itself)

# The device that this very request has enrolled.
JUST_ENROLLED = Readers(lambda context, source: source.device_id in context.let_in_ids)

# The member whom the object belongs to: it names her as its `owner_id`.
OWNER = Readers(_owns)
