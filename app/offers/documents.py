"""Offers as MongoDB keeps them."""

from typing import Any

from app.catalog.model import Texts
from app.offers.condition_documents import condition_document, condition_from
from app.offers.model import (
    Benefit,
    BenefitKind,
    Distribution,
    Offer,
    OfferLimits,
    OfferMoment,
    OfferScope,
    OfferState,
    OfferTerms,
    OfferVariant,
    Pick,
    UsableWhen,
)
from app.shared.channels import Channel
from app.shared.i18n import Language
from app.shared.mongodb.collection import Document
from app.shared.mongodb.documents import (
    MOMENT,
    OBJECT,
    STRING,
    Schema,
    at_least,
    between,
    document,
    list_of,
    nullable,
    one_of,
)

TEXTS_SCHEMA: Schema = document(ja=STRING, en=STRING)
_LIMITS = ("issued", "per_member", "per_member_a_day", "redeemed", "a_day", "per_store", "budget")

_BENEFIT = document(kind=one_of(BenefitKind), value=at_least(0), maximum_discount=nullable(at_least(1)))

TERMS_SCHEMA: Schema = document(
    names=TEXTS_SCHEMA,
    descriptions=TEXTS_SCHEMA,
    benefit=_BENEFIT,
    distribution=one_of(Distribution),
    starts_at=MOMENT,
    ends_at=MOMENT,
    scope=document(
        sku_ids=list_of(STRING),
        category_ids=list_of(STRING),
        brands=list_of(STRING),
        minimum_basket=at_least(0),
        pick=nullable(one_of(Pick)),
        pieces=nullable(at_least(1)),
    ),
    usable_when=document(
        weekdays=list_of(between(0, 6)),
        from_minute=between(0, 24 * 60 - 1),
        until_minute=between(1, 24 * 60),
        store_ids=list_of(STRING),
        channels=list_of(one_of(Channel)),
    ),
    limits=document(**dict.fromkeys(_LIMITS, nullable(at_least(1)))),
    issued_if=nullable(OBJECT),
    usable_if=nullable(OBJECT),
    code=nullable(STRING),
    valid_until=nullable(MOMENT),
    valid_days=nullable(at_least(1)),
    stacking_group=nullable(STRING),
    priority=at_least(0),
    moments=list_of(one_of(OfferMoment)),
    holdout_percent=between(0, 100),
    variants=list_of(
        document(
            name=STRING,
            percent=between(1, 100),
            benefit=_BENEFIT,
            names=nullable(TEXTS_SCHEMA),
            descriptions=nullable(TEXTS_SCHEMA),
        )
    ),
)
OFFER_SCHEMA: Schema = document(
    _id=STRING,
    version=at_least(1),
    state=one_of(OfferState),
    terms=TERMS_SCHEMA,
    created_at=MOMENT,
    changed_at=MOMENT,
)
OFFER_VERSION_SCHEMA: Schema = document(_id=STRING, offer_id=STRING, version=at_least(1), terms=TERMS_SCHEMA)


def offer_document(offer: Offer) -> Document:
    return {
        "_id": offer.id,
        "version": offer.version,
        "state": offer.state.value,
        "terms": terms_document(offer.terms),
        "created_at": offer.created_at,
        "changed_at": offer.changed_at,
    }


def offer_from(found: Document) -> Offer:
    return Offer(
        id=found["_id"],
        version=found["version"],
        state=OfferState(found["state"]),
        terms=terms_from(found["terms"]),
        created_at=found["created_at"],
        changed_at=found["changed_at"],
    )


def terms_document(terms: OfferTerms) -> Document:
    scope, when = terms.scope, terms.usable_when
    return {
        "names": texts_document(terms.names),
        "descriptions": texts_document(terms.descriptions),
        "benefit": _benefit_document(terms.benefit),
        "distribution": terms.distribution.value,
        "starts_at": terms.starts_at,
        "ends_at": terms.ends_at,
        "scope": {
            "sku_ids": sorted(scope.sku_ids),
            "category_ids": sorted(scope.category_ids),
            "brands": sorted(scope.brands),
            "minimum_basket": scope.minimum_basket,
            "pick": scope.pick.value if scope.pick else None,
            "pieces": scope.pieces,
        },
        "usable_when": {
            "weekdays": sorted(when.weekdays),
            "from_minute": when.from_minute,
            "until_minute": when.until_minute,
            "store_ids": sorted(when.store_ids),
            "channels": sorted(channel.value for channel in when.channels),
        },
        "limits": {name: getattr(terms.limits, name) for name in _LIMITS},
        "issued_if": condition_document(terms.issued_if) if terms.issued_if else None,
        "usable_if": condition_document(terms.usable_if) if terms.usable_if else None,
        "code": terms.code,
        "valid_until": terms.valid_until,
        "valid_days": terms.valid_days,
        "stacking_group": terms.stacking_group,
        "priority": terms.priority,
        "moments": sorted(moment.value for moment in terms.moments),
        "holdout_percent": terms.holdout_percent,
        "variants": [_variant_document(each) for each in terms.variants],
    }


def terms_from(found: Document) -> OfferTerms:
    scope: dict[str, Any] = found["scope"]
    when: dict[str, Any] = found["usable_when"]
    return OfferTerms(
        names=texts_from(found["names"]),
        descriptions=texts_from(found["descriptions"]),
        benefit=_benefit_from(found["benefit"]),
        distribution=Distribution(found["distribution"]),
        starts_at=found["starts_at"],
        ends_at=found["ends_at"],
        scope=OfferScope(
            frozenset(scope["sku_ids"]),
            frozenset(scope["category_ids"]),
            frozenset(scope["brands"]),
            scope["minimum_basket"],
            Pick(scope["pick"]) if scope["pick"] else None,
            scope["pieces"],
        ),
        usable_when=UsableWhen(
            frozenset(when["weekdays"]),
            when["from_minute"],
            when["until_minute"],
            frozenset(when["store_ids"]),
            frozenset(Channel(each) for each in when["channels"]),
        ),
        limits=OfferLimits(**found["limits"]),
        issued_if=condition_from(found["issued_if"]) if found["issued_if"] else None,
        usable_if=condition_from(found["usable_if"]) if found["usable_if"] else None,
        code=found["code"],
        valid_until=found["valid_until"],
        valid_days=found["valid_days"],
        stacking_group=found["stacking_group"],
        priority=found["priority"],
        moments=frozenset(OfferMoment(each) for each in found["moments"]),
        holdout_percent=found["holdout_percent"],
        variants=tuple(_variant_from(each) for each in found["variants"]),
    )


def _benefit_document(benefit: Benefit) -> Document:
    return {
        "kind": benefit.kind.value,
        "value": benefit.value,
        "maximum_discount": benefit.maximum_discount,
    }


def _benefit_from(found: Document) -> Benefit:
    return Benefit(BenefitKind(found["kind"]), found["value"], found["maximum_discount"])


def _variant_document(variant: OfferVariant) -> Document:
    return {
        "name": variant.name,
        "percent": variant.percent,
        "benefit": _benefit_document(variant.benefit),
        "names": texts_document(variant.names) if variant.names else None,
        "descriptions": texts_document(variant.descriptions) if variant.descriptions else None,
    }


def _variant_from(found: Document) -> OfferVariant:
    return OfferVariant(
        name=found["name"],
        percent=found["percent"],
        benefit=_benefit_from(found["benefit"]),
        names=texts_from(found["names"]) if found["names"] else None,
        descriptions=texts_from(found["descriptions"]) if found["descriptions"] else None,
    )


def texts_document(texts: Texts) -> Document:
    return {language.value: texts[language] for language in Language}


def texts_from(found: Document) -> Texts:
    return {language: found[language.value] for language in Language}
