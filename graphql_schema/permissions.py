"""Who may read what: the one place that says it, for every field there is.

A row names a type, and stands for all of its fields, or a single field, as in `Mutation.checkIn`. The
fields of `Query` and `Mutation` have a row each. A field without a row, and a row without a field, stop
the start. Each field is asked before it is resolved, by whatever path it was reached.
"""

from collections.abc import Callable, Mapping
from typing import Any

from graphql import GraphQLField, GraphQLObjectType, GraphQLResolveInfo, GraphQLSchema, default_field_resolver

from app.auth.actor import ANONYMOUS
from app.auth.partners import Scope
from app.auth.roles import Role
from app.shared.errors import Forbidden, Unauthenticated
from graphql_schema.context import Context
from graphql_schema.readers import (
    EVERYBODY,
    HERSELF,
    ITS_MANAGERS,
    ITS_STAFF,
    ITSELF,
    JUST_ENROLLED,
    MANAGERS,
    MEMBERS,
    OWNER,
    STOCK_KEEPERS,
    WHOEVER_HAS_IT,
    Readers,
    partners,
    staff,
)

ROOT_TYPES = {"Query", "Mutation", "Subscription"}

READERS: Mapping[str, Readers] = {
    "Query.me": EVERYBODY,
    "Query.node": EVERYBODY,
    "Query.categories": EVERYBODY,
    "Query.product": EVERYBODY,
    "Query.products": EVERYBODY,
    "Query.store": EVERYBODY,
    "Query.stores": EVERYBODY,
    "Query.viewer": EVERYBODY,
    "Query.storeDevices": MANAGERS,
    "Query.staffMembers": MANAGERS,
    "Query.partners": staff(Role.HEADQUARTERS),
    "Query.suggest": EVERYBODY,
    "Query.availability": EVERYBODY,
    "Mutation.registerGuest": EVERYBODY,
    "Mutation.requestSignInCode": EVERYBODY,
    "Mutation.signIn": EVERYBODY,
    "Mutation.refreshSession": EVERYBODY,
    "Mutation.signOut": MEMBERS | staff(),
    "Mutation.signOutEverywhere": MEMBERS,
    "Mutation.revokeSession": MEMBERS,
    "Mutation.updateProfile": MEMBERS,
    "Mutation.checkIn": MEMBERS,
    "Query.order": EVERYBODY,
    "Query.pickupSlots": EVERYBODY,
    "Query.counterOrders": staff(),
    "Mutation.quoteOrder": MEMBERS,
    "Mutation.placeOrder": MEMBERS,
    "Mutation.cancelOrder": MEMBERS,
    "Mutation.announceArrival": MEMBERS,
    "Mutation.answerSubstitution": MEMBERS,
    "Mutation.acceptOrder": staff(),
    "Mutation.rejectOrder": staff(),
    "Mutation.startPreparing": staff(),
    "Mutation.markReady": staff(),
    "Mutation.markNoShow": staff(),
    "Mutation.collectOrder": staff(),
    "Mutation.rejectLine": staff(),
    "Mutation.substituteLine": staff(),
    "Mutation.refundOrder": staff(),
    "Mutation.pauseOrders": staff(),
    "Subscription.orderChanged": MEMBERS | staff(),
    "Subscription.counterOrderChanged": staff(),
    "Mutation.clearSearchHistory": MEMBERS,
    "Mutation.upsertCategories": partners(Scope.CATALOG_WRITE) | staff(Role.HEADQUARTERS),
    "Mutation.upsertProducts": partners(Scope.CATALOG_WRITE) | staff(Role.HEADQUARTERS),
    "Mutation.verifyCard": partners(Scope.CARDS_VERIFY) | staff(),
    "Mutation.createEnrolmentCode": MANAGERS,
    "Mutation.enrolDevice": EVERYBODY,
    "Mutation.revokeDevice": MANAGERS,
    "Mutation.signInStaff": EVERYBODY,
    "Mutation.addStaffMember": MANAGERS,
    "Mutation.changeStaffPin": staff(),
    "Mutation.resetStaffPin": MANAGERS,
    "Mutation.removeStaffMember": MANAGERS,
    "Mutation.createPartner": staff(Role.HEADQUARTERS),
    "Mutation.updatePartner": staff(Role.HEADQUARTERS),
    "Mutation.rotatePartnerSecret": staff(Role.HEADQUARTERS),
    "Mutation.removePartner": staff(Role.HEADQUARTERS),
    "Mutation.recordStockMovements": partners(Scope.STOCK_WRITE) | staff(),
    "Mutation.setSafetyStock": partners(Scope.STOCK_WRITE) | MANAGERS,
    "Subscription.stockChanged": EVERYBODY,
    "Subscription.stockNear": EVERYBODY,
    # What is everybody's.
    "Address": EVERYBODY,
    "BrandFacet": EVERYBODY,
    "Category": EVERYBODY,
    "CategoryFacet": EVERYBODY,
    "DayHours": EVERYBODY,
    "GeoPoint": EVERYBODY,
    "Obtainable": EVERYBODY,
    "OpeningHours": EVERYBODY,
    "OtherSku": EVERYBODY,
    "PriceFacet": EVERYBODY,
    "PriceSpan": EVERYBODY,
    "Product": EVERYBODY,
    "ProductAttribute": EVERYBODY,
    "ProductFacets": EVERYBODY,
    "SearchSuggestion": EVERYBODY,
    "Sku": EVERYBODY,
    "SpecialDay": EVERYBODY,
    "StockLevel": EVERYBODY,
    "StockLevel.onHand": STOCK_KEEPERS,
    "StockLevel.held": STOCK_KEEPERS,
    "StockLevel.safety": STOCK_KEEPERS,
    "Store": EVERYBODY,
    "TagFacet": EVERYBODY,
    "StoreAvailability": EVERYBODY,
    # What is a member's own.
    "Card": OWNER,
    "CardCode": OWNER,
    "CheckIn": OWNER,
    "Order": OWNER | ITS_STAFF,
    "Order.pickupCode": OWNER,
    "Member": OWNER,
    "PointAccount": OWNER,
    "PointEntry": OWNER,
    "RecentSearch": OWNER,
    "Session": OWNER,
    "SignInAddress": OWNER,
    # What is the retailer's own.
    "Partner": staff(Role.HEADQUARTERS) | ITSELF,
    "StaffMember": ITS_MANAGERS | HERSELF,
    "StoreDevice": ITS_MANAGERS | JUST_ENROLLED,
    # What carries other things, and is as private as the field that leads to it.
    "CardVerified": WHOEVER_HAS_IT,
    "CategoriesUpserted": WHOEVER_HAS_IT,
    "CategoryRow": WHOEVER_HAS_IT,
    "CheckInConnection": WHOEVER_HAS_IT,
    "CheckInEdge": WHOEVER_HAS_IT,
    "CheckedIn": WHOEVER_HAS_IT,
    "GuestMerge": WHOEVER_HAS_IT,
    "DeviceEnrolled": WHOEVER_HAS_IT,
    "DeviceRevoked": WHOEVER_HAS_IT,
    "EnrolmentCodeCreated": WHOEVER_HAS_IT,
    "GuestRegistered": WHOEVER_HAS_IT,
    "MemberSignedIn": WHOEVER_HAS_IT,
    "Money": WHOEVER_HAS_IT,
    "OrderConnection": WHOEVER_HAS_IT,
    "OrderEdge": WHOEVER_HAS_IT,
    "OrderLine": WHOEVER_HAS_IT,
    "OrderMove": WHOEVER_HAS_IT,
    "OrderPlaced": WHOEVER_HAS_IT,
    "OrderQuote": WHOEVER_HAS_IT,
    "OrderRefund": WHOEVER_HAS_IT,
    "OrderTotals": WHOEVER_HAS_IT,
    "OrderUpdated": WHOEVER_HAS_IT,
    "OrderedItem": WHOEVER_HAS_IT,
    "OrdersPaused": WHOEVER_HAS_IT,
    "PaymentToConfirm": WHOEVER_HAS_IT,
    "PickupSlot": WHOEVER_HAS_IT,
    "Substitution": WHOEVER_HAS_IT,
    "TaxTotal": WHOEVER_HAS_IT,
    "PageInfo": WHOEVER_HAS_IT,
    "PartnerConnection": WHOEVER_HAS_IT,
    "PartnerCreated": WHOEVER_HAS_IT,
    "PartnerEdge": WHOEVER_HAS_IT,
    "PartnerRemoved": WHOEVER_HAS_IT,
    "PartnerSecretRotated": WHOEVER_HAS_IT,
    "PartnerUpdated": WHOEVER_HAS_IT,
    "PointEntryConnection": WHOEVER_HAS_IT,
    "PointEntryEdge": WHOEVER_HAS_IT,
    "PointLot": WHOEVER_HAS_IT,
    "PointLotUse": WHOEVER_HAS_IT,
    "ProductConnection": WHOEVER_HAS_IT,
    "ProductEdge": WHOEVER_HAS_IT,
    "ProductRow": WHOEVER_HAS_IT,
    "ProductsUpserted": WHOEVER_HAS_IT,
    "ProfileUpdated": WHOEVER_HAS_IT,
    "Rejected": WHOEVER_HAS_IT,
    "SearchHistoryCleared": WHOEVER_HAS_IT,
    "SessionRefreshed": WHOEVER_HAS_IT,
    "SignInCodeSent": WHOEVER_HAS_IT,
    "SafetyStockSet": WHOEVER_HAS_IT,
    "SignedOut": WHOEVER_HAS_IT,
    "StaffMemberAdded": WHOEVER_HAS_IT,
    "StaffMemberConnection": WHOEVER_HAS_IT,
    "StaffMemberEdge": WHOEVER_HAS_IT,
    "StaffMemberRemoved": WHOEVER_HAS_IT,
    "StaffPinChanged": WHOEVER_HAS_IT,
    "StaffPinReset": WHOEVER_HAS_IT,
    "StaffSignedIn": WHOEVER_HAS_IT,
    "StockLevelConnection": WHOEVER_HAS_IT,
    "StockLevelEdge": WHOEVER_HAS_IT,
    "StockMovement": WHOEVER_HAS_IT,
    "StockMovementRow": WHOEVER_HAS_IT,
    "StockMovementsRecorded": WHOEVER_HAS_IT,
    "StoreAvailabilityConnection": WHOEVER_HAS_IT,
    "StoreAvailabilityEdge": WHOEVER_HAS_IT,
    "StoreConnection": WHOEVER_HAS_IT,
    "StoreDeviceConnection": WHOEVER_HAS_IT,
    "StoreDeviceEdge": WHOEVER_HAS_IT,
    "StoreEdge": WHOEVER_HAS_IT,
    "UserError": WHOEVER_HAS_IT,
}


class UndeclaredField(Exception):
    """The table and the schema differ; the text says where."""


def readers_of(type_name: str, field_name: str) -> Readers:
    """Who may read this field. Raises UndeclaredField."""
    for_all_fields = None if type_name in ROOT_TYPES else READERS.get(type_name)
    readers = READERS.get(f"{type_name}.{field_name}", for_all_fields)
    if readers is None:
        raise UndeclaredField(f"permissions.py does not say who may read {type_name}.{field_name}")
    return readers


def may_read(context: Context, type_name: str, source: Any) -> bool:
    """Whether the caller may read this object."""
    return READERS[type_name].admits(context, source)


def guard(schema: GraphQLSchema) -> None:
    """Puts each field's readers before its resolver. Raises UndeclaredField."""
    unused = set(READERS)
    for type_name, field_name, field in object_fields(schema):
        readers = readers_of(type_name, field_name)
        unused -= {type_name, f"{type_name}.{field_name}"}
        if readers not in (EVERYBODY, WHOEVER_HAS_IT):
            _guard_field(field, readers)
    if unused:
        raise UndeclaredField(f"permissions.py names what does not exist: {', '.join(sorted(unused))}")


def object_fields(schema: GraphQLSchema) -> list[tuple[str, str, GraphQLField]]:
    """Every field of every object type that is ours."""
    return [
        (name, field_name, field)
        for name, each in sorted(schema.type_map.items())
        if isinstance(each, GraphQLObjectType) and not name.startswith("__")
        for field_name, field in each.fields.items()
    ]


def _guard_field(field: GraphQLField, readers: Readers) -> None:
    if field.subscribe is not None:
        field.subscribe = _guarded(field.subscribe, readers)
    else:
        field.resolve = _guarded(field.resolve or default_field_resolver, readers)


def _guarded(resolve: Callable[..., Any], readers: Readers) -> Callable[..., Any]:
    def guarded(source: Any, info: GraphQLResolveInfo[Context], **arguments: Any) -> Any:
        context: Context = info.context
        if not readers.admits(context, source):
            raise Unauthenticated if context.actor == ANONYMOUS else Forbidden
        return resolve(source, info, **arguments)

    return guarded
