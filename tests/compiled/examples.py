"""Who calls in the tests of plans."""

from datetime import UTC, datetime
from typing import Any, cast

from app.auth.actor import ANONYMOUS, Actor, MemberActor, PartnerActor, StaffActor
from app.auth.partners import Scope
from app.auth.roles import Role
from app.shared.i18n import Language
from graphql_schema.budget import Budget
from graphql_schema.context import Context
from graphql_schema.listeners import Listeners

ME = "member-1"
ACTORS: list[Actor] = [
    MemberActor(ME, "session-1", Language.EN),
    StaffActor("staff-1", Role.HEADQUARTERS, None, "device-1", "session-2", Language.JA),
    StaffActor("staff-1", Role.COUNTER, "store-1", "device-1", "session-2", Language.JA),
    PartnerActor("partner-1", frozenset(Scope)),
    ANONYMOUS,
]


def a_context(actor: Actor) -> Context:
    """A request of this caller, without any services behind it."""
    return Context(
        services=cast(Any, None),
        actor=actor,
        accepted_language=None,
        now=datetime(2026, 11, 21, 3, tzinfo=UTC),
        may_introspect=True,
        client_address="192.0.2.1",
        budget=Budget(),
        listeners=Listeners(100),
    )
