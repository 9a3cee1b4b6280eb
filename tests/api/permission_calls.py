"""How each root field is called, for whoever wants to know who may call it."""

from graphql_schema.node import encode_id

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
