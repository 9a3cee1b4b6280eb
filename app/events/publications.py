"""What partners are shown of events: the one table that says which scope sees which events, and what of them.

An event that is not in the table is shown to nobody; `unpublished` says why. No row shows what tells of a
person's life beyond the fact itself: names, addresses, card numbers and positions stay here.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from app.auth.partners import Scope

STORE_ID = "store_id"
PARTNER_ID = "partner_id"


@dataclass(frozen=True, slots=True)
class PublishedField:
    """A field of an event's data, and its name for partners. Ids of objects of the API say their type.

    It is null where an older version of the event did not have it. `is_reference` is for what names an object
    as subjects do, as in `order:…`.
    """

    source: str
    name: str
    type_name: str | None = None
    is_reference: bool = False


@dataclass(frozen=True, slots=True)
class Publication:
    """Who sees events of a type: whoever has `events:read` and this scope.

    `is_own` shows an event only to the partner whom it names. A partner that is limited to stores sees what
    names one of them, and its own.
    """

    description: str
    subject_type: str
    scope: Scope
    fields: tuple[PublishedField, ...] = ()
    is_own: bool = False

    @property
    def names_a_store(self) -> bool:
        return any(field.source == STORE_ID for field in self.fields)


STORE = PublishedField(STORE_ID, "storeId", "Store")
MEMBER = PublishedField("member_id", "memberId", "Member")


def _of_order(what_happened: str) -> Publication:
    """What is shown of an order's every move."""
    return Publication(
        f"{what_happened} `data`: orderId, memberId, storeId, state, version, which grows by one each time.",
        "Order",
        Scope.ORDERS_READ,
        (
            PublishedField("order_id", "orderId", "Order"),
            PublishedField("member_id", "memberId", "Member"),
            STORE,
            PublishedField("state", "state"),
            PublishedField("version", "version"),
        ),
    )


def _of_payment(what_happened: str) -> Publication:
    """What is shown of a payment's moves. It names no store: who is limited to stores does not see it."""
    return Publication(
        f"{what_happened} `data`: orderId, currency, amount, amountCaptured, amountRefunded, in minor units.",
        "Payment",
        Scope.PAYMENTS_READ,
        (
            PublishedField("reference", "orderId", "Order", is_reference=True),
            PublishedField("currency", "currency"),
            PublishedField("amount", "amount"),
            PublishedField("amount_captured", "amountCaptured"),
            PublishedField("amount_refunded", "amountRefunded"),
        ),
    )


def _of_coupon(what_happened: str, *more: PublishedField, told: str = "") -> Publication:
    """What is shown of a coupon. Only its use names a store."""
    return Publication(
        f"{what_happened} `data`: couponId, offerId, memberId{told}.",
        "Coupon",
        Scope.COUPONS_READ,
        (
            PublishedField("coupon_id", "couponId", "Coupon"),
            PublishedField("offer_id", "offerId", "Offer"),
            MEMBER,
            *more,
        ),
    )


def _of_use(what_happened: str) -> Publication:
    """What is shown of a coupon's use."""
    return _of_coupon(
        what_happened,
        PublishedField("redemption_id", "redemptionId", "Redemption"),
        STORE,
        PublishedField("discount", "discount"),
        told=", redemptionId, storeId, discount in yen",
    )


def _of_offer(what_happened: str) -> Publication:
    """What is shown of an offer's every change. Its end by time is no change: its terms tell it before."""
    return Publication(
        f"{what_happened} `data`: offerId, version of its terms.",
        "Offer",
        Scope.COUPONS_READ,
        (PublishedField("offer_id", "offerId", "Offer"), PublishedField("version", "version")),
    )


def _of_consent(what_happened: str) -> Publication:
    """What is shown of a consent: who tells members something for us hears at once of what they allow."""
    return Publication(
        f"{what_happened} `data`: kind.", "Member", Scope.MEMBERS_READ, (PublishedField("kind", "kind"),)
    )


def _of_point_rules(what_happened: str) -> Publication:
    """Tells tills to ask for the next `posSnapshot`."""
    return Publication(f"{what_happened} Ask for the next posSnapshot.", "PointRules", Scope.PURCHASES_WRITE)


PUBLICATIONS: Mapping[str, Publication] = {
    "CategoriesChanged": Publication(
        "Categories of the catalogue were made or changed. `data`: categoryIds.",
        "Catalog",
        Scope.CATALOG_WRITE,
        (PublishedField("category_ids", "categoryIds", "Category"),),
    ),
    "CheckedIn": Publication(
        "A member checked in at a store. `data`: checkInId, storeId, points.",
        "Member",
        Scope.CHECK_INS_READ,
        (PublishedField("check_in_id", "checkInId", "CheckIn"), STORE, PublishedField("points", "points")),
    ),
    "ConsentGiven": _of_consent("A member gave a consent."),
    "ConsentWithdrawn": _of_consent("A member withdrew a consent."),
    "CouponIssued": _of_coupon("A member was given a coupon."),
    "CouponRedeemed": _of_use("A coupon was used at a till, or by an order that was collected."),
    "CouponRevoked": _of_coupon(
        "A coupon was taken back.",
        PublishedField("reason", "reason"),
        told=", reason: GIVEN_TWICE or MEMBER_LIMIT",
    ),
    "GuestMerged": Publication(
        "A guest became one with a member who has a card already. `data`: guestId, the guest's former id.",
        "Member",
        Scope.MEMBERS_READ,
        (PublishedField("guest_id", "guestId", "Member"),),
    ),
    "GuestRegistered": Publication("A device got a card.", "Member", Scope.MEMBERS_READ),
    "GuestSignedUp": Publication("A guest proved an address.", "Member", Scope.MEMBERS_READ),
    "MemberRegistered": Publication(
        "Somebody proved an address and got a card.", "Member", Scope.MEMBERS_READ
    ),
    "OfferEnded": _of_offer("Headquarters ended an offer."),
    "OfferPaused": _of_offer("An offer was paused: its coupons cannot be used meanwhile."),
    "OfferPublished": _of_offer("An offer was published."),
    "OfferResumed": _of_offer("A paused offer goes on."),
    "OfferUpdated": _of_offer("The terms of an offer changed, for coupons that are issued later."),
    "OrderAccepted": _of_order("The store accepted an order."),
    "OrderArrived": _of_order("The member has arrived for her order."),
    "OrderCancelled": _of_order("The member cancelled her order."),
    "OrderCollected": _of_order("An order was handed over."),
    "OrderExpired": _of_order("An order was not accepted, or not ready, in time."),
    "OrderLineRejected": _of_order("The store rejected a line of an order."),
    "OrderNotCollected": _of_order("An order was not collected."),
    "OrderPaymentLost": _of_order("The bank let go of the money for an order that was handed over."),
    "OrderPlaced": _of_order("A member placed an order."),
    "OrderPreparing": _of_order("The store began to prepare an order."),
    "OrderReady": _of_order("An order is ready to be collected."),
    "OrderRefunded": _of_order("Something of an order was given back."),
    "OrderRejected": _of_order("The store rejected an order."),
    "OrdersPaused": Publication(
        "A store takes no orders for a while, or takes them again. `data`: storeId, minutes, 0 for again.",
        "Store",
        Scope.ORDERS_READ,
        (STORE, PublishedField("minutes", "minutes")),
    ),
    "PaymentAuthorized": _of_payment("The money for an order was set aside."),
    "PaymentCaptured": _of_payment("The money for an order was taken."),
    "PaymentDeclined": _of_payment("The card for an order was declined."),
    "PaymentRefundFailed": _of_payment("Money that was to be given back could not be."),
    "PaymentRefunded": _of_payment("Money was given back, all or some."),
    "PaymentVoided": _of_payment("The money that was set aside was let go."),
    "PointCampaignEnded": _of_point_rules("A point campaign was ended before its time."),
    "PointCampaignStarted": _of_point_rules("A point campaign was set up."),
    "PointRulesSet": _of_point_rules("Other point rules hold."),
    "ProductsChanged": Publication(
        "Products were made or changed, published ones or not. `data`: productIds.",
        "Catalog",
        Scope.CATALOG_WRITE,
        (PublishedField("product_ids", "productIds", "Product"),),
    ),
    "PurchaseClaimed": Publication(
        "A member claimed a purchase that was anonymous. `data`: purchaseId, memberId, storeId.",
        "Purchase",
        Scope.PURCHASES_READ,
        (PublishedField("purchase_id", "purchaseId", "Purchase"), MEMBER, STORE),
    ),
    "PurchaseRecorded": Publication(
        "A receipt was recorded. `data`: purchaseId, memberId, storeId, channel, total in yen, pointsEarned, "
        "pointsUsed; storeId is null where there is no store, memberId where nobody was named.",
        "Purchase",
        Scope.PURCHASES_READ,
        (
            PublishedField("purchase_id", "purchaseId", "Purchase"),
            MEMBER,
            STORE,
            PublishedField("channel", "channel"),
            PublishedField("total", "total"),
            PublishedField("points_earned", "pointsEarned"),
            PublishedField("points_used", "pointsUsed"),
        ),
    ),
    "PurchaseReturned": Publication(
        "Goods were returned. `data`: purchaseId, memberId, storeId where they were returned, amount in yen, "
        "pointsReturned, pointsTaken.",
        "Purchase",
        Scope.PURCHASES_READ,
        (
            PublishedField("purchase_id", "purchaseId", "Purchase"),
            MEMBER,
            STORE,
            PublishedField("amount", "amount"),
            PublishedField("points_returned", "pointsReturned"),
            PublishedField("points_taken", "pointsTaken"),
        ),
    ),
    "RankChanged": Publication(
        "A member's rank changed. `data`: from, to, reason.",
        "Member",
        Scope.MEMBERS_READ,
        (PublishedField("from", "from"), PublishedField("to", "to"), PublishedField("reason", "reason")),
    ),
    "RedemptionRolledBack": _of_use("A use of a coupon at a till was taken back; the coupon is good again."),
    "ReceiptConflictFound": Publication(
        "A receipt was refused, for its name is another one's. `data`: purchaseId, the purchase that has the "
        "name or that was returned by it; storeId, channel, terminal and receiptNumber, which are the name.",
        "Purchase",
        Scope.PURCHASES_READ,
        (
            PublishedField("purchase_id", "purchaseId", "Purchase"),
            STORE,
            PublishedField("channel", "channel"),
            PublishedField("terminal", "terminal"),
            PublishedField("receipt_number", "receiptNumber"),
        ),
    ),
    "StockBelowZero": Publication(
        "More was sold or taken from a store than it was known to have. `data`: skuId, storeId, onHand.",
        "StockLevel",
        Scope.STOCK_WRITE,
        (PublishedField("sku_id", "skuId", "Sku"), STORE, PublishedField("on_hand", "onHand")),
    ),
    "SubstituteOffered": _of_order("The store offered another SKU for a line of an order."),
    "SubstitutionAnswered": _of_order("The member took or declined a substitute."),
    "WebhookEndpointSwitchedOff": Publication(
        "One of the partner's own endpoints was switched off. `data`: reason, GONE or FAILING.",
        "WebhookEndpoint",
        Scope.EVENTS_READ,
        (PublishedField("reason", "reason"),),
        is_own=True,
    ),
}
