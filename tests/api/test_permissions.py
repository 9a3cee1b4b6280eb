"""Who may read what: the agreed matrix, and that every field is asked when it is read."""

from collections.abc import Awaitable, Callable
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from graphql import build_schema

from app.auth.actor import OPERATOR, StaffActor
from app.auth.partners import Scope
from app.services import Services
from app.shared.errors import Forbidden, Unauthenticated
from app.shared.mongodb.database import Database
from app.shared.paging import PageRequest
from graphql_schema.node import encode_id, key_of
from graphql_schema.permissions import READERS, ROOT_TYPES, UndeclaredField, guard, object_fields
from graphql_schema.readers import EVERYBODY, WHOEVER_HAS_IT
from graphql_schema.schema import schema
from tests.api.callers import Caller, sign_in, staff_of
from tests.api.permission_calls import CALLS, REJECTED
from tests.api.permission_matrix import (
    A_THING,
    ACTORS,
    AGREED,
    STAFF,
    context_of,
    is_admitted,
    matrix,
)
from tests.arrangements import add_stores
from tests.examples import a_request, a_store

ENDING_THE_SESSION = {"Mutation.signOut", "Mutation.signOutEverywhere"}
NEVER_TOLD = {"UNAUTHENTICATED", "FORBIDDEN", "THROTTLED", "INTERNAL_ERROR"}  # to a caller who is let in

SignIn = Callable[[], Awaitable[Caller]]


@pytest.fixture
def callers(client: httpx.AsyncClient, services: Services, database: Database) -> dict[str, SignIn]:
    """How each caller of the matrix comes in."""

    async def anonymous() -> Caller:
        return Caller(client)

    async def owner() -> Caller:
        return await sign_in(client, "the-owners-own-device-0001")

    async def other_member() -> Caller:
        return await sign_in(client, "another-members-device-0001")

    def partner(*scopes: Scope) -> SignIn:
        async def come_in() -> Caller:
            made, _ = await services.partners.create("A partner", scopes)
            return Caller(client, services.partners.grant(made, None).token.text)

        return come_in

    def staff(actor: StaffActor) -> SignIn:
        return lambda: staff_of(client, services, database, actor.role, actor.store_id)

    return {
        "anonymous": anonymous,
        "owner": owner,
        "other-member": other_member,
        "partner": partner(),
        "partner-that-listens": partner(Scope.EVENTS_READ),
        **{scope.value: partner(scope) for scope in Scope},
        **{name: staff(actor) for name, actor in STAFF.items()},
    }


def test_the_matrix_is_the_one_that_was_agreed_on() -> None:
    agreed = AGREED.read_text(encoding="utf-8")
    assert matrix() == agreed, "see the difference by: python -m tests.api.permission_matrix"


@pytest.mark.parametrize(
    "definition", ["type Query { gossip: String }", "type Query { me: Gossip } type Gossip { text: String }"]
)
def test_a_field_that_nobody_declared_stops_the_start(definition: str) -> None:
    with pytest.raises(UndeclaredField, match="do not say who may read"):
        guard(build_schema(definition))


def test_a_row_without_a_field_stops_the_start() -> None:
    with pytest.raises(UndeclaredField, match="name what does not exist"):
        guard(build_schema("type Query { me: String }"))


def test_every_root_field_is_tried() -> None:
    """Subscriptions want a socket, and are tried in test_live.py."""
    fields = object_fields(schema._schema)
    tried = ROOT_TYPES - {"Subscription"}
    assert {f"{name}.{field}" for name, field, _ in fields if name in tried} == set(CALLS)


@pytest.mark.parametrize("actor", ACTORS)
async def test_a_root_field_lets_in_whom_the_matrix_names(callers: dict[str, SignIn], actor: str) -> None:
    """One caller asks for all fields, and comes in anew for each that ends the session."""
    told: dict[str, set[str]] = {}
    caller = await callers[actor]()
    for field in sorted(CALLS, key=ENDING_THE_SESSION.__contains__):
        if field in ENDING_THE_SESSION:
            caller = await callers[actor]()
        answer = (await caller.post(CALLS[field].replace("%s", REJECTED))).json()
        told[field] = {error["extensions"]["code"] for error in answer.get("errors", [])}
    wrong = {
        field: codes
        for field, codes in told.items()
        if (codes & NEVER_TOLD if is_let_in(actor, field) else codes != {code_of_refusal(actor)})
    }
    assert wrong == {}


def is_let_in(actor: str, field: str) -> bool:
    type_name, field_name = field.split(".")
    return is_admitted(ACTORS[actor], type_name, field_name)


def code_of_refusal(actor: str) -> str:
    return "UNAUTHENTICATED" if actor == "anonymous" else "FORBIDDEN"


@pytest.mark.parametrize("actor", [actor for actor in ACTORS if actor != "owner"])
async def test_what_is_a_members_own_is_nothing_to_others(
    callers: dict[str, SignIn], services: Services, database: Database, actor: str
) -> None:
    store = a_store()
    await add_stores(database, store)
    owner = await callers["owner"]()
    member_id = key_of(owner.member_id, "Member", [])
    request = a_request(store, services.clock.now(), "the-owners-own-key")
    check_in = (await services.check_ins.check_in(member_id, request)).check_in
    caller = await callers[actor]()
    for node_id in (owner.member_id, encode_id("CheckIn", check_in.id)):
        document = "query ($id: ID!) { node(id: $id) { id } }"
        assert (await owner.send(document, {"id": node_id}))["node"] == {"id": node_id}
        assert await caller.send(document, {"id": node_id}) == {"node": None}


@pytest.mark.parametrize("actor", ACTORS)
async def test_what_is_a_stores_own_is_nothing_to_others(
    callers: dict[str, SignIn], services: Services, actor: str
) -> None:
    caller = await callers[actor]()
    await callers["COUNTER-1"]()
    ((device, _), *_) = (await services.store_devices.page(OPERATOR, "store-1", PageRequest(1))).items
    ((member, _), *_) = (await services.staff.page(OPERATOR, "store-1", PageRequest(1))).items
    till, _ = await services.partners.create("Another partner", [])
    others = {
        encode_id("StaffMember", member.id): {"STORE_MANAGER-1", "HEADQUARTERS"},
        encode_id("StoreDevice", device.id): {"STORE_MANAGER-1", "HEADQUARTERS"},
        encode_id("Partner", till.id): {"HEADQUARTERS"},
    }
    for node_id, admitted in others.items():
        node = (await caller.send("query ($id: ID!) { node(id: $id) { id } }", {"id": node_id}))["node"]
        is_hers = actor in admitted or node_id == caller.member_id
        assert node == ({"id": node_id} if is_hers else None)


async def test_cursors_and_keys_of_another_member_show_nothing_of_hers(
    callers: dict[str, SignIn], services: Services, database: Database
) -> None:
    store = a_store()
    await add_stores(database, store)
    owner, other = await callers["owner"](), await callers["other-member"]()
    request = a_request(store, services.clock.now(), "the-owners-own-key")
    first = (await services.check_ins.check_in(key_of(owner.member_id, "Member", []), request)).check_in
    lists = "{ me { checkIns { edges { cursor } } points { entries { edges { cursor } } } } }"
    me = (await owner.send(lists))["me"]
    cursors = {
        "checkIns": me["checkIns"]["edges"][0]["cursor"],
        "entries": me["points"]["entries"]["edges"][0]["cursor"],
    }
    seen = await other.send(
        "query ($one: String, $two: String) { me { checkIns(after: $one) { nodes { id } } "
        "points { balance entries(after: $two) { nodes { id } } } } }",
        {"one": cursors["checkIns"], "two": cursors["entries"]},
    )
    assert seen["me"] == {"checkIns": {"nodes": []}, "points": {"balance": 0, "entries": {"nodes": []}}}
    again = (await services.check_ins.check_in(key_of(other.member_id, "Member", []), request)).check_in
    assert again.id != first.id


PRIVATE = [
    name
    for name, readers in READERS.items()
    if "." not in name and readers not in (EVERYBODY, WHOEVER_HAS_IT)
]


@pytest.mark.parametrize("actor", ACTORS)
def test_an_object_that_leaks_is_still_not_read(actor: str) -> None:
    """Were a resolver to give out what is another's, each of its fields would refuse to be read."""
    info: Any = SimpleNamespace(context=context_of(ACTORS[actor]))
    refused = {name for name in PRIVATE if not is_admitted(ACTORS[actor], name, "id")}
    expected = Unauthenticated if actor == "anonymous" else Forbidden
    read = [
        f"{type_name}.{name}"
        for type_name, name, field in object_fields(schema._schema)
        if type_name in refused and not raises(expected, field.resolve, A_THING, info)
    ]
    assert read == []


def raises(expected: type[Exception], act: Callable[..., Any], *given: Any) -> bool:
    """Whether that is what happens, and nothing else."""
    try:
        act(*given)
    except Exception as error:
        return type(error) is expected
    return False


def test_what_is_private_is_so_for_most() -> None:
    """The test above has something to test: each private type refuses callers of every kind."""
    for type_name in PRIVATE:
        refused = {name for name, actor in ACTORS.items() if not is_admitted(actor, type_name, "id")}
        assert {"anonymous", "other-member", "schema:read", "COUNTER-2", "STORE_MANAGER-2"} <= refused
