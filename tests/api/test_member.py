"""A phone that has never been seen gets its card."""

from datetime import timedelta
from typing import Any

import pytest

from app.composition import build_services
from app.services import Services
from app.shared.errors import InvalidId
from app.shared.mongodb.database import Database
from app.shared.settings.model import Settings
from graphql_schema.documents import TEXTS
from graphql_schema.node import encode_id, key_of
from tests.api.callers import Caller, client_of
from tests.api.live import serving, socket_to
from tests.arrangements import add_stores
from tests.examples import DEVICE_ID, a_store, is_member_number

REGISTER = TEXTS["register_guest"]
MY_CARD = TEXTS["my_card"]
UPDATE = TEXTS["update_profile"]


async def test_a_phone_gets_a_card_and_shows_it(anonymous: Caller) -> None:
    data = await anonymous.send(REGISTER, {"input": {"deviceId": DEVICE_ID}})
    registered = data["registerGuest"]
    assert registered["__typename"] == "GuestRegistered"
    number = registered["member"]["number"]
    assert is_member_number(number)
    assert registered["member"]["card"] == {
        "number": number,
        "rank": "MEMBER",
        "miles": 0,
        "milesToNextRank": 10_000,
        "barcode": number,
    }
    assert registered["expiresAt"] == "2026-11-21T03:15:00.000Z"
    phone = Caller(anonymous.client, registered["accessToken"])
    me = (await phone.send(MY_CARD))["me"]
    assert me["number"] == number
    assert me["isGuest"] is True
    assert me["points"] == {"balance": 0, "expiringNext": None}


async def test_nobody_is_nobody(anonymous: Caller) -> None:
    assert await anonymous.send(MY_CARD) == {"me": None}


async def test_a_bad_device_id_is_rejected_in_the_callers_language(anonymous: Caller) -> None:
    variables = {"input": {"deviceId": "phone"}}
    english = await anonymous.send(REGISTER, variables, Accept_Language="en")
    japanese = await anonymous.send(REGISTER, variables)
    (error,) = english["registerGuest"]["errors"]
    assert error["code"] == "DEVICE_ID_INVALID"
    assert error["path"] == ["input", "deviceId"]
    assert error["message"].startswith("Make a device id at random, of 22 to 128")
    assert japanese["registerGuest"]["errors"][0]["message"].startswith("端末IDは22〜128文字")


async def test_a_member_is_answered_in_her_own_language(anonymous: Caller) -> None:
    data = await anonymous.send(REGISTER, {"input": {"deviceId": DEVICE_ID, "locale": "en"}})
    phone = Caller(anonymous.client, data["registerGuest"]["accessToken"])
    wrong = {"input": {"postalCode": "1"}}
    (error,) = (await phone.send(UPDATE, wrong))["updateProfile"]["errors"]
    assert error["message"] == "Give a postal code of 7 digits, as in 530-0001."
    (error,) = (await phone.send(UPDATE, wrong, Accept_Language="ja"))["updateProfile"]["errors"]
    assert error["message"].startswith("郵便番号")


async def test_a_profile_is_kept(member: Caller, database: Database) -> None:
    store = a_store()
    await add_stores(database, store)
    store_id = encode_id("Store", store.id)
    wishes: dict[str, Any] = {
        "nickname": "さくら",
        "birthday": "1990-04-01",
        "postalCode": "５３００００１",
        "favouriteStoreIds": [store_id],
        "favouriteCategories": ["stationery"],
    }
    updated = (await member.send(UPDATE, {"input": wishes}))["updateProfile"]["member"]
    assert updated == {
        "id": member.member_id,
        "nickname": "さくら",
        "birthday": "1990-04-01",
        "postalCode": "530-0001",
        "locale": "ja",
        "favouriteStores": [{"id": store_id, "name": "こはる 梅田店"}],
        "favouriteCategories": ["stationery"],
    }
    cleared = (await member.send(UPDATE, {"input": {"nickname": None}}))["updateProfile"]["member"]
    assert cleared == {**updated, "nickname": None}


async def test_the_language_that_she_is_written_to_in_is_kept(member: Caller) -> None:
    updated = (await member.send(UPDATE, {"input": {"locale": "en-GB"}}))["updateProfile"]["member"]
    assert updated["locale"] == "en"
    (error,) = (await member.send(UPDATE, {"input": {"locale": "fr"}}))["updateProfile"]["errors"]
    assert (error["code"], error["path"]) == ("LOCALE_UNKNOWN", ["input", "locale"])
    kept = (await member.send(UPDATE, {"input": {"locale": None}}))["updateProfile"]["member"]
    assert kept["locale"] == "en"


async def test_all_that_is_wrong_is_said_at_once(member: Caller) -> None:
    rejected = await member.send(UPDATE, {"input": {"nickname": "", "birthday": "2999-01-01"}})
    codes = [error["code"] for error in rejected["updateProfile"]["errors"]]
    assert codes == ["NICKNAME_INVALID", "BIRTHDAY_INVALID"]


@pytest.mark.parametrize("store_id", ["garbage", "TWVtYmVyOjE", "😀", ""])
def test_ids_that_are_none(store_id: str) -> None:
    with pytest.raises(InvalidId):
        key_of(store_id, "Store", ["id"])


@pytest.mark.parametrize(
    "birthday", ["2026-W01-1", "1990-02-30", "19900401", "x" * 1000, 5, "１９９０-04-01"]
)
async def test_a_birthday_must_be_a_day(member: Caller, birthday: object) -> None:
    (error,) = await member.errors(UPDATE, {"input": {"birthday": birthday}})
    assert error["extensions"]["code"] == "BAD_REQUEST"
    assert "Date must be a day of the calendar" in error["message"]
    assert len(error["message"]) < 300


async def test_a_favourite_that_is_no_store_is_rejected(member: Caller) -> None:
    for store_id, code in (("garbage", "INVALID_ID"), (encode_id("Store", "nowhere"), "STORE_NOT_FOUND")):
        rejected = await member.send(UPDATE, {"input": {"favouriteStoreIds": [store_id]}})
        (error,) = rejected["updateProfile"]["errors"]
        assert (error["code"], error["path"]) == (code, ["input", "favouriteStoreIds"])


async def test_changing_a_profile_needs_a_member(anonymous: Caller) -> None:
    (error,) = await anonymous.errors(UPDATE, {"input": {"nickname": "x"}}, Accept_Language="en")
    assert error["extensions"]["code"] == "UNAUTHENTICATED"
    assert error["message"] == "This operation needs a sign-in. Sign in and try again."


NODE = "query ($id: ID!) { node(id: $id) { __typename id ... on Member { number } } }"


async def test_a_member_reads_herself_and_nobody_else(
    member: Caller, other_member: Caller, anonymous: Caller
) -> None:
    own = (await member.send(NODE, {"id": member.member_id}))["node"]
    assert own["__typename"] == "Member"
    for caller in (other_member, anonymous):
        assert (await caller.send(NODE, {"id": member.member_id}))["node"] is None


@pytest.mark.parametrize(
    "node_id", ["", "garbage", "UG9pbnRFbnRyeTox", "TWVtYmVyOg", "x" * 1000, "😀", "\x00"]
)
async def test_other_ids_name_nothing(member: Caller, node_id: str) -> None:
    assert (await member.send(NODE, {"id": node_id}))["node"] is None


async def test_a_token_that_is_not_good_is_never_taken_for_none(
    anonymous: Caller, member: Caller, services: Services, clock: Any
) -> None:
    for authorization in ("Bearer nonsense", "Basic abc", "Bearer", ""):
        answer = await anonymous.post(MY_CARD, Authorization=authorization, Accept_Language="en")
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"] == 'Bearer error="invalid_token"'
        (error,) = answer.json()["errors"]
        assert error["extensions"]["code"] == "TOKEN_INVALID"
    clock.advance(timedelta(minutes=15))
    answer = await member.post(MY_CARD)
    assert answer.status_code == 401
    assert answer.json()["errors"][0]["extensions"]["code"] == "TOKEN_EXPIRED"


ALL_OF_HERS = "member { number sessions { current } card { number code { currentCode } } }"
REGISTER_AND_READ = f"""
mutation ($deviceId: String!) {{
  registerGuest(input: {{deviceId: $deviceId}}) {{ ... on GuestRegistered {{ accessToken {ALL_OF_HERS} }} }}
}}
"""


async def test_who_has_just_registered_reads_all_of_hers_by_her_new_session(anonymous: Caller) -> None:
    registered = (await anonymous.send(REGISTER_AND_READ, {"deviceId": DEVICE_ID}))["registerGuest"]
    assert registered["accessToken"]
    hers = registered["member"]
    assert hers["sessions"] == [{"current": True}]
    assert hers["card"]["code"]["currentCode"].startswith(hers["number"])


async def test_anothers_token_does_not_put_her_code_on_a_card(member: Caller, anonymous: Caller) -> None:
    device = {"deviceId": "another-device-" + DEVICE_ID}
    registered = (await member.send(REGISTER_AND_READ, device))["registerGuest"]
    hers = registered["member"]
    assert hers["card"]["code"]["currentCode"].startswith(hers["card"]["number"])
    phone = Caller(anonymous.client, registered["accessToken"])
    me = (await phone.send("{ me { number card { code { currentCode } } } }"))["me"]
    assert (me["number"], me["card"]) == (hers["number"], {"code": hers["card"]["code"]})
    mine = (await member.send("{ me { number card { code { currentCode } } } }"))["me"]
    assert mine["card"]["code"]["currentCode"].startswith(mine["number"])
    assert mine["number"] != hers["number"]


async def test_new_guests_are_limited_by_network(settings: Settings, database: Database) -> None:
    services = build_services(settings.model_copy(update={"new_guests_per_network": 1}), database)
    async with client_of(settings, services) as client:
        caller = Caller(client)
        await caller.send(REGISTER, {"input": {"deviceId": DEVICE_ID}})
        answer = await caller.send(
            REGISTER, {"input": {"deviceId": "another-device-" + DEVICE_ID}}, Accept_Language="en"
        )
        (error,) = answer["registerGuest"]["errors"]
        assert error["code"] == "TOO_MANY_NEW_GUESTS"
        assert "Try again in" in error["message"]
        again = await caller.send(REGISTER, {"input": {"deviceId": DEVICE_ID}})
        assert again["registerGuest"]["__typename"] == "GuestRegistered"


async def test_over_a_websocket_too_only_the_operation_that_let_her_in_reads_hers(
    settings: Settings, services: Services
) -> None:
    async with serving(settings, services) as server, socket_to(server) as client:
        await client.begin()
        await client.subscribe(REGISTER, {"input": {"deviceId": DEVICE_ID}})
        member_id = (await client.next())["registerGuest"]["member"]["id"]
        assert (await client.receive())["type"] == "complete"
        await client.subscribe("query ($id: ID!) { node(id: $id) { id } }", {"id": member_id})
        assert await client.next() == {"node": None}
