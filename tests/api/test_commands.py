"""How many commands each official operation sends to MongoDB: the table that must not grow unnoticed."""

from pathlib import Path
from typing import Any

import pytest

from app.services import Services
from app.shared.database import Database
from app.shared.i18n import Language
from graphql_schema.node import encode_id
from graphql_schema.scalars import serialize_moment
from tests.api.conftest import Caller
from tests.arrangements import a_code, add_stores
from tests.conftest import COMMANDS, MovableClock
from tests.examples import DEVICE_ID, UMEDA, a_store

OPERATIONS = Path(__file__).parents[2] / "graphql_schema" / "operations"
STORES = [a_store() for _ in range(20)]
STORE_IDS = [encode_id("Store", store.id) for store in STORES]
FIRST_PAGE = {"near": {"latitude": UMEDA.latitude, "longitude": UMEDA.longitude}, "first": 20}

# The most commands of each operation, commit included; the caller's session is known already.
MOST_COMMANDS: dict[str, int] = {
    "check_in": 10,
    "my_card": 2,
    "my_card_code": 3,
    "my_points": 3,
    "my_sessions": 2,
    "nearby_stores": 1,
    "refresh_session": 2,
    "register_guest": 7,
    "request_sign_in_code": 4,
    "revoke_session": 2,
    "sign_in": 22,
    "sign_out": 2,
    "sign_out_everywhere": 2,
    "update_profile": 5,
    "verify_card": 10,
}


@pytest.fixture
def commands() -> list[str]:
    COMMANDS.clear()
    return COMMANDS


async def variables_of(name: str, member: Caller, services: Services, clock: MovableClock) -> dict[str, Any]:
    """The input of an operation that does all it can."""
    if name == "refresh_session":
        register = (OPERATIONS / "register_guest.graphql").read_text(encoding="utf-8")
        registered = await member.send(register, {"input": {"deviceId": DEVICE_ID}})
        return {"input": {"refreshToken": registered["registerGuest"]["refreshToken"]}}
    if name == "revoke_session":
        (session,) = (await member.send("{ me { sessions { id } } }"))["me"]["sessions"]
        return {"input": {"sessionId": session["id"]}}
    if name == "verify_card":
        card = (await member.send("{ me { card { code { currentCode } } } }"))["me"]["card"]
        return {"input": {"code": card["code"]["currentCode"], "idempotencyKey": "key-00000001"}}
    if name == "sign_in":
        given = await a_code(services, "hana@example.com")
        await services.sign_in.sign_in(given, None, Language.JA, None)
        given = await a_code(services, "hana@example.com")
        return {"input": {"challengeId": given.challenge_id, "code": given.code}}
    location = {**FIRST_PAGE["near"], "accuracyMeters": 10, "measuredAt": serialize_moment(clock.now())}  # type: ignore[dict-item]
    inputs: dict[str, dict[str, Any]] = {
        "check_in": {
            "input": {"storeId": STORE_IDS[0], "location": location, "idempotencyKey": "key-00000001"}
        },
        "nearby_stores": FIRST_PAGE,
        "register_guest": {"input": {"deviceId": "another-" + DEVICE_ID}},
        "request_sign_in_code": {"input": {"channel": "EMAIL", "destination": "hana@example.com"}},
        "update_profile": {"input": {"nickname": "さくら", "favouriteStoreIds": STORE_IDS}},
    }
    return inputs.get(name, {})


def test_the_table_names_every_official_operation() -> None:
    assert {path.stem for path in OPERATIONS.glob("*.graphql")} == set(MOST_COMMANDS)


@pytest.mark.parametrize("name", sorted(MOST_COMMANDS))
async def test_an_operation_sends_no_more_commands_than_the_table_says(
    name: str,
    member: Caller,
    till: Caller,
    services: Services,
    database: Database,
    clock: MovableClock,
    commands: list[str],
) -> None:
    await add_stores(database, *STORES)
    await member.send("{ me { id } }")
    await till.send("{ __typename }")
    variables = await variables_of(name, member, services, clock)
    commands.clear()
    caller = till if name == "verify_card" else member
    data = await caller.send((OPERATIONS / f"{name}.graphql").read_text(encoding="utf-8"), variables)
    assert "Rejected" not in str(data)
    assert len(commands) == MOST_COMMANDS[name], commands
