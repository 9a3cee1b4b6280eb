"""Sessions through the API."""

from datetime import timedelta

from graphql_schema.documents import TEXTS
from tests.api.callers import Caller, sign_in
from tests.conftest import MovableClock
from tests.examples import DEVICE_ID

REGISTER = TEXTS["register_guest"]
REFRESH = TEXTS["refresh_session"]
MY_SESSIONS = TEXTS["my_sessions"]


async def test_a_phone_goes_on_after_15_minutes(anonymous: Caller, clock: MovableClock) -> None:
    registered = (await anonymous.send(REGISTER, {"input": {"deviceId": DEVICE_ID}}))["registerGuest"]
    clock.advance(timedelta(minutes=16))
    variables = {"input": {"refreshToken": registered["refreshToken"]}}
    refreshed = (await anonymous.send(REFRESH, variables))["refreshSession"]
    assert refreshed["__typename"] == "SessionRefreshed"
    phone = Caller(anonymous.client, refreshed["accessToken"])
    assert (await phone.send("{ me { id } }"))["me"]["id"] == registered["member"]["id"]


async def test_a_bad_refresh_token_is_rejected(anonymous: Caller) -> None:
    answer = await anonymous.send(REFRESH, {"input": {"refreshToken": "x" * 500}}, Accept_Language="en")
    (error,) = answer["refreshSession"]["errors"]
    assert error["code"] == "REFRESH_TOKEN_INVALID"
    assert error["message"] == "The session has ended. Please sign in again."


async def test_a_member_sees_her_sessions_and_ends_one(member: Caller, clock: MovableClock) -> None:
    clock.advance(timedelta(seconds=1))
    second_phone = await sign_in(member.client, DEVICE_ID)
    sessions = (await member.send(MY_SESSIONS))["me"]["sessions"]
    assert [each["current"] for each in sessions] == [False, True]
    variables = {"input": {"sessionId": sessions[0]["id"]}}
    left = (await member.send(TEXTS["revoke_session"], variables))["revokeSession"]["sessions"]
    assert [each["current"] for each in left] == [True]
    assert (await second_phone.post(MY_SESSIONS)).status_code == 401


async def test_nobody_ends_a_session_of_somebody_else(member: Caller, other_member: Caller) -> None:
    (session,) = (await member.send(MY_SESSIONS))["me"]["sessions"]
    variables = {"input": {"sessionId": session["id"]}}
    rejected = (await other_member.send(TEXTS["revoke_session"], variables))["revokeSession"]
    assert rejected["errors"][0]["code"] == "SESSION_NOT_FOUND"
    assert len((await member.send(MY_SESSIONS))["me"]["sessions"]) == 1


async def test_signing_out_ends_this_session_only(member: Caller) -> None:
    second_phone = await sign_in(member.client, DEVICE_ID)
    assert (await member.send(TEXTS["sign_out"]))["signOut"] == {"__typename": "SignedOut"}
    assert (await member.post(MY_SESSIONS)).status_code == 401
    assert len((await second_phone.send(MY_SESSIONS))["me"]["sessions"]) == 1


async def test_signing_out_everywhere_ends_all(member: Caller) -> None:
    second_phone = await sign_in(member.client, DEVICE_ID)
    await second_phone.send(TEXTS["sign_out_everywhere"])
    for phone in (member, second_phone):
        assert (await phone.post(MY_SESSIONS)).status_code == 401


async def test_ending_a_session_needs_a_member(anonymous: Caller) -> None:
    for name in ("sign_out", "sign_out_everywhere"):
        (error,) = await anonymous.errors(TEXTS[name])
        assert error["extensions"]["code"] == "UNAUTHENTICATED"


async def test_a_session_is_called_what_its_device_is_called(anonymous: Caller) -> None:
    wish = {"deviceId": DEVICE_ID, "deviceName": " さくらのスマホ "}
    registered = (await anonymous.send(REGISTER, {"input": wish}))["registerGuest"]
    phone = Caller(anonymous.client, registered["accessToken"])
    (session,) = (await phone.send(MY_SESSIONS))["me"]["sessions"]
    assert session["deviceName"] == "さくらのスマホ"


async def test_a_device_name_must_be_one_that_can_be_shown(anonymous: Caller) -> None:
    for name in ("", "x" * 41, "a\u0000b"):
        wish = {"input": {"deviceId": DEVICE_ID, "deviceName": name}}
        (error,) = (await anonymous.send(REGISTER, wish))["registerGuest"]["errors"]
        assert (error["code"], error["path"]) == ("DEVICE_NAME_INVALID", ["input", "deviceName"])
