"""How members, staff and partners come in, what cards prove, and what headquarters does about who may."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app.auth.roles import Role
from app.beacons.model import Beacon, BeaconKey
from app.cards.rules import card_code
from app.messages.model import MessageChannel
from app.shared.i18n import Language
from app.shared.ids import new_id
from bench.house import LOOPBACK, PIN, House
from bench.official.calls import (
    Call,
    Made,
    OfficialOperation,
    Variables,
    by_clerk,
    by_customer,
    by_headquarters,
    by_nobody,
    by_partner,
    nothing,
)
from bench.regulars import Customer
from graphql_schema.node import encode_id

CODE_SENT = re.compile(r"\b\d{6}\b")
NEW_PIN = "918273"
UUID = "f7826da6-4fa2-4e98-8024-bc5b71e0893f"
NUMBERS_OF_BEACONS = 2**16  # of the same major number


async def refresh_session(house: House, customer: Customer) -> Made:
    return {"input": {"refreshToken": customer.refresh_token}}


async def register_guest(house: House, customer: Customer) -> Made:
    return {"input": {"deviceId": f"bench-{new_id()}"}}


async def request_sign_in_code(house: House, customer: Customer) -> Made:
    return {"input": {"channel": "EMAIL", "destination": f"{new_id().lower()}@example.com"}}


async def sign_in(house: House, customer: Customer) -> Made:
    """A guest signs up."""
    destination = f"{new_id().lower()}@example.com"
    sent = await house.services.sign_in.send_code(MessageChannel.EMAIL, destination, LOOPBACK, Language.JA)
    messages = [each.message for each in await house.services.development_outbox.newest()]
    text = next(message.text for message in messages if message.destination == destination)
    return {"input": {"challengeId": sent.challenge_id, "code": CODE_SENT.findall(text)[0]}}


async def verify_card(house: House, customer: Customer) -> Made:
    key = house.key()

    def variables(now: datetime) -> Variables:
        code = card_code(customer.number, customer.card_secret, now)
        return {"input": {"code": code, "idempotencyKey": key}}

    return variables


async def add_staff_member(house: House, customer: Customer) -> Made:
    code = f"N{next(house.numbers):07}"
    store_id = encode_id("Store", house.store.id)
    return {"input": {"code": code, "name": "Mori", "role": "FLOOR", "storeId": store_id, "pin": NEW_PIN}}


async def change_staff_pin(house: House, customer: Customer) -> Made:
    shift = await house.shift(Role.COUNTER, house.store)
    return Call(shift.access_token, {"input": {"oldPin": PIN, "newPin": NEW_PIN}})


async def sign_in_staff(house: House, customer: Customer) -> Made:
    shift = await house.shift(Role.COUNTER, house.store)
    return {"input": {"deviceToken": shift.device_token, "staffCode": shift.member.code, "pin": PIN}}


async def reset_staff_pin(house: House, customer: Customer) -> Made:
    shift = await house.shift(Role.COUNTER, house.store)
    return {"input": {"staffMemberId": encode_id("StaffMember", shift.member.id), "pin": NEW_PIN}}


async def remove_staff_member(house: House, customer: Customer) -> Made:
    shift = await house.shift(Role.COUNTER, house.store)
    return {"input": {"staffMemberId": encode_id("StaffMember", shift.member.id)}}


async def revoke_device(house: House, customer: Customer) -> Made:
    shift = await house.shift(Role.COUNTER, house.store)
    return {"input": {"deviceId": encode_id("StoreDevice", shift.actor.device_id)}}


async def create_enrolment_code(house: House, customer: Customer) -> Made:
    return {"input": {"deviceName": "Counter 3", "storeId": encode_id("Store", house.store.id)}}


async def enrol_device(house: House, customer: Customer) -> Made:
    headquarters = await house.headquarters()
    made = await house.services.store_devices.create_enrolment_code(
        headquarters.actor, house.store.id, "Counter 2"
    )
    return {"input": {"code": made.code}}


def partner_input(house: House) -> dict[str, Any]:
    stores = [encode_id("Store", store.id) for store in house.stores[:5]]
    return {"name": "Till", "scopes": ["CARDS_VERIFY"], "channels": ["STORE"], "storeIds": stores}


async def create_partner(house: House, customer: Customer) -> Made:
    return {"input": partner_input(house)}


async def about_a_partner(house: House, customer: Customer) -> Made:
    partner = await house.new_partner()
    return {"input": {"partnerId": encode_id("Partner", partner.actor.partner_id)}}


async def update_partner(house: House, customer: Customer) -> Made:
    partner_id = encode_id("Partner", (await house.new_partner()).actor.partner_id)
    return {"input": {"partnerId": partner_id, **partner_input(house)}}


def beacon_input(house: House, beacon: BeaconKey) -> dict[str, Any]:
    store_id = encode_id("Store", house.store.id)
    return {"uuid": beacon.uuid, "major": beacon.major, "minor": beacon.minor, "storeId": store_id}


def new_beacon(house: House) -> BeaconKey:
    """A beacon of the retailer's that nobody placed yet."""
    major, minor = divmod(next(house.numbers), NUMBERS_OF_BEACONS)
    return BeaconKey(UUID, major, minor)


async def place_beacon(house: House, customer: Customer) -> Made:
    beacon = new_beacon(house)
    return {"input": {**beacon_input(house, beacon), "skuIds": [encode_id("Sku", house.sku_ids[0])]}}


async def remove_beacon(house: House, customer: Customer) -> Made:
    beacon = new_beacon(house)
    actor = (await house.headquarters()).actor
    await house.services.beacons.place(actor, Beacon(beacon, house.store.id, ("bath",)))
    return {"input": beacon_input(house, beacon)}


async def at_store(house: House, customer: Customer) -> Made:
    return {"storeId": encode_id("Store", house.store.id)}


OPERATIONS: Mapping[str, OfficialOperation] = {
    "add_staff_member": by_headquarters(add_staff_member),
    "beacons": by_headquarters(at_store),
    "change_staff_pin": by_clerk(change_staff_pin),
    "create_enrolment_code": by_headquarters(create_enrolment_code),
    "create_partner": by_headquarters(create_partner),
    "enrol_device": by_nobody(enrol_device),
    "partners": by_headquarters(nothing),
    "place_beacon": by_headquarters(place_beacon),
    "refresh_session": by_nobody(refresh_session),
    "register_guest": by_nobody(register_guest),
    "remove_beacon": by_headquarters(remove_beacon),
    "remove_partner": by_headquarters(about_a_partner),
    "remove_staff_member": by_headquarters(remove_staff_member),
    "request_sign_in_code": by_nobody(request_sign_in_code),
    "reset_staff_pin": by_headquarters(reset_staff_pin),
    "revoke_device": by_headquarters(revoke_device),
    "rotate_partner_secret": by_headquarters(about_a_partner),
    "sign_in": by_customer(sign_in),
    "sign_in_staff": by_nobody(sign_in_staff),
    "staff_members": by_headquarters(nothing),
    "store_devices": by_headquarters(nothing),
    "update_partner": by_headquarters(update_partner),
    "verify_card": by_partner(verify_card),
    "viewer": by_headquarters(nothing),
}
