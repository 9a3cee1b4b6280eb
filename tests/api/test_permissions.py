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
from app.shared.database import Database
from app.shared.errors import Forbidden, Unauthenticated
from app.shared.paging import PageRequest
from graphql_schema.node import encode_id, key_of
from graphql_schema.permissions import READERS, ROOT_TYPES, UndeclaredField, guard, object_fields
from graphql_schema.readers import EVERYBODY, WHOEVER_HAS_IT
from graphql_schema.schema import schema
from tests.api.conftest import Caller, sign_in, staff_of
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

DENIED = {"UNAUTHENTICATED", "FORBIDDEN"}
AN_ID = encode_id("Store", "none")
AN_ORDER = encode_id("Order", "none")
OFFER_TERMS = (
    '{names: {ja: "x", en: "x"}, descriptions: {ja: "", en: ""}, benefit: {percent: 0}, distribution: CLAIM, '
    'startsAt: "2026-11-21T00:00:00Z", endsAt: "2026-11-22T00:00:00Z"}'
)
REJECTED = "{ __typename ... on Rejected { errors { code } } }"

# How each root field is called: what it is given hardly matters, for who may not call is told so first.
CALLS = {
    "Query.me": "{ me { id } }",
    "Query.node": f'{{ node(id: "{AN_ID}") {{ id }} }}',
    "Query.categories": "{ categories { id } }",
    "Query.product": '{ product(jan: "x") { id } }',
    "Query.products": "{ products { nodes { id } } }",
    "Query.suggest": '{ suggest(prefix: "x") { text } }',
    "Query.store": f'{{ store(id: "{AN_ID}") {{ id }} }}',
    "Query.stores": "{ stores { nodes { id } } }",
    "Query.viewer": "{ viewer { __typename } }",
    "Query.staffMembers": "{ staffMembers { nodes { id } } }",
    "Query.storeDevices": "{ storeDevices { nodes { id } } }",
    "Query.partners": "{ partners { nodes { id } } }",
    "Query.news": "{ news { nodes { id } } }",
    "Query.publishedNews": "{ publishedNews { nodes { publishedAt } } }",
    "Query.events": "{ events { nodes { id } } }",
    "Mutation.registerGuest": 'mutation { registerGuest(input: {deviceId: "x"}) %s }',
    "Mutation.requestSignInCode": (
        'mutation { requestSignInCode(input: {channel: EMAIL, destination: "x"}) %s }'
    ),
    "Mutation.signIn": 'mutation { signIn(input: {challengeId: "x", code: "x"}) %s }',
    "Mutation.refreshSession": 'mutation { refreshSession(input: {refreshToken: "x"}) %s }',
    "Mutation.signOut": "mutation { signOut %s }",
    "Mutation.signOutEverywhere": "mutation { signOutEverywhere %s }",
    "Mutation.revokeSession": 'mutation { revokeSession(input: {sessionId: "x"}) %s }',
    "Mutation.updateProfile": "mutation { updateProfile(input: {postalCode: null}) %s }",
    "Mutation.checkIn": (
        'mutation { checkIn(input: {storeId: "x", idempotencyKey: "x", location: {latitude: 0, longitude: 0, '
        'accuracyMeters: 1, measuredAt: "2026-11-21T00:00:00Z"}}) %s }'
    ),
    "Mutation.signInStaff": (
        'mutation { signInStaff(input: {deviceToken: "x", staffCode: "x", pin: "x"}) %s }'
    ),
    "Mutation.addStaffMember": (
        'mutation { addStaffMember(input: {code: "x", name: "x", role: COUNTER, pin: "x"}) %s }'
    ),
    "Mutation.changeStaffPin": 'mutation { changeStaffPin(input: {oldPin: "x", newPin: "x"}) %s }',
    "Mutation.resetStaffPin": 'mutation { resetStaffPin(input: {staffMemberId: "x", pin: "x"}) %s }',
    "Mutation.removeStaffMember": 'mutation { removeStaffMember(input: {staffMemberId: "x"}) %s }',
    "Mutation.createEnrolmentCode": 'mutation { createEnrolmentCode(input: {deviceName: ""}) %s }',
    "Mutation.enrolDevice": 'mutation { enrolDevice(input: {code: "x"}) %s }',
    "Mutation.revokeDevice": 'mutation { revokeDevice(input: {deviceId: "x"}) %s }',
    "Mutation.createPartner": 'mutation { createPartner(input: {name: "", scopes: []}) %s }',
    "Mutation.updatePartner": 'mutation { updatePartner(input: {partnerId: "x"}) %s }',
    "Mutation.rotatePartnerSecret": 'mutation { rotatePartnerSecret(input: {partnerId: "x"}) %s }',
    "Mutation.removePartner": 'mutation { removePartner(input: {partnerId: "x"}) %s }',
    "Mutation.setConsents": 'mutation { setConsents(input: {consents: [], textVersion: "x"}) %s }',
    "Query.beacons": f'{{ beacons(storeId: "{AN_ID}") {{ uuid }} }}',
    "Mutation.beaconSighted": (
        'mutation { beaconSighted(input: {uuid: "x", major: 0, minor: 0, rssi: 0, '
        'at: "2026-11-21T00:00:00Z"}) %s }'
    ),
    "Mutation.placeBeacon": (
        'mutation { placeBeacon(input: {uuid: "x", major: 0, minor: 0, storeId: "x"}) %s }'
    ),
    "Mutation.removeBeacon": (
        'mutation { removeBeacon(input: {uuid: "x", major: 0, minor: 0, storeId: "x"}) %s }'
    ),
    "Mutation.trackEvents": (
        'mutation { trackEvents(input: {sentAt: "2026-11-21T00:00:00Z", events: []}) %s }'
    ),
    "Mutation.clearSearchHistory": "mutation { clearSearchHistory %s }",
    "Mutation.upsertCategories": "mutation { upsertCategories(input: {categories: []}) %s }",
    "Mutation.upsertProducts": "mutation { upsertProducts(input: {products: []}) %s }",
    "Query.recommendations": "{ recommendations(place: HOME) { available } }",
    "Query.availability": (
        f'{{ availability(skuId: "{encode_id("Sku", "none")}", near: {{latitude: 0, longitude: 0}}) '
        "{ nodes { available } } }"
    ),
    "Mutation.recordStockMovements": "mutation { recordStockMovements(input: {movements: []}) %s }",
    "Mutation.setSafetyStock": 'mutation { setSafetyStock(input: {skuId: "x", storeId: "x", safety: 0}) %s }',
    "Query.order": f'{{ order(id: "{AN_ORDER}") {{ id }} }}',
    "Query.pickupSlots": f'{{ pickupSlots(storeId: "{AN_ID}", date: "2026-11-21") {{ id }} }}',
    "Query.ordersPausedUntil": f'{{ ordersPausedUntil(storeId: "{AN_ID}") }}',
    "Query.counterOrders": "{ counterOrders { nodes { id } } }",
    "Query.offers": "{ offers { nodes { id } } }",
    "Query.messageCounts": "{ messageCounts { kind } }",
    "Query.offerReport": f'{{ offerReport(offerId: "{encode_id("Offer", "none")}") {{ issued }} }}',
    "Query.previewOffer": f'{{ previewOffer(offerId: "{encode_id("Offer", "none")}") {{ eligible }} }}',
    "Mutation.claimOffer": 'mutation { claimOffer(input: {code: "x", idempotencyKey: "x"}) %s }',
    "Mutation.redeemCoupon": (
        'mutation { redeemCoupon(input: {code: "x", storeId: "x", idempotencyKey: "x", '
        'receipt: {terminal: "1", number: "1", lines: []}}) %s }'
    ),
    "Mutation.rollbackRedemption": (
        'mutation { rollbackRedemption(input: {redemptionId: "x", idempotencyKey: "x"}) %s }'
    ),
    "Mutation.createCouponCodes": (
        'mutation { createCouponCodes(input: {offerId: "x", quantity: 1, idempotencyKey: "x"}) %s }'
    ),
    "Query.segments": "{ segments { code } }",
    "Mutation.createOffer": f"mutation {{ createOffer(input: {{terms: {OFFER_TERMS}}}) %s }}",
    "Mutation.updateOffer": (
        f'mutation {{ updateOffer(input: {{offerId: "x", version: 1, terms: {OFFER_TERMS}}}) %s }}'
    ),
    "Mutation.publishOffer": 'mutation { publishOffer(input: {offerId: "x"}) %s }',
    "Mutation.pauseOffer": 'mutation { pauseOffer(input: {offerId: "x"}) %s }',
    "Mutation.resumeOffer": 'mutation { resumeOffer(input: {offerId: "x"}) %s }',
    "Mutation.endOffer": 'mutation { endOffer(input: {offerId: "x"}) %s }',
    "Mutation.defineSegment": (
        'mutation { defineSegment(input: {code: "x", names: {ja: "x", en: "x"}, '
        "condition: {newWithinDays: 1}}) %s }"
    ),
    "Mutation.setCartLine": 'mutation { setCartLine(input: {skuId: "x", quantity: 1}) %s }',
    "Mutation.chooseCartStore": "mutation { chooseCartStore(input: {}) %s }",
    "Mutation.clearCart": "mutation { clearCart(input: {}) %s }",
    "Query.pointRules": "{ pointRules { yenPerPoint } }",
    "Query.pointCampaigns": "{ pointCampaigns { nodes { id } } }",
    "Query.posSnapshot": "{ posSnapshot { takenAt } }",
    "Query.receiptConflicts": "{ receiptConflicts { nodes { times } } }",
    "Mutation.recordPurchases": "mutation { recordPurchases(input: {purchases: []}) %s }",
    "Mutation.recordReturns": "mutation { recordReturns(input: {returns: []}) %s }",
    "Mutation.claimPurchase": 'mutation { claimPurchase(input: {receiptNumber: "x", total: 1}) %s }',
    "Mutation.setPointRules": "mutation { setPointRules(input: {yenPerPoint: 0}) %s }",
    "Mutation.startPointCampaign": (
        'mutation { startPointCampaign(input: {nameJa: "x", nameEn: "x", percent: 0, '
        'startsAt: "2026-11-21T00:00:00Z", endsAt: "2026-11-21T00:00:00Z"}) %s }'
    ),
    "Mutation.endPointCampaign": 'mutation { endPointCampaign(input: {campaignId: "x"}) %s }',
    "Mutation.quoteOrder": (
        'mutation { quoteOrder(input: {storeId: "x", lines: [], pickupSlotId: "x"}) %s }'
    ),
    "Mutation.placeOrder": (
        'mutation { placeOrder(input: {storeId: "x", lines: [], pickupSlotId: "x", '
        'paymentMethod: PAY_AT_STORE, idempotencyKey: "x"}) %s }'
    ),
    "Mutation.cancelOrder": 'mutation { cancelOrder(input: {orderId: "x"}) %s }',
    "Mutation.announceArrival": (
        'mutation { announceArrival(input: {orderId: "x", location: {latitude: 0, longitude: 0, '
        'accuracyMeters: 1, measuredAt: "2026-11-21T00:00:00Z"}}) %s }'
    ),
    "Mutation.answerSubstitution": (
        'mutation { answerSubstitution(input: {orderId: "x", lineId: "1", isTaken: true}) %s }'
    ),
    "Mutation.acceptOrder": 'mutation { acceptOrder(input: {orderId: "x"}) %s }',
    "Mutation.rejectOrder": 'mutation { rejectOrder(input: {orderId: "x"}) %s }',
    "Mutation.startPreparing": 'mutation { startPreparing(input: {orderId: "x"}) %s }',
    "Mutation.markReady": 'mutation { markReady(input: {orderId: "x"}) %s }',
    "Mutation.markNoShow": 'mutation { markNoShow(input: {orderId: "x"}) %s }',
    "Mutation.collectOrder": 'mutation { collectOrder(input: {code: "x"}) %s }',
    "Mutation.rejectLine": 'mutation { rejectLine(input: {orderId: "x", lineId: "1"}) %s }',
    "Mutation.substituteLine": (
        'mutation { substituteLine(input: {orderId: "x", lineId: "1", skuId: "x", quantity: 1}) %s }'
    ),
    "Mutation.refundOrder": (
        'mutation { refundOrder(input: {orderId: "x", lines: [], idempotencyKey: "x"}) %s }'
    ),
    "Mutation.pauseOrders": "mutation { pauseOrders(input: {minutes: 0}) %s }",
    "Mutation.readInboxMessages": "mutation { readInboxMessages(input: {messageIds: []}) %s }",
    "Mutation.archiveInboxMessages": "mutation { archiveInboxMessages(input: {messageIds: []}) %s }",
    "Mutation.registerPushDevice": 'mutation { registerPushDevice(input: {platform: FCM, token: "x"}) %s }',
    "Mutation.removePushDevice": "mutation { removePushDevice %s }",
    "Mutation.confirmPushes": "mutation { confirmPushes(input: {messageIds: []}) %s }",
    "Mutation.publishNews": (
        'mutation { publishNews(input: {title: {ja: "", en: ""}, text: {ja: "", en: ""}, '
        'idempotencyKey: "x", '
        'endsAt: "2026-11-21T00:00:00Z"}) %s }'
    ),
    "Mutation.withdrawNews": 'mutation { withdrawNews(input: {newsId: "x"}) %s }',
    "Mutation.createWebhookEndpoint": (
        'mutation { createWebhookEndpoint(input: {url: "x", eventTypes: []}) %s }'
    ),
    "Mutation.updateWebhookEndpoint": 'mutation { updateWebhookEndpoint(input: {endpointId: "x"}) %s }',
    "Mutation.rotateWebhookSecret": 'mutation { rotateWebhookSecret(input: {endpointId: "x"}) %s }',
    "Mutation.removeWebhookEndpoint": 'mutation { removeWebhookEndpoint(input: {endpointId: "x"}) %s }',
    "Mutation.pingWebhookEndpoint": 'mutation { pingWebhookEndpoint(input: {endpointId: "x"}) %s }',
    "Mutation.replayWebhookDelivery": 'mutation { replayWebhookDelivery(input: {deliveryId: "x"}) %s }',
    "Mutation.changePickupPolicy": (
        f'mutation {{ changePickupPolicy(input: {{storeId: "{AN_ID}", version: 0}}) %s }}'
    ),
    "Query.pickupPolicy": f'{{ pickupPolicy(storeId: "{AN_ID}") {{ version }} }}',
    "Mutation.verifyCard": 'mutation { verifyCard(input: {code: "x", idempotencyKey: "x"}) %s }',
}

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
@pytest.mark.parametrize("field", CALLS)
async def test_a_root_field_lets_in_whom_the_matrix_names(
    callers: dict[str, SignIn], field: str, actor: str
) -> None:
    caller = await callers[actor]()
    answer = (await caller.post(CALLS[field].replace("%s", REJECTED))).json()
    codes = {error["extensions"]["code"] for error in answer.get("errors", [])}
    type_name, field_name = field.split(".")
    if is_admitted(ACTORS[actor], type_name, field_name):
        assert not codes & DENIED
        assert "INTERNAL_ERROR" not in codes
    else:
        assert codes == {"UNAUTHENTICATED" if actor == "anonymous" else "FORBIDDEN"}


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
@pytest.mark.parametrize("type_name", PRIVATE)
def test_an_object_that_leaks_is_still_not_read(type_name: str, actor: str) -> None:
    """Were a resolver to give out what is another's, each of its fields would refuse to be read."""
    if is_admitted(ACTORS[actor], type_name, "id"):
        return
    info: Any = SimpleNamespace(context=context_of(ACTORS[actor]))
    for name, _, field in object_fields(schema._schema):
        if name == type_name:
            with pytest.raises(Unauthenticated if actor == "anonymous" else Forbidden):
                field.resolve(A_THING, info)


def test_what_is_private_is_so_for_most() -> None:
    """The test above has something to test: each private type refuses callers of every kind."""
    for type_name in PRIVATE:
        refused = {name for name, actor in ACTORS.items() if not is_admitted(actor, type_name, "id")}
        assert {"anonymous", "other-member", "schema:read", "COUNTER-2", "STORE_MANAGER-2"} <= refused
