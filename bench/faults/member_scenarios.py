"""What members do with the app, orders aside."""

import re
import time
from typing import Any

from app.auth.session_service import OVERLAP
from bench.faults.caller import Fault
from bench.faults.journey import Journey, scenario
from bench.faults.world import BEACON, moment

CODE = re.compile(r"\b\d{6}\b")
CONSENTS = ("PERSONALIZATION", "MARKETING_PUSH", "MARKETING_EMAIL", "LOCATION")
CODES_ASKED_FOR = 3
SIGNED_OUT = {"SESSION_NOT_FOUND", "TOKEN_INVALID", "UNAUTHENTICATED"}


@scenario(
    "registerGuest", "updateProfile", "setConsents", "checkIn", "trackEvents", "beaconSighted",
    "clearSearchHistory", "registerPushDevice", "removePushDevice",
)  # fmt: skip
async def visit(journey: Journey) -> None:
    """She gets a card, says who she is, checks in and looks around."""
    world = journey.world
    given = {"deviceId": f"phone-{journey.name}", "deviceName": "Phone"}
    registered = await journey.do("registerGuest", given)
    token = registered["accessToken"]
    again = await journey.do("registerGuest", given)
    if again["member"]["number"] != registered["member"]["number"]:
        raise Fault(f"the phone {journey.name} has two cards")
    journey.is_told_once("GuestRegistered", "", registered["member"]["id"])
    await journey.do("updateProfile", {"nickname": "さくら"}, token)
    consents = [{"kind": kind, "isGiven": True} for kind in CONSENTS]
    await journey.do("setConsents", {"consents": consents, "textVersion": "v1"}, token)
    wish = {"storeId": world.store_id, "location": world.here(), "idempotencyKey": journey.key("check-in")}
    done = await journey.do("checkIn", wish, token)
    journey.is_told_once("CheckedIn", "checkInId", done["checkIn"]["id"])
    event = {"id": journey.key("event"), "kind": "FAVOURITED", "at": moment(), "skuId": world.sku_ids[0]}
    await journey.do("trackEvents", {"sentAt": moment(), "events": [event]}, token)
    await journey.do("beaconSighted", {**BEACON, "rssi": -60, "at": moment()}, token)
    await journey.do("clearSearchHistory", None, token)
    push = {"platform": "FCM", "token": f"token-{journey.name}-" + "x" * 100}
    await journey.do("registerPushDevice", push, token)
    await journey.do("removePushDevice", None, token)
    journey.must_read("my_points", None, token, lambda data: _has_points_of_one_visit(data["me"]["points"]))
    journey.must_read("my_profile", None, token, lambda data: data["me"]["nickname"] == "さくら")
    journey.must_read("my_favourites", None, token, lambda data: len(data["me"]["favourites"]) == 1)
    journey.must_read(
        "my_consents", None, token, lambda data: all(each["isGiven"] for each in data["me"]["consents"])
    )


def _has_points_of_one_visit(points: dict[str, Any]) -> bool:
    return points["balance"] == 10 and [each["amount"] for each in points["entries"]["nodes"]] == [10]


@scenario(
    "registerGuest", "requestSignInCode", "signIn", "revokeSession", "refreshSession", "signOut",
    "signOutEverywhere",
)  # fmt: skip
async def sign_in_and_out(journey: Journey) -> None:
    """A guest signs out; she signs in at two phones, and at one of them out of everything."""
    guest = await journey.do("registerGuest", {"deviceId": f"phone-{journey.name}"})
    await journey.do("signOut", None, guest["accessToken"], SIGNED_OUT)
    other = await _signed_in(journey, "other")
    signed_in = await _signed_in(journey, "own")
    if other["member"]["id"] != signed_in["member"]["id"]:
        raise Fault(f"the address of {journey.name} is of two members")
    token = signed_in["accessToken"]
    for session in (await journey.read("my_sessions", None, token))["me"]["sessions"]:
        if not session["current"]:
            await journey.do("revokeSession", {"sessionId": session["id"]}, token, {"SESSION_NOT_FOUND"})
    refreshed = await _refreshed(journey, signed_in["refreshToken"])
    await journey.do("signOutEverywhere", None, refreshed["accessToken"], SIGNED_OUT)


async def _refreshed(journey: Journey, refresh_token: str) -> dict[str, Any]:
    """New tokens. Who has lost her answer and asks again too late is signed out, and signs in again."""
    began_at = time.monotonic()
    try:
        return await journey.do("refreshSession", {"refreshToken": refresh_token})
    except Fault as fault:
        if "REFRESH_TOKEN_INVALID" not in str(fault) or time.monotonic() - began_at < OVERLAP.total_seconds():
            raise
        return await _signed_in(journey, "own-again")


async def _signed_in(journey: Journey, phone: str) -> dict[str, Any]:
    """At this phone, by a code that is sent to her."""
    address = {"channel": "EMAIL", "destination": f"{journey.name}@example.com"}
    for number in range(CODES_ASKED_FOR):
        earlier = await _codes(journey, address["destination"])
        wish = {**address, "idempotencyKey": journey.key(f"sign-in-code-{phone}-{number}")}
        asked = await journey.do("requestSignInCode", wish)
        # Should MongoDB have gone before the message was sent, none comes, and another is asked for.
        codes = await _codes(journey, address["destination"])
        if new := [code for id, code in codes.items() if id not in earlier]:
            given = {
                "challengeId": asked["challengeId"],
                "code": new[0],
                "idempotencyKey": journey.key(f"sign-in-{phone}-{number}"),
            }
            return await journey.do("signIn", given)
    raise Fault(f"no code was sent to {address['destination']}")


async def _codes(journey: Journey, destination: str) -> dict[str, str]:
    """The codes in development's outbox, each by its message's id, the newest first."""
    messages = (await journey.world.client.get("/dev/outbox"))["messages"]
    hers = [each for each in messages if each["destination"] == destination]
    return {each["id"]: found[0] for each in hers if (found := CODE.search(each["text"]))}


@scenario("registerGuest", "checkIn", "readInboxMessages", "archiveInboxMessages", "confirmPushes")
async def read_the_inbox(journey: Journey) -> None:
    """She reads what she is told and puts it away."""
    world = journey.world
    _, token = await journey.guest()
    wish = {"storeId": world.store_id, "location": world.here(), "idempotencyKey": journey.key("check-in")}
    await journey.do("checkIn", wish, token)
    inbox = (await journey.read("my_inbox", None, token))["me"]["inbox"]["nodes"]
    ids = [each["id"] for each in inbox]
    if not ids:
        raise Fault("the news of this world is in nobody's inbox")
    await journey.do("confirmPushes", {"messageIds": ids, "isOpened": True}, token)
    await journey.do("readInboxMessages", {"messageIds": ids}, token)
    await journey.do("archiveInboxMessages", {"messageIds": ids}, token)
    journey.must_read(
        "my_inbox", {"isArchived": True}, token, lambda data: _are_read(ids, data["me"]["inbox"]["nodes"])
    )


def _are_read(ids: list[str], messages: list[dict[str, Any]]) -> bool:
    read = {each["id"] for each in messages if each["readAt"] and each["isArchived"]}
    return set(ids) <= read
