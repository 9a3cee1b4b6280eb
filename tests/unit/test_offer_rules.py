"""What an offer's terms may say, and how an offer goes on."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from app.offers.documents import terms_document, terms_from
from app.offers.errors import OfferMoveIllegal
from app.offers.model import (
    Benefit,
    BenefitKind,
    Distribution,
    Offer,
    OfferLimits,
    OfferMoment,
    OfferMove,
    OfferScope,
    OfferState,
    OfferVariant,
    Pick,
    UsableWhen,
)
from app.offers.rules import BOUNDS, checked_terms, moved
from app.offers.texts import benefit_text
from app.shared.channels import Channel
from app.shared.errors import SeveralRefusals
from app.shared.i18n import Language
from tests.conftest import NOON_IN_TOKYO as NOW
from tests.offer_examples import some_terms
from tests.unit.test_offer_conditions import NEAR_UMEDA


def an_offer(state: OfferState = OfferState.ACTIVE, **changes: Any) -> Offer:
    return Offer("offer", 1, state, some_terms(**changes), NOW, NOW)


def test_terms_are_kept_as_they_are() -> None:
    texts = {Language.JA: "はい", Language.EN: "Yes"}
    terms = some_terms(
        benefit=Benefit(BenefitKind.PERCENT, 10, 500),
        scope=OfferScope(frozenset({"a"}), frozenset({"b"}), frozenset({"c"}), 100, Pick.DEAREST, 2),
        usable_when=UsableWhen(frozenset({0, 6}), 900, 1_080, frozenset({"s"}), frozenset({Channel.STORE})),
        limits=OfferLimits(1, 2, 3, 4, 5, 6, 7),
        issued_if=NEAR_UMEDA,
        usable_if=NEAR_UMEDA,
        distribution=Distribution.CODE,
        code="AUTUMN10",
        valid_until=NOW,
        valid_days=3,
        stacking_group="seasonal",
        priority=5,
        moments=frozenset({OfferMoment.BIRTHDAY, OfferMoment.SIGN_UP}),
        holdout_percent=10,
        variants=(
            OfferVariant("twice", 50, Benefit(BenefitKind.PERCENT, 20, 900)),
            OfferVariant("text", 20, Benefit(BenefitKind.PERCENT, 10), texts, texts),
        ),
    )
    assert terms_from(terms_document(terms)) == terms


A_VARIANT = OfferVariant("twice", 50, Benefit(BenefitKind.PERCENT, 20))


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"distribution": Distribution.RULE}, ["moments"]),
        ({"moments": frozenset({OfferMoment.SIGN_UP})}, ["moments"]),
        (
            {"distribution": Distribution.RULE, "moments": frozenset({OfferMoment.ABSENCE})},
            ["issuedIf"],
        ),
        ({"holdout_percent": 1}, ["holdoutPercent"]),
        ({"distribution": Distribution.CHECK_IN, "holdout_percent": 91}, ["holdoutPercent"]),
        ({"variants": (A_VARIANT, A_VARIANT)}, ["variants"]),
        ({"variants": (A_VARIANT, replace(A_VARIANT, name="more", percent=51))}, ["variants"]),
        ({"variants": (replace(A_VARIANT, name="No"),)}, ["variants", "0", "name"]),
        ({"variants": (replace(A_VARIANT, percent=0),)}, ["variants", "0", "percent"]),
        (
            {"variants": (replace(A_VARIANT, benefit=Benefit(BenefitKind.PERCENT, 101)),)},
            ["variants", "0", "benefit"],
        ),
    ],
)
def test_moments_and_experiments_that_cannot_be_are_told(changes: dict[str, Any], path: list[str]) -> None:
    with pytest.raises(SeveralRefusals) as raised:
        checked_terms(some_terms(**changes))
    assert [list(each.path) for each in raised.value.refusals] == [["input", "terms", *path]]


def test_a_variant_says_what_it_says_and_else_what_the_offer_does() -> None:
    terms = some_terms(variants=(A_VARIANT,))
    assert terms.as_variant(None) is terms
    assert terms.as_variant("twice").benefit == A_VARIANT.benefit
    assert terms.as_variant("twice").names == terms.names


@pytest.mark.parametrize("kind", BenefitKind)
def test_a_benefit_is_bounded_and_has_words(kind: BenefitKind) -> None:
    lowest, highest = BOUNDS[kind]
    for value in (lowest, highest):
        checked_terms(some_terms(benefit=Benefit(kind, value)))
        assert benefit_text(Benefit(kind, value), Language.JA) != benefit_text(
            Benefit(kind, value), Language.EN
        )
    for value in (lowest - 1, highest + 1):
        with pytest.raises(SeveralRefusals):
            checked_terms(some_terms(benefit=Benefit(kind, value)))


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"names": {Language.JA: "", Language.EN: "x"}}, ["names", "ja"]),
        ({"descriptions": {Language.JA: "x" * 501, Language.EN: ""}}, ["descriptions", "ja"]),
        ({"benefit": Benefit(BenefitKind.PERCENT, 10, 0)}, ["maximumDiscount"]),
        ({"scope": OfferScope(sku_ids=frozenset(map(str, range(201))))}, ["scope", "skuIds"]),
        ({"scope": OfferScope(minimum_basket=-1)}, ["scope", "minimumBasket"]),
        ({"scope": OfferScope(pick=Pick.CHEAPEST)}, ["scope", "pieces"]),
        (
            {
                "benefit": Benefit(BenefitKind.POINTS_MULTIPLIER, 2),
                "scope": OfferScope(pick=Pick.CHEAPEST, pieces=1),
            },
            ["scope", "pick"],
        ),
        ({"scope": OfferScope(pick=Pick.CHEAPEST, pieces=0)}, ["scope", "pieces"]),
        ({"ends_at": NOW - timedelta(days=1)}, ["endsAt"]),
        ({"ends_at": NOW + timedelta(days=1_200)}, ["endsAt"]),
        ({"valid_until": NOW - timedelta(days=2)}, ["validUntil"]),
        ({"valid_days": 0}, ["validDays"]),
        ({"usable_when": UsableWhen(weekdays=frozenset({7}))}, ["usableWhen", "weekdays"]),
        ({"usable_when": UsableWhen(from_minute=60, until_minute=60)}, ["usableWhen", "hours"]),
        ({"usable_when": UsableWhen(until_minute=1_441)}, ["usableWhen", "hours"]),
        ({"limits": OfferLimits(budget=0)}, ["limits", "budget"]),
        ({"limits": OfferLimits(per_member=0)}, ["limits", "perMember"]),
        ({"distribution": Distribution.CODE}, ["code"]),
        ({"code": "AUTUMN10"}, ["code"]),
        ({"distribution": Distribution.CODE, "code": "autumn"}, ["code"]),
        ({"stacking_group": "No Group"}, ["stackingGroup"]),
        ({"priority": -1}, ["priority"]),
    ],
)
def test_what_cannot_be_is_told_with_its_path(changes: dict[str, Any], path: list[str]) -> None:
    with pytest.raises(SeveralRefusals) as raised:
        checked_terms(some_terms(**changes))
    (refusal,) = raised.value.refusals
    assert (refusal.code, refusal.path) == ("OFFER_TERMS_INVALID", ("input", "terms", *path))
    assert refusal.message(Language.JA) != refusal.message(Language.EN)


def test_time_moves_an_offer_by_itself() -> None:
    offer = an_offer()
    assert offer.state_at(NOW - timedelta(days=2)) is OfferState.SCHEDULED
    assert offer.state_at(NOW) is OfferState.ACTIVE
    assert offer.state_at(offer.terms.ends_at) is OfferState.ENDED
    assert an_offer(OfferState.PAUSED).state_at(NOW) is OfferState.PAUSED
    assert an_offer(OfferState.DRAFT).state_at(offer.terms.ends_at) is OfferState.DRAFT


LEGAL = {
    (OfferState.DRAFT, OfferMove.PUBLISH): OfferState.ACTIVE,
    (OfferState.ACTIVE, OfferMove.PAUSE): OfferState.PAUSED,
    (OfferState.PAUSED, OfferMove.RESUME): OfferState.ACTIVE,
    (OfferState.DRAFT, OfferMove.END): OfferState.ENDED,
    (OfferState.ACTIVE, OfferMove.END): OfferState.ENDED,
    (OfferState.PAUSED, OfferMove.END): OfferState.ENDED,
}


@pytest.mark.parametrize("move", OfferMove)
@pytest.mark.parametrize("state", [OfferState.DRAFT, OfferState.ACTIVE, OfferState.PAUSED, OfferState.ENDED])
def test_an_offer_makes_legal_moves_alone(state: OfferState, move: OfferMove) -> None:
    if (state, move) in LEGAL:
        assert moved(an_offer(state), move, NOW).state_at(NOW) is LEGAL[state, move]
    else:
        with pytest.raises(OfferMoveIllegal):
            moved(an_offer(state), move, NOW)


def test_an_offer_that_is_over_is_not_published() -> None:
    with pytest.raises(OfferMoveIllegal):
        moved(an_offer(OfferState.DRAFT), OfferMove.PUBLISH, NOW + timedelta(days=30))


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, timedelta(days=30)),
        ({"valid_until": NOW + timedelta(days=40)}, timedelta(days=40)),
        ({"valid_days": 3}, timedelta(days=3)),
        ({"valid_days": 60}, timedelta(days=60)),
        ({"valid_days": 60, "valid_until": NOW + timedelta(days=40)}, timedelta(days=40)),
    ],
)
def test_a_coupon_expires_by_its_terms(changes: dict[str, Any], expected: timedelta) -> None:
    assert some_terms(**changes).expiry(NOW) == NOW + expected
