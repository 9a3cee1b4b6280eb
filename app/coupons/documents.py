"""Coupons and redemptions as MongoDB keeps them."""

from dataclasses import fields

from app.coupons.model import Coupon, CouponState, Redemption, RedemptionState, RevocationReason
from app.offers.condition_documents import leaf_document, leaf_from
from app.offers.model import OfferMoment
from app.shared.mongodb.collection import Document
from app.shared.mongodb.documents import (
    BOOLEAN,
    MOMENT,
    OBJECT,
    STRING,
    Schema,
    at_least,
    document,
    list_of,
    nullable,
    one_of,
)

COUPON_SCHEMA: Schema = document(
    _id=STRING,
    offer_id=STRING,
    offer_version=at_least(1),
    member_id=STRING,
    code=STRING,
    state=one_of(CouponState),
    issued_at=MOMENT,
    expires_at=MOMENT,
    source=STRING,
    reasons=list_of(OBJECT),
    redemption_id=nullable(STRING),
    held_until=nullable(MOMENT),
    used_at=nullable(MOMENT),
    used_store_id=nullable(STRING),
    revoked_for=nullable(one_of(RevocationReason)),
    variant=nullable(STRING),
    moment=nullable(one_of(OfferMoment)),
    moment_store_id=nullable(STRING),
    seen_at=nullable(MOMENT),
)
REDEMPTION_SCHEMA: Schema = document(
    _id=STRING,
    coupon_id=STRING,
    offer_id=STRING,
    member_id=STRING,
    owner=STRING,
    state=one_of(RedemptionState),
    is_live=BOOLEAN,
    store_id=STRING,
    discount=at_least(0),
    bonus_points=at_least(0),
    points_multiplier=at_least(1),
    points_sku_ids=nullable(list_of(STRING)),
    created_at=MOMENT,
    counted=list_of(STRING),
    counted_yen=at_least(0),
    held_until=nullable(MOMENT),
    redeemed_at=nullable(MOMENT),
    rolled_back_at=nullable(MOMENT),
    reason=nullable(STRING),
    due_at=nullable(MOMENT),
)


def coupon_document(coupon: Coupon) -> Document:
    plain = {field.name: getattr(coupon, field.name) for field in fields(coupon) if field.name != "id"}
    reasons = [leaf_document(leaf) for leaf in coupon.reasons]
    moment = coupon.moment.value if coupon.moment else None
    return {
        "_id": coupon.id,
        **plain,
        "state": coupon.state.value,
        "reasons": reasons,
        "moment": moment,
    }


def coupon_from(found: Document) -> Coupon:
    plain = {name: value for name, value in found.items() if name != "_id"}
    plain |= {
        "state": CouponState(found["state"]),
        "reasons": tuple(leaf_from(each) for each in found["reasons"]),
        "revoked_for": RevocationReason(found["revoked_for"]) if found["revoked_for"] else None,
        "moment": OfferMoment(found["moment"]) if found["moment"] else None,
    }
    return Coupon(id=found["_id"], **plain)


def redemption_document(redemption: Redemption) -> Document:
    plain = {
        field.name: getattr(redemption, field.name) for field in fields(redemption) if field.name != "id"
    }
    return {
        "_id": redemption.id,
        **plain,
        "state": redemption.state.value,
        "counted": list(redemption.counted),
        "points_sku_ids": None if redemption.points_sku_ids is None else list(redemption.points_sku_ids),
        "is_live": redemption.is_live,
    }


def redemption_from(found: Document) -> Redemption:
    plain = {name: value for name, value in found.items() if name not in {"_id", "is_live"}}
    sku_ids = found["points_sku_ids"]
    plain |= {
        "state": RedemptionState(found["state"]),
        "counted": tuple(found["counted"]),
        "points_sku_ids": None if sku_ids is None else tuple(sku_ids),
    }
    return Redemption(id=found["_id"], **plain)
