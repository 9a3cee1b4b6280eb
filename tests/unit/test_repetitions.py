"""That every mutation may be sent again: by its idempotency key, or because twice is the same as once."""

from graphql import GraphQLInputObjectType, get_named_type

from graphql_schema.schema import schema

# Mutations without a key, and what becomes of the second of two.
NEEDS_NO_KEY: dict[str, frozenset[str]] = {
    "It sets what is the same already.": frozenset(
        {
            "updateProfile", "setConsents", "setSafetyStock", "setCartLine", "chooseCartStore", "clearCart",
            "upsertProducts", "upsertCategories", "placeBeacon", "defineSegment", "setPointRules",
            "pauseOrders", "resetStaffPin", "updatePartner", "updateWebhookEndpoint", "registerPushDevice",
            "readInboxMessages", "archiveInboxMessages", "confirmPushes", "substituteLine",
        }
    ),
    "What is gone already is gone, or said not to be there.": frozenset(
        {
            "signOut", "signOutEverywhere", "revokeSession", "clearSearchHistory", "removeBeacon",
            "removeStaffMember", "revokeDevice", "removePartner", "removePushDevice", "withdrawNews",
            "endPointCampaign",
        }
    ),
    "It is refused, for the state or version that it goes by is another one by now.": frozenset(
        {
            "updateOffer", "publishOffer", "pauseOffer", "resumeOffer", "endOffer", "changePickupPolicy",
            "cancelOrder", "announceArrival", "answerSubstitution", "acceptOrder", "rejectOrder",
            "startPreparing", "markReady", "markNoShow", "rejectLine", "changeStaffPin",
        }
    ),
    "What it tells of has a name of its own, which counts once.": frozenset(
        {
            "registerGuest", "trackEvents", "beaconSighted", "recordStockMovements", "recordPurchases",
            "recordReturns", "claimPurchase", "addStaffMember",
        }
    ),
    "It changes nothing.": frozenset({"quoteOrder"}),
    "The same token gives the same successor for a while.": frozenset({"refreshSession"}),
    "It begins a further session, which ends by itself; nothing is done by it.": frozenset({"signInStaff"}),
}  # fmt: skip


def test_each_mutation_has_a_key_or_needs_none() -> None:
    mutations = schema._schema.mutation_type
    assert mutations is not None
    keyed = set()
    for name, field in mutations.fields.items():
        inputs = [get_named_type(argument.type) for argument in field.args.values()]
        if any(
            isinstance(each, GraphQLInputObjectType) and "idempotencyKey" in each.fields for each in inputs
        ):
            keyed.add(name)
    unkeyed = [name for names in NEEDS_NO_KEY.values() for name in names]
    assert len(unkeyed) == len(set(unkeyed))
    assert keyed.isdisjoint(unkeyed)
    assert keyed | set(unkeyed) == mutations.fields.keys()
