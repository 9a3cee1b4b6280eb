"""Who may read the objects there are, or a single field of theirs."""

from collections.abc import Mapping

from app.auth.partners import Scope
from app.auth.roles import Role
from graphql_schema.readers import (
    EVERYBODY,
    HERSELF,
    ITS_MANAGERS,
    ITS_STAFF,
    ITSELF,
    JUST_ENROLLED,
    MEMBERS,
    OWNER,
    STOCK_KEEPERS,
    Readers,
    partners,
    staff,
)

# The partner that is told of events, by a token that says so, and headquarters.
ITS_LISTENER = partners(Scope.EVENTS_READ) & ITSELF | staff(Role.HEADQUARTERS)

OBJECTS: Mapping[str, Readers] = {
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
    "Store.beacons": MEMBERS | staff(),
    "TagFacet": EVERYBODY,
    "StoreAvailability": EVERYBODY,
    # What is a member's own.
    "BrandInterest": OWNER,
    "Card": OWNER,
    "CardCode": OWNER,
    "Cart": OWNER,
    "Coupon": OWNER,
    "CategoryInterest": OWNER,
    "CheckIn": OWNER,
    "Consent": OWNER,
    "ConsentDecision": OWNER,
    "Favourite": OWNER,
    "Interests": OWNER,
    "SkuInterest": OWNER,
    "Order": OWNER | ITS_STAFF,
    "Order.pickupCode": OWNER,
    "InboxMessage": OWNER,
    "PickupPolicy": ITS_STAFF | ITS_MANAGERS,
    "Member": OWNER,
    "PointAccount": OWNER,
    "PointEntry": OWNER,
    "RankChange": OWNER,
    "RecentSearch": OWNER,
    "Session": OWNER,
    "SignInAddress": OWNER,
    # What is the retailer's own.
    "Offer": staff(Role.HEADQUARTERS),
    "Segment": staff(Role.HEADQUARTERS),
    "Partner": staff(Role.HEADQUARTERS) | ITSELF,
    "Partner.webhookEndpoints": ITS_LISTENER,
    "MessageReach": staff(Role.HEADQUARTERS),
    "PublishedNews": staff(Role.HEADQUARTERS),
    "StaffMember": ITS_MANAGERS | HERSELF,
    "PlacedBeacon": ITS_MANAGERS,
    "StoreDevice": ITS_MANAGERS | JUST_ENROLLED,
    "WebhookDelivery": ITS_LISTENER,
    "WebhookEndpoint": ITS_LISTENER,
}
