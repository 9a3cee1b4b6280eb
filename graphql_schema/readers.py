"""The kinds of callers that a field may be readable by."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from app.auth.actor import MemberActor, PartnerActor
from app.auth.partners import Scope
from graphql_schema.context import Context

Admits = Callable[[Context, Any], bool]


@dataclass(frozen=True, slots=True)
class Readers:
    """Some callers. `admits` tells whether the caller of this request may read a field of this object."""

    admits: Admits

    def __or__(self, other: "Readers") -> "Readers":
        return Readers(lambda context, source: self.admits(context, source) or other.admits(context, source))


def partners(scope: Scope) -> Readers:
    """Partners whose token has this scope."""

    def admits(context: Context, source: Any) -> bool:
        return isinstance(context.actor, PartnerActor) and scope in context.actor.scopes

    return Readers(admits)


def _owns(context: Context, source: Any) -> bool:
    """Whether the object is the calling member's, or hers who has just signed in by this very request."""
    owner_id: str = source.owner_id
    is_hers = isinstance(context.actor, MemberActor) and context.actor.member_id == owner_id
    return is_hers or owner_id in context.signed_in_member_ids


EVERYBODY = Readers(lambda context, source: True)

# What only carries other things, such as a page or a mutation's result: readable by whoever was given it.
WHOEVER_HAS_IT = Readers(lambda context, source: True)

MEMBERS = Readers(lambda context, source: isinstance(context.actor, MemberActor))

# The member whom the object belongs to: it names her as its `owner_id`.
OWNER = Readers(_owns)
