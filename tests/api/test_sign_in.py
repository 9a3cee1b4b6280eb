"""Signing in through GraphQL, as the app on a phone does."""

from typing import Any

import httpx
import pytest

from app.messages.outbox import DevelopmentOutbox
from app.services import Services
from app.shared.mongodb.database import Database
from graphql_schema.documents import TEXTS
from graphql_schema.node import key_of
from tests.api.callers import Caller
from tests.arrangements import CODE_SENT, add_stores
from tests.examples import a_request, a_store

REQUEST = TEXTS["request_sign_in_code"]
SIGN_IN = TEXTS["sign_in"]
HANA = "hana@example.com"


REFRESH = TEXTS["refresh_session"]


async def refresh(caller: Caller, token: str) -> dict[str, Any]:
    answer: dict[str, Any] = (await caller.send(REFRESH, {"input": {"refreshToken": token}}))[
        "refreshSession"
    ]
    return answer


async def ask(caller: Caller, destination: str = HANA, **headers: str) -> str:
    """The id of the challenge."""
    wish = {"input": {"channel": "EMAIL", "destination": destination}}
    sent = (await caller.send(REQUEST, wish, **headers))["requestSignInCode"]
    assert sent["__typename"] == "SignInCodeSent", sent
    challenge_id: str = sent["challengeId"]
    return challenge_id


async def newest_text(services: Services) -> str:
    return (await DevelopmentOutbox(services.database, services.clock).newest())[0].message.text


async def give(caller: Caller, services: Services, challenge_id: str) -> dict[str, Any]:
    code = CODE_SENT.findall(await newest_text(services))[0]
    wish = {"input": {"challengeId": challenge_id, "code": code, "deviceName": "Hana's phone"}}
    answer: dict[str, Any] = (await caller.send(SIGN_IN, wish))["signIn"]
    return answer


async def test_one_member_on_two_devices(
    client: httpx.AsyncClient, anonymous: Caller, services: Services
) -> None:
    first = await give(anonymous, services, await ask(anonymous))
    second = await give(anonymous, services, await ask(anonymous))
    assert (first["isNew"], second["isNew"], first["merge"]) == (True, False, None)
    assert first["member"] == second["member"]
    assert first["member"]["signInAddresses"] == [{"channel": "EMAIL", "destination": HANA}]
    phone = Caller(client, second["accessToken"])
    sessions = (await phone.send("{ me { sessions { deviceName current } } }"))["me"]["sessions"]
    assert len(sessions) == 2
    assert all(session["deviceName"] == "Hana's phone" for session in sessions)


async def test_a_stolen_refresh_token_throws_both_out(
    client: httpx.AsyncClient, anonymous: Caller, services: Services
) -> None:
    signed_in = await give(anonymous, services, await ask(anonymous))
    stolen = signed_in["refreshToken"]
    hers = await refresh(anonymous, (await refresh(anonymous, stolen))["refreshToken"])
    assert (await refresh(anonymous, stolen))["__typename"] == "Rejected"
    assert (await refresh(anonymous, hers["refreshToken"]))["__typename"] == "Rejected"
    answer = await Caller(client, hers["accessToken"]).post("{ me { id } }")
    assert (answer.status_code, answer.json()["errors"][0]["extensions"]["code"]) == (401, "TOKEN_INVALID")


async def test_a_guest_signs_up_and_keeps_her_card(
    member: Caller, client: httpx.AsyncClient, services: Services
) -> None:
    number = (await member.send("{ me { number } }"))["me"]["number"]
    signed_in = await give(member, services, await ask(member))
    assert (signed_in["member"]["number"], signed_in["member"]["isGuest"]) == (number, False)
    assert (await member.post("{ me { id } }")).status_code == 401
    phone = Caller(client, signed_in["accessToken"])
    assert (await phone.send("{ me { number } }"))["me"]["number"] == number


async def test_a_lost_answer_is_told_again_to_who_has_no_token_any_more(
    member: Caller, anonymous: Caller, client: httpx.AsyncClient, services: Services
) -> None:
    wish = {"channel": "EMAIL", "destination": HANA, "idempotencyKey": "a-secret-of-this-one-device"}
    asked = [(await member.send(REQUEST, {"input": wish}))["requestSignInCode"] for _ in range(2)]
    assert asked[0] == asked[1]
    code = CODE_SENT.findall(await newest_text(services))[0]
    given = {"challengeId": asked[0]["challengeId"], "code": code, "idempotencyKey": "sign-in-0001"}
    first = (await member.send(SIGN_IN, {"input": given}))["signIn"]
    assert (await member.post(SIGN_IN, {"input": given})).status_code == 401
    again = (await anonymous.send(SIGN_IN, {"input": given}))["signIn"]
    assert again["refreshToken"] == first["refreshToken"]
    assert (await Caller(client, again["accessToken"]).send("{ me { id } }"))["me"]["id"] == member.member_id


async def test_a_guest_is_merged_into_the_member_she_is(
    member: Caller, anonymous: Caller, client: httpx.AsyncClient, services: Services, database: Database
) -> None:
    hana = await give(anonymous, services, await ask(anonymous))
    store = a_store()
    await add_stores(database, store)
    guest_id = key_of(member.member_id, "Member", [])
    await services.check_ins.check_in(guest_id, a_request(store, services.clock.now()))
    signed_in = await give(member, services, await ask(member))
    assert signed_in["member"]["id"] == hana["member"]["id"]
    assert signed_in["merge"] == {
        "pointsMoved": 10,
        "pointsWithdrawn": 0,
        "checkInsMoved": 1,
        "checkInsDeclined": 0,
    }
    assert (await member.post("{ me { id } }")).status_code == 401
    phone = Caller(client, signed_in["accessToken"])
    document = "{ me { points { balance entries { nodes { kind reason } } } } }"
    points = (await phone.send(document, Accept_Language="en"))["me"]["points"]

    assert points == {"balance": 10, "entries": {"nodes": [{"kind": "TRANSFER", "reason": "Cards merged"}]}}


async def test_20_aliased_tries_are_20(anonymous: Caller, services: Services) -> None:
    challenge_id = await ask(anonymous)
    code = CODE_SENT.findall(await newest_text(services))[0]
    tries = "".join(
        f'a{number}: signIn(input: {{challengeId: "{challenge_id}", code: "x{number}"}}) {{ __typename }} '
        for number in range(19)
    )
    last = f'right: signIn(input: {{challengeId: "{challenge_id}", code: "{code}"}}) {{ __typename }}'
    data = await anonymous.send(f"mutation {{ {tries} {last} }}")
    assert {answer["__typename"] for answer in data.values()} == {"Rejected"}
    assert len(data) == 20


async def test_who_does_not_know_the_code_is_told_so_in_her_language(anonymous: Caller) -> None:
    wish = {"input": {"challengeId": await ask(anonymous), "code": "0"}}
    (error,) = (await anonymous.send(SIGN_IN, wish, Accept_Language="en"))["signIn"]["errors"]
    assert error == {
        "code": "SIGN_IN_CODE_INVALID",
        "message": "The code is wrong or no longer good. Check it, or ask for a new one.",
        "path": ["input", "code"],
    }


@pytest.mark.parametrize(("language", "word"), [("en", "Your Tsunagu code"), ("ja", "確認コード")])
async def test_the_message_is_in_the_callers_language(
    anonymous: Caller, services: Services, language: str, word: str
) -> None:
    await ask(anonymous, Accept_Language=language)
    assert word in await newest_text(services)


async def test_what_one_request_signs_in_is_readable_by_that_request_alone(
    anonymous: Caller, other_member: Caller, services: Services
) -> None:
    """A member who signs in as another with one request reads only the answer by it."""
    signed_in = await give(other_member, services, await ask(other_member, "ken@example.com"))
    assert signed_in["member"]["signInAddresses"] == [{"channel": "EMAIL", "destination": "ken@example.com"}]
    node = "query ($id: ID!) { node(id: $id) { id } }"
    assert await anonymous.send(node, {"id": signed_in["member"]["id"]}) == {"node": None}


@pytest.mark.parametrize("with_a_guests_token", [False, True])
async def test_who_signs_in_reads_all_of_hers_by_her_new_session(
    anonymous: Caller, member: Caller, services: Services, with_a_guests_token: bool
) -> None:
    caller = member if with_a_guests_token else anonymous
    challenge_id = await ask(caller)
    code = CODE_SENT.findall(await newest_text(services))[0]
    document = """mutation ($input: SignInInput!) { signIn(input: $input) { ... on MemberSignedIn {
      accessToken member { number sessions { current } card { code { currentCode } } } } } }"""
    data = await caller.send(document, {"input": {"challengeId": challenge_id, "code": code}})
    hers = data["signIn"]["member"]
    assert data["signIn"]["accessToken"]
    assert hers["sessions"] == [{"current": True}]
    assert hers["card"]["code"]["currentCode"].startswith(hers["number"])
