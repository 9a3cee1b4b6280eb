"""How each collection may be spread over the shards of a MongoDB cluster, and why.

A unique index of a sharded collection has to begin with its shard key, and whatever finds and changes one
document has to name it. What can do neither stays on one shard, its database's first, whose size and load
then bound the whole: the reasons say what keeps it there.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sharded:
    """Documents are spread by this field, in ranges of it."""

    by: str
    why: str


@dataclass(frozen=True, slots=True)
class OnOneShard:
    """All documents are on the same shard."""

    why: str


_HERS = Sharded(
    "member_id", "all that is a member's lies together; every page and chain of hers is read from one shard"
)
_AN_ID = Sharded("_id", "whoever asks names it; the key says whose or what it is")
_SMALL = OnOneShard("few documents, which each process remembers or reads whole")
_OF_STAFF = OnOneShard("as many as there are staff and devices")

SHARDING: Mapping[str, Sharded | OnOneShard] = {
    "check_ins": _HERS,
    "consent_entries": _HERS,
    "interest_events": _HERS,
    "point_entries": _HERS,
    "rank_changes": _HERS,
    "beacon_visits": _AN_ID,
    "carts": _AN_ID,
    "checkouts": _AN_ID,
    "coupon_codes": _AN_ID,
    "favourites": _AN_ID,
    "idempotency_keys": _AN_ID,
    "interests": _AN_ID,
    "lockouts": _AN_ID,
    "marketing_counts": _AN_ID,
    "offer_decisions": Sharded("_id", "the moment that it was made at, which is decided about once"),
    "offer_receipts": _AN_ID,
    "rate_counts": _AN_ID,
    "search_histories": _AN_ID,
    "sessions": Sharded("_id", "the access token names it, and each request reads it"),
    "sign_in_addresses": Sharded("_id", "the address itself: it is nobody else's"),
    "sign_in_answers": _AN_ID,
    "sign_in_challenges": _AN_ID,
    "stock_levels": Sharded("_id", "the SKU, then the store: where a SKU is to be had is asked of one shard"),
    "stock_movements": Sharded("level_id", "with its level, whose chain it goes on"),
    "members": OnOneShard("a card's number and a device are each unique among all members"),
    "inbox_entries": OnOneShard("a guest's entries change their member when she signs up; kept for 180 days"),
    "purchases": OnOneShard("a receipt's name and an order are each unique among all purchases"),
    "purchase_returns": OnOneShard("with the purchases that they are of, by the same names"),
    "coupons": OnOneShard("a code, and what a coupon was given for, are each unique among all coupons"),
    "coupon_redemptions": OnOneShard("found by a coupon, an order or a member, and changed by their own ids"),
    "orders": OnOneShard("a pickup code, and a number of a store's day, are each unique among all orders"),
    "card_verifications": OnOneShard("a card code is used once, whoever's it is"),
    "guest_merges": OnOneShard(
        "one for each guest who signed up, read when a lost answer is asked for again"
    ),
    "payments": OnOneShard("one live payment for a reference, changed by its own id or the gateway's"),
    "payment_acts": OnOneShard("with the payments that they are of"),
    "payment_notices": OnOneShard("kept for 30 days, with the payments that they are of"),
    "push_devices": OnOneShard(
        "a device's token is unique, and is forgotten by the member, the session or the token"
    ),
    "pushes": OnOneShard("a queue: workers take what is due, whosever it is; kept for 30 days"),
    "stock_holds": OnOneShard("one for an owner, and changed by their own ids; gone soon after they end"),
    "pickup_slots": OnOneShard("kept for 30 days: as many as stores have quarters of an hour"),
    "events": OnOneShard("one sequence puts all of them in order"),
    "event_sequences": _SMALL,
    "leases": _SMALL,
    "development_clocks": _SMALL,
    "development_outbox": OnOneShard("a developer's own"),
    "sandbox_charges": OnOneShard("a developer's own"),
    "partners": _SMALL,
    "stores": _SMALL,
    "products": OnOneShard("a SKU and a JAN are each unique among all products"),
    "product_search": OnOneShard("a search asks for all products that fit, wherever they were"),
    "category_trees": _SMALL,
    "learning_progress": _SMALL,
    "related_skus": OnOneShard("as many as there are SKUs"),
    "beacons": _SMALL,
    "offers": _SMALL,
    "offer_versions": _SMALL,
    "segments": _SMALL,
    "offer_counters": _SMALL,
    "point_rules": _SMALL,
    "point_campaigns": _SMALL,
    "pickup_policies": _SMALL,
    "news": _SMALL,
    "news_boards": _SMALL,
    "news_pushes": OnOneShard("one for each piece of news and store"),
    "receipt_conflicts": OnOneShard("what headquarters has to look at: seldom any"),
    "webhook_endpoints": _SMALL,
    "webhook_deliveries": OnOneShard("a queue: workers take what is due, whosever it is; kept for 30 days"),
    "staff": _OF_STAFF,
    "store_devices": _OF_STAFF,
    "enrolment_codes": _OF_STAFF,
}
