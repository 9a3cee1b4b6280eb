"""What managers do about staff, devices, partners and their webhooks."""

import asyncio
from typing import Any

from bench.faults.caller import Fault
from bench.faults.journey import Journey, scenario
from bench.faults.member_scenarios import SIGNED_OUT

TRIES = 8
PINS = ("620472", "918274", "305919")
LOOKS = 100


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
    """A device; when the answer with its token is lost, by another code."""
    for _ in range(TRIES):
        made = await journey.do(
            "createEnrolmentCode", {"deviceName": f"Device {journey.name}"}, journey.world.manager
        )
        enrolled = await journey.do("enrolDevice", {"code": made["code"]}, None, {"ENROLMENT_CODE_INVALID"})
        if enrolled:
            return enrolled
    raise Fault(f"{TRIES} codes enrolled no device")


@scenario(
    "createPartner", "updatePartner", "rotatePartnerSecret", "createWebhookEndpoint", "pingWebhookEndpoint",
    "replayWebhookDelivery", "updateWebhookEndpoint", "rotateWebhookSecret", "removeWebhookEndpoint",
    "removePartner",
)  # fmt: skip
async def look_after_a_partner(journey: Journey) -> None:
    """A partner comes, is told of something by a webhook, and goes."""
    headquarters = journey.world.headquarters
    terms = {"name": f"CRM {journey.name}", "scopes": ["EVENTS_READ", "ORDERS_READ"]}
    partner = (await journey.do("createPartner", terms, headquarters))["partner"]
    about = {"partnerId": partner["id"]}
    await journey.do("updatePartner", {**about, "name": f"CRM 2 {journey.name}"}, headquarters)
    await journey.do("rotatePartnerSecret", about, headquarters)
    wanted = {**about, "url": journey.world.hook_url, "eventTypes": ["OrderExpired"]}
    endpoint = (await journey.do("createWebhookEndpoint", wanted, headquarters))["endpoint"]
    about_it = {"endpointId": endpoint["id"]}
    delivery = (await journey.do("pingWebhookEndpoint", about_it, headquarters))["delivery"]
    await _delivered(journey, endpoint["id"])
    await journey.do(
        "replayWebhookDelivery", {"deliveryId": delivery["id"]}, headquarters, {"WEBHOOK_DELIVERY_PENDING"}
    )
    await journey.do("updateWebhookEndpoint", {**about_it, "isOn": True}, headquarters)
    await journey.do("rotateWebhookSecret", about_it, headquarters)
    await journey.do("removeWebhookEndpoint", about_it, headquarters, {"WEBHOOK_ENDPOINT_NOT_FOUND"})
    await journey.do("removePartner", about, headquarters, {"PARTNER_NOT_FOUND"})


async def _delivered(journey: Journey, endpoint_id: str) -> None:
    for _ in range(LOOKS):
        found = await journey.read(
            "webhook_deliveries", {"endpointId": endpoint_id}, journey.world.headquarters
        )
        deliveries = found["node"]["deliveries"]["nodes"]
        if deliveries and all(each["state"] != "PENDING" for each in deliveries):
            return
        await asyncio.sleep(0.5)
    raise Fault(f"the ping of {endpoint_id} is not delivered")
