"""What managers do about staff, devices, partners and their webhooks."""

import asyncio
import time
from typing import Any

from bench.faults.caller import PATIENCE_SECONDS, Fault
from bench.faults.journey import Journey, scenario
from bench.faults.member_scenarios import SIGNED_OUT

PINS = ("620472", "918274", "305919")
LOOK_SECONDS = 0.5


@scenario(
    "createEnrolmentCode", "enrolDevice", "addStaffMember", "signInStaff", "changeStaffPin", "resetStaffPin",
    "signOut", "removeStaffMember", "revokeDevice",
)  # fmt: skip
async def look_after_staff(journey: Journey) -> None:
    """A new colleague gets a device and a PIN, forgets it, and leaves."""
    manager, store_id = journey.world.manager, journey.world.store_id
    enrolled = await _enrolled(journey)
    code = f"S{journey.name[-9:]}".upper()
    person = {"code": code, "name": "森", "role": "FLOOR", "storeId": store_id, "pin": PINS[0]}
    added = await journey.do("addStaffMember", person, manager, {"STAFF_CODE_TAKEN"})
    given = {"deviceToken": enrolled["deviceToken"], "staffCode": code, "pin": PINS[0]}
    signed_in = await journey.do("signInStaff", given)
    if added and added["staffMember"]["id"] != signed_in["staffMember"]["id"]:
        raise Fault(f"{code} is two people")
    someone = {"staffMemberId": signed_in["staffMember"]["id"]}
    await journey.do(
        "changeStaffPin", {"oldPin": PINS[0], "newPin": PINS[1]}, signed_in["accessToken"],
        {"PIN_WRONG", *SIGNED_OUT},
    )  # fmt: skip
    await journey.do("resetStaffPin", {**someone, "pin": PINS[2]}, manager)
    again = await journey.do("signInStaff", {**given, "pin": PINS[2]})
    await journey.do("signOut", None, again["accessToken"], SIGNED_OUT)
    await journey.do("removeStaffMember", someone, manager, {"STAFF_MEMBER_NOT_FOUND"})
    device = {"deviceId": enrolled["device"]["id"]}
    await journey.do("revokeDevice", device, manager, {"STORE_DEVICE_NOT_FOUND"})


async def _enrolled(journey: Journey) -> dict[str, Any]:
    """A device; when the answer with its code or its token is lost, it is told again."""
    wanted = {"deviceName": f"Device {journey.name}", "idempotencyKey": journey.key("enrolment-code")}
    made = await journey.do("createEnrolmentCode", wanted, journey.world.manager)
    given = {"code": made["code"], "idempotencyKey": journey.key("device-to-be")}
    enrolled = await journey.do("enrolDevice", given)
    again = await journey.do("enrolDevice", given)
    if enrolled["deviceToken"] != again["deviceToken"]:
        raise Fault(f"the device {enrolled['device']['id']} is not the one that was enrolled first")
    return enrolled


@scenario(
    "createPartner", "updatePartner", "rotatePartnerSecret", "createWebhookEndpoint", "pingWebhookEndpoint",
    "replayWebhookDelivery", "updateWebhookEndpoint", "rotateWebhookSecret", "removeWebhookEndpoint",
    "removePartner",
)  # fmt: skip
async def look_after_a_partner(journey: Journey) -> None:
    """A partner comes, is told of something by a webhook, and goes."""
    headquarters = journey.world.headquarters
    terms = {"name": f"CRM {journey.name}", "scopes": ["EVENTS_READ", "ORDERS_READ"]}
    partner = (await _once(journey, "createPartner", terms))["partner"]
    about = {"partnerId": partner["id"]}
    await journey.do("updatePartner", {**about, "name": f"CRM 2 {journey.name}"}, headquarters)
    await _once(journey, "rotatePartnerSecret", about)
    wanted = {**about, "url": journey.world.hook_url, "eventTypes": ["OrderExpired"]}
    endpoint = (await _once(journey, "createWebhookEndpoint", wanted))["endpoint"]
    about_it = {"endpointId": endpoint["id"]}
    ping = {**about_it, "idempotencyKey": journey.key("ping")}
    delivery = (await journey.do("pingWebhookEndpoint", ping, headquarters))["delivery"]
    await _delivered(journey, endpoint["id"])
    again = {"deliveryId": delivery["id"], "idempotencyKey": journey.key("replay")}
    await journey.do("replayWebhookDelivery", again, headquarters)
    await journey.do("updateWebhookEndpoint", {**about_it, "isOn": True}, headquarters)
    await _once(journey, "rotateWebhookSecret", about_it)
    await _once(journey, "removeWebhookEndpoint", about_it)
    await journey.do("removePartner", about, headquarters, {"PARTNER_NOT_FOUND"})


async def _once(journey: Journey, mutation: str, given: dict[str, Any]) -> dict[str, Any]:
    """What headquarters is told, which must be the same when the same wish is sent again."""
    wish = {**given, "idempotencyKey": journey.key(f"{mutation}-of-this-journey")}
    first = await journey.do(mutation, wish, journey.world.headquarters)
    again = await journey.do(mutation, wish, journey.world.headquarters)
    if first != again:
        raise Fault(f"{mutation} of journey {journey.name} happened twice: {first}, {again}")
    return first


async def _delivered(journey: Journey, endpoint_id: str) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        found = await journey.read(
            "webhook_deliveries", {"endpointId": endpoint_id}, journey.world.headquarters
        )
        deliveries = found["node"]["deliveries"]["nodes"]
        if deliveries and all(each["state"] != "PENDING" for each in deliveries):
            return
        await asyncio.sleep(LOOK_SECONDS)
    raise Fault(f"the ping of {endpoint_id} is not delivered")
