"""The permission matrix: every field of the schema, and which callers may read it.

The objects belong to the member `owner`, to store 1 and its COUNTER-1, or to the partner `partner`.
`python -m tests.api.permission_matrix` prints the matrix as it is declared; `permission_matrix.txt` is the
one that was agreed on.
"""

import sys
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

from app.auth.actor import ANONYMOUS, Actor, MemberActor, PartnerActor, StaffActor
from app.auth.partners import Scope
from app.auth.roles import Role
from app.inventory.model import StockKey
from app.shared.i18n import Language
from graphql_schema.context import Context
from graphql_schema.permissions import object_fields, readers_of
from graphql_schema.readers import WHOEVER_HAS_IT
from graphql_schema.schema import schema

AGREED = Path(__file__).with_suffix(".txt")
OWNER_ID = "owner"

STORE_ROLES = (Role.COUNTER, Role.FLOOR, Role.STORE_MANAGER)
STAFF: dict[str, StaffActor] = {
    **{
        f"{role.value}-{number}": StaffActor(
            f"{role.value}-{number}", role, f"store-{number}", "device", "session", Language.EN
        )
        for number in (1, 2)
        for role in STORE_ROLES
    },
    "HEADQUARTERS": StaffActor("HEADQUARTERS", Role.HEADQUARTERS, None, "device", "session", Language.EN),
}
ACTORS: dict[str, Actor] = {
    "anonymous": ANONYMOUS,
    "owner": MemberActor(OWNER_ID, "session", Language.EN),
    "other-member": MemberActor("other", "session", Language.EN),
    "partner": PartnerActor("partner", frozenset()),
    "partner-that-listens": PartnerActor("partner", frozenset({Scope.EVENTS_READ})),
    **{scope.value: PartnerActor("another", frozenset({scope})) for scope in Scope},
    **STAFF,
}


A_THING: Any = SimpleNamespace(
    owner_id=OWNER_ID,
    store_id="store-1",
    staff_id="COUNTER-1",
    device_id="a-device",
    partner_id="partner",
    key=StockKey("sku", "store-1"),
)


def context_of(actor: Actor) -> Context:
    context = SimpleNamespace(actor=actor, let_in={}, let_in_ids=set())
    context.member_actor = partial(Context.member_actor, context)
    return cast(Context, context)


def is_admitted(actor: Actor, type_name: str, field_name: str) -> bool:
    """Whether the table lets this caller read the field of an object of the owner's, or the first store's."""
    return readers_of(type_name, field_name).admits(context_of(actor), A_THING)


def matrix() -> str:
    """A line for each field, a column for each caller: yes or a dash."""
    fields = [(type_name, field_name) for type_name, field_name, _ in object_fields(schema._schema)]
    width = max(len(f"{type_name}.{field_name}") for type_name, field_name in fields)
    lines = ["  ".join(["field".ljust(width), *ACTORS])]
    for type_name, field_name in fields:
        cells = ["whoever has it"]
        if readers_of(type_name, field_name) is not WHOEVER_HAS_IT:
            cells = [
                ("yes" if is_admitted(actor, type_name, field_name) else "-").ljust(len(name))
                for name, actor in ACTORS.items()
            ]
        lines.append("  ".join([f"{type_name}.{field_name}".ljust(width), *cells]).rstrip())
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.stdout.write(matrix())
