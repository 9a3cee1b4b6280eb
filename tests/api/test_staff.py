"""Staff and the stores' devices through the API."""

from datetime import timedelta
from typing import Any

import pytest

from app.auth.actor import OPERATOR
from app.auth.roles import Role
from app.cards.repository import CARD_VERIFICATIONS
from app.composition import build_services
from app.services import Services
from app.shared.mongodb.database import Database
from app.shared.settings.model import Settings
from graphql_schema.documents import TEXTS
from graphql_schema.node import encode_id, key_of
from tests.api.callers import Caller, staff_of
from tests.arrangements import PIN, a_device, a_shift, a_staff_member, add_stores
from tests.conftest import MovableClock
from tests.examples import a_store

STORE = encode_id("Store", "store-1")


async def run(caller: Caller, operation: str, variables: dict[str, Any] | None = None, **headers: str) -> Any:
    """The answer of an official operation: what stands in its only field."""
    text = TEXTS[operation]
    (answer,) = (await caller.send(text, variables, **headers)).values()
    return answer


async def codes(caller: Caller, operation: str, given: dict[str, Any]) -> list[str]:
    """Why an operation is rejected."""
    answer = await run(caller, operation, {"input": given})
    return [error["code"] for error in answer["errors"]]


async def test_from_a_code_to_a_shift_and_its_end(
    manager: Caller, anonymous: Caller, services: Services, clock: MovableClock
) -> None:
    made = await run(manager, "create_enrolment_code", {"input": {"deviceName": "Counter 2"}})
    enrolled = await run(anonymous, "enrol_device", {"input": {"code": made["code"]}})
    assert enrolled["device"]["name"] == "Counter 2"
    assert enrolled["device"]["store"]["id"] == STORE
    mori = {"code": "mori", "name": "森", "role": "COUNTER", "pin": PIN, "locale": "en"}
    added = await run(manager, "add_staff_member", {"input": mori})
    given = {"deviceToken": enrolled["deviceToken"], "staffCode": "Mori", "pin": PIN}
    signed_in = await run(anonymous, "sign_in_staff", {"input": given})
    assert signed_in["staffMember"] == {
        "id": added["staffMember"]["id"],
        "code": "MORI",
        "name": "森",
        "role": "COUNTER",
        "store": {"id": STORE, "name": "こはる 梅田店"},
    }
    clerk = Caller(anonymous.client, signed_in["accessToken"])
    viewer = await run(clerk, "viewer")
    assert (viewer["__typename"], viewer["code"]) == ("StaffMember", "MORI")
    assert viewer["store"]["name"] == "Koharu Umeda"  # she reads English
    clock.advance(timedelta(minutes=16))
    assert (await clerk.post("{ viewer { __typename } }")).status_code == 401
    refreshed = await run(
        anonymous, "refresh_session", {"input": {"refreshToken": signed_in["refreshToken"]}}
    )
    clerk = Caller(anonymous.client, refreshed["accessToken"])
    assert await clerk.send("mutation { signOut { ... on SignedOut { sessions { id } } } }") == {
        "signOut": {"sessions": []}
    }
    assert (await clerk.post("{ viewer { __typename } }")).status_code == 401
    again = {"input": {"refreshToken": refreshed["refreshToken"]}}
    assert (await run(anonymous, "refresh_session", again))["__typename"] == "Rejected"


async def test_viewer_tells_any_caller_who_they_are(
    anonymous: Caller, member: Caller, manager: Caller, till: Caller
) -> None:
    assert await run(anonymous, "viewer") is None
    assert (await run(member, "viewer"))["id"] == member.member_id
    assert (await run(manager, "viewer"))["id"] == manager.member_id
    assert await run(till, "viewer") == {
        "__typename": "Partner",
        "id": (await till.send("{ viewer { ... on Partner { id } } }"))["viewer"]["id"],
        "name": "Till",
        "scopes": ["CARDS_VERIFY", "PURCHASES_WRITE", "STOCK_WRITE"],
        "channels": None,
        "stores": None,
    }
    assert await manager.send("{ me { id } }") == {"me": None}


async def test_a_revoked_device_is_out(manager: Caller, services: Services, anonymous: Caller) -> None:
    shift = await a_shift(services, Role.COUNTER, "store-1")
    clerk = Caller(anonymous.client, shift.access_token)
    assert (await run(clerk, "viewer"))["__typename"] == "StaffMember"
    given = {"deviceId": encode_id("StoreDevice", shift.actor.device_id)}
    assert (await run(manager, "revoke_device", {"input": given}))["device"]["name"] == "Counter 1"
    assert (await clerk.post("{ viewer { __typename } }")).status_code == 401
    again = {"deviceToken": shift.device_token, "staffCode": shift.member.code, "pin": PIN}
    assert await codes(anonymous, "sign_in_staff", again) == ["DEVICE_NOT_ENROLLED"]
    assert await codes(manager, "revoke_device", given) == ["STORE_DEVICE_NOT_FOUND"]


async def test_aliases_do_not_help_to_guess(anonymous: Caller, services: Services) -> None:
    member = await a_staff_member(services, Role.HEADQUARTERS)
    token = await a_device(services)
    guesses = "".join(
        f'g{number}: signInStaff(input: {{deviceToken: "{token}", staffCode: "{member.code}", '
        f'pin: "62{number:04d}"}}) {{ ... on Rejected {{ errors {{ code }} }} }} '
        for number in range(20)
    )
    answers = (await anonymous.send(f"mutation {{ {guesses} }}")).values()
    told = [answer["errors"][0]["code"] for answer in answers]
    assert told == ["STAFF_SIGN_IN_FAILED"] * 5 + ["TOO_MANY_PIN_TRIES"] * 15


async def test_a_wait_is_told_in_both_languages(anonymous: Caller, services: Services) -> None:
    token = await a_device(services)
    given = {"input": {"deviceToken": token, "staffCode": "NOBODY", "pin": "620472"}}
    for _ in range(5):
        await run(anonymous, "sign_in_staff", given)
    for language, message in (
        ("ja", "PINの入力に続けて失敗しました。30秒後にもう一度お試しください。"),
        ("en", "Too many PINs were wrong. Try again in 30 seconds."),
    ):
        answer = await run(anonymous, "sign_in_staff", given, Accept_Language=language)
        assert answer["errors"] == [{"code": "TOO_MANY_PIN_TRIES", "message": message, "path": None}]


async def test_a_manager_cannot_act_for_another_store(
    manager: Caller, anonymous: Caller, services: Services, database: Database
) -> None:
    await add_stores(database, a_store(id="store-2"))
    other = encode_id("Store", "store-2")
    victim = await a_shift(services, Role.COUNTER, "store-2")
    someone = encode_id("StaffMember", victim.member.id)
    device = encode_id("StoreDevice", victim.actor.device_id)
    mori = {"code": "MORI", "name": "Mori", "role": "COUNTER", "pin": PIN, "storeId": other}
    for operation, given, code in (
        ("create_enrolment_code", {"deviceName": "Mine", "storeId": other}, "STORE_NOT_FOUND"),
        ("revoke_device", {"deviceId": device}, "STORE_DEVICE_NOT_FOUND"),
        ("add_staff_member", mori, "STORE_NOT_FOUND"),
        ("reset_staff_pin", {"staffMemberId": someone, "pin": "918273"}, "STAFF_MEMBER_NOT_FOUND"),
        ("remove_staff_member", {"staffMemberId": someone}, "STAFF_MEMBER_NOT_FOUND"),
    ):
        assert await codes(manager, operation, given) == [code]
    for field in ("staffMembers", "storeDevices"):
        (error,) = await manager.errors(f'{{ {field}(storeId: "{other}") {{ nodes {{ id }} }} }}')
        assert error["extensions"]["code"] == "STORE_NOT_FOUND"
    assert (await run(Caller(anonymous.client, victim.access_token), "viewer"))["id"] == someone


async def test_managers_and_headquarters_read_the_lists(
    manager: Caller, headquarters: Caller, services: Services, database: Database
) -> None:
    other = await staff_of(manager.client, services, database, Role.COUNTER, "store-2")
    own = (await run(manager, "staff_members"))["nodes"]
    assert [member["id"] for member in own] == [manager.member_id]
    assert own[0]["lastSignedInAt"] is not None
    everybody = (await run(headquarters, "staff_members", {"first": 100}))["nodes"]
    assert {member["id"] for member in everybody} == {
        manager.member_id,
        headquarters.member_id,
        other.member_id,
    }
    devices = (await run(headquarters, "store_devices", {"storeId": STORE}))["nodes"]
    assert [device["store"]["id"] for device in devices] == [STORE]
    assert len((await run(headquarters, "store_devices"))["nodes"]) == 3


async def test_a_clerk_scans_a_card(
    member: Caller, clerk: Caller, database: Database, clock: MovableClock
) -> None:
    card = (await member.send("{ me { number card { code { currentCode } } } }"))["me"]
    code = card["card"]["code"]["currentCode"]
    verified = await run(clerk, "verify_card", {"input": {"code": code, "idempotencyKey": "scan-0001"}})
    assert verified["memberNumber"] == card["number"]
    again = {"code": code, "idempotencyKey": "scan-0002"}
    assert await codes(clerk, "verify_card", again) == ["CARD_CODE_USED"]
    elsewhere = {"code": code, "idempotencyKey": "scan-0003", "storeId": encode_id("Store", "store-2")}
    assert await codes(clerk, "verify_card", elsewhere) == ["STORE_NOT_ALLOWED"]
    records = await database.collection(CARD_VERIFICATIONS).find({"at": clock.now()})
    assert {(record["store_id"], record["refusal"]) for record in records} == {
        ("store-1", None),
        ("store-1", "CARD_CODE_USED"),
    }


async def test_each_staff_member_has_a_budget_of_her_own(clerk: Caller, manager: Caller) -> None:
    async def left(caller: Caller) -> int:
        cost = (await caller.post("{ viewer { __typename } }")).json()["extensions"]["cost"]
        available: int = cost["available"]
        return available

    before = await left(clerk)
    assert await left(clerk) < before
    assert await left(manager) == before


async def test_staff_change_their_own_pin(clerk: Caller) -> None:
    wrong = {"oldPin": "918273", "newPin": "471620"}
    assert await codes(clerk, "change_staff_pin", wrong) == ["PIN_WRONG"]
    weak = {"oldPin": PIN, "newPin": "123456"}
    assert await codes(clerk, "change_staff_pin", weak) == ["PIN_INVALID"]
    changed = await run(clerk, "change_staff_pin", {"input": {"oldPin": PIN, "newPin": "471620"}})
    assert changed["staffMember"]["id"] == clerk.member_id


async def test_a_manager_looks_after_her_staff(manager: Caller, clerk: Caller) -> None:
    someone = {"staffMemberId": clerk.member_id}
    reset = await run(manager, "reset_staff_pin", {"input": {**someone, "pin": "471620"}})
    assert reset["staffMember"]["id"] == clerk.member_id
    assert (await clerk.post("{ viewer { __typename } }")).status_code == 401
    removed = await run(manager, "remove_staff_member", {"input": someone})
    assert removed["staffMember"]["id"] == clerk.member_id
    assert await codes(manager, "remove_staff_member", someone) == ["STAFF_MEMBER_NOT_FOUND"]
    assert await codes(manager, "remove_staff_member", {"staffMemberId": manager.member_id}) == [
        "ROLE_NOT_ALLOWED"
    ]


async def test_a_new_staff_member_is_told_all_that_is_wrong(headquarters: Caller) -> None:
    wrong = {"code": "!", "name": "", "role": "COUNTER", "pin": "111111", "locale": "fr"}
    assert await codes(headquarters, "add_staff_member", wrong) == [
        "STAFF_CODE_INVALID",
        "NAME_INVALID",
        "LOCALE_UNKNOWN",
        "PIN_INVALID",
        "ROLE_STORE_MISMATCH",
    ]


@pytest.mark.parametrize("text", ["", "\x00", "あ" * 1000, "\u202e", "$ne", "x" * 20_000])
async def test_odd_texts_are_declined_and_nothing_breaks(
    anonymous: Caller, services: Services, text: str
) -> None:
    assert await codes(anonymous, "enrol_device", {"code": text}) == ["ENROLMENT_CODE_INVALID"]
    given = {"deviceToken": text, "staffCode": text, "pin": text}
    assert await codes(anonymous, "sign_in_staff", given) == ["DEVICE_NOT_ENROLLED"]
    given["deviceToken"] = await a_device(services)
    assert await codes(anonymous, "sign_in_staff", given) == ["STAFF_SIGN_IN_FAILED"]


async def test_an_empty_store_id_is_no_id_and_not_none(headquarters: Caller) -> None:
    director = {"code": "MORI", "name": "森", "role": "HEADQUARTERS", "pin": PIN}
    scan = {"code": "0" * 24, "idempotencyKey": "scan-00000001"}
    for operation, given in (
        ("create_enrolment_code", {"deviceName": "Office"}),
        ("add_staff_member", director),
        ("verify_card", scan),
    ):
        assert await codes(headquarters, operation, {**given, "storeId": ""}) == ["INVALID_ID"]


async def test_who_was_removed_by_another_process_is_told_to_sign_in(
    manager: Caller, services: Services, settings: Settings, database: Database, clock: MovableClock
) -> None:
    await run(manager, "viewer")
    elsewhere = build_services(settings, database, clock)
    await elsewhere.staff.remove(OPERATOR, key_of(manager.member_id, "StaffMember", []))
    text = TEXTS["create_enrolment_code"]
    (error,) = await manager.errors(text, {"input": {"deviceName": "Counter 2"}})
    assert error["extensions"]["code"] == "UNAUTHENTICATED"
    assert (await manager.post("{ viewer { __typename } }")).status_code == 401
