"""Pure decisions about offers: what their terms may say, and how they go on."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from app.catalog.model import Texts
from app.offers.conditions import AbsentFor, leaves
from app.offers.errors import OfferMoveIllegal, OfferTermsInvalid
from app.offers.model import (
    Benefit,
    BenefitKind,
    Distribution,
    Offer,
    OfferMoment,
    OfferMove,
    OfferScope,
    OfferState,
    OfferTerms,
)
from app.shared.errors import Refusal, SeveralRefusals
from app.shared.i18n import Language
from app.shared.texts import normal_line, normal_paragraphs

NAME_MAXIMUM_LENGTH = 60
DESCRIPTION_MAXIMUM_LENGTH = 500
GROUP_MAXIMUM_LENGTH = 40
MAXIMUM_NAMED = 200  # SKUs, categories, brands or stores that an offer names, of each
MAXIMUM_YEN = 100_000_000
MAXIMUM_COUNT = 10_000_000
MAXIMUM_PRIORITY = 1_000
MAXIMUM_VALID_DAYS = 1_000
MAXIMUM_HOLDOUT_PERCENT = 90
MAXIMUM_VARIANTS = 5
LONGEST_OFFER = timedelta(days=3 * 366)

# What the value of a benefit may be, in its own unit.
BOUNDS: dict[BenefitKind, tuple[int, int]] = {
    BenefitKind.PERCENT: (1, 100),
    BenefitKind.AMOUNT: (1, 1_000_000),
    BenefitKind.FIXED_PRICE: (0, 1_000_000),
    BenefitKind.FREE_ITEM: (1, 99),
    BenefitKind.POINTS_MULTIPLIER: (2, 50),
    BenefitKind.BONUS_POINTS: (1, 100_000),
    BenefitKind.FREE_SHIPPING: (0, 0),
}

_OF_WHOLE_LINES = {BenefitKind.POINTS_MULTIPLIER, BenefitKind.BONUS_POINTS, BenefitKind.FREE_SHIPPING}

MOVES: dict[OfferMove, tuple[frozenset[OfferState], OfferState]] = {
    OfferMove.PUBLISH: (frozenset({OfferState.DRAFT}), OfferState.ACTIVE),
    OfferMove.PAUSE: (frozenset({OfferState.SCHEDULED, OfferState.ACTIVE}), OfferState.PAUSED),
    OfferMove.RESUME: (frozenset({OfferState.PAUSED}), OfferState.ACTIVE),
    OfferMove.END: (frozenset(set(OfferState) - {OfferState.ENDED}), OfferState.ENDED),
}

_CODE = re.compile(r"[A-Z0-9]{4,20}")
_GROUP = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


def is_group_code(text: str) -> bool:
    """Whether this may name a stacking group or a segment: small letters and digits, joined by hyphens."""
    return len(text) <= GROUP_MAXIMUM_LENGTH and _GROUP.fullmatch(text) is not None


def moved(offer: Offer, move: OfferMove, now: datetime) -> Offer:
    """The offer after this step. Raises OfferMoveIllegal.

    One that is published or resumed is SCHEDULED by its own dates until it begins.
    """
    origins, target = MOVES[move]
    state = offer.state_at(now)
    if state not in origins or (move is OfferMove.PUBLISH and now >= offer.terms.ends_at):
        raise OfferMoveIllegal(path=["input", "offerId"], state=state.value)
    return replace(offer, state=target, changed_at=now)


def checked_terms(terms: OfferTerms) -> OfferTerms:
    """The terms with their texts in normal form. Raises SeveralRefusals with all that is wrong."""
    problems = list(_problems(terms))
    if problems:
        raise SeveralRefusals(problems)
    return replace(
        terms,
        names=_stripped(terms.names),
        descriptions=_stripped(terms.descriptions),
        variants=tuple(
            replace(
                variant,
                names=variant.names and _stripped(variant.names),
                descriptions=variant.descriptions and _stripped(variant.descriptions),
            )
            for variant in terms.variants
        ),
    )


def _stripped(texts: Texts) -> Texts:
    return {language: text.strip() for language, text in texts.items()}


def _problems(terms: OfferTerms) -> Iterator[Refusal]:
    yield from _text_problems(terms.names, terms.descriptions)
    yield from _benefit_problems(terms.benefit)
    yield from _scope_problems(terms.scope)
    yield from _pick_problems(terms)
    yield from _time_problems(terms)
    yield from _limit_problems(terms)
    yield from _code_problems(terms)
    yield from _moment_problems(terms)
    yield from _experiment_problems(terms)
    if terms.stacking_group is not None and not is_group_code(terms.stacking_group):
        yield _invalid(
            ["stackingGroup"], "半角小文字の英数字とハイフンで指定します", "small letters, digits and hyphens"
        )
    if not 0 <= terms.priority <= MAXIMUM_PRIORITY:
        yield _invalid(["priority"], "0〜1000です", "0 to 1,000")


def _text_problems(names: Texts | None, descriptions: Texts | None, *path: str) -> Iterator[Refusal]:
    for language in Language:
        if names is not None and normal_line(names[language], NAME_MAXIMUM_LENGTH) is None:
            place = [*path, "names", language.value]
            yield _invalid(place, "1〜60文字の名前が必要です", "a name has 1 to 60 characters")
        if (
            descriptions is not None
            and normal_paragraphs(descriptions[language], DESCRIPTION_MAXIMUM_LENGTH) is None
        ):
            place = [*path, "descriptions", language.value]
            yield _invalid(place, "説明は500文字までです", "a description has at most 500 characters")


def _benefit_problems(benefit: Benefit, *path: str) -> Iterator[Refusal]:
    lowest, highest = BOUNDS[benefit.kind]
    if not lowest <= benefit.value <= highest:
        yield _invalid([*path, "benefit"], f"{lowest}〜{highest}で指定します", f"{lowest} to {highest}")
    if benefit.maximum_discount is not None and not 1 <= benefit.maximum_discount <= MAXIMUM_YEN:
        yield _invalid([*path, "maximumDiscount"], "1円以上で指定します", "at least 1 yen")


def _pick_problems(terms: OfferTerms) -> Iterator[Refusal]:
    """A line earns its points as a whole, and shipping is of the whole basket."""
    if terms.scope.pick is not None and terms.benefit.kind in _OF_WHOLE_LINES:
        yield _invalid(["scope", "pick"], "値引きのときだけ指定します", "goes with discounts on goods alone")


def _scope_problems(scope: OfferScope) -> Iterator[Refusal]:
    named = {"skuIds": scope.sku_ids, "categoryIds": scope.category_ids, "brands": scope.brands}
    for field, values in named.items():
        if len(values) > MAXIMUM_NAMED or not all(1 <= len(value) <= 100 for value in values):
            yield _invalid(["scope", field], f"{MAXIMUM_NAMED}件までです", f"at most {MAXIMUM_NAMED}")
    if not 0 <= scope.minimum_basket <= MAXIMUM_YEN:
        yield _invalid(["scope", "minimumBasket"], "0円以上で指定します", "not negative")
    if (scope.pick is None) != (scope.pieces is None):
        yield _invalid(["scope", "pieces"], "対象と点数は一緒に指定します", "pick and pieces come together")
    if scope.pieces is not None and not 1 <= scope.pieces <= 99:
        yield _invalid(["scope", "pieces"], "1〜99点です", "1 to 99 pieces")


def _time_problems(terms: OfferTerms) -> Iterator[Refusal]:
    when = terms.usable_when
    if not timedelta(0) < terms.ends_at - terms.starts_at <= LONGEST_OFFER:
        yield _invalid(["endsAt"], "開始より後、3年以内にします", "after the start, within 3 years")
    if (
        terms.valid_until is not None
        and not terms.starts_at < terms.valid_until <= terms.ends_at + LONGEST_OFFER
    ):
        yield _invalid(["validUntil"], "開始より後にします", "after the start")
    if terms.valid_days is not None and not 1 <= terms.valid_days <= MAXIMUM_VALID_DAYS:
        yield _invalid(["validDays"], "1〜1000日です", "1 to 1,000 days")
    if not when.weekdays <= set(range(7)):
        yield _invalid(
            ["usableWhen", "weekdays"], "曜日が正しくありません", "there is no such day of the week"
        )
    is_hours = 0 <= when.from_minute < 24 * 60 and 0 < when.until_minute <= 24 * 60
    if not is_hours or when.from_minute == when.until_minute:
        yield _invalid(
            ["usableWhen", "hours"], "0:00〜24:00で指定します", "from 00:00 to 24:00, and not the same"
        )
    if len(when.store_ids) > MAXIMUM_NAMED:
        yield _invalid(["usableWhen", "storeIds"], f"{MAXIMUM_NAMED}件までです", f"at most {MAXIMUM_NAMED}")


def _limit_problems(terms: OfferTerms) -> Iterator[Refusal]:
    limits = terms.limits
    counts = {
        "issued": limits.issued,
        "perMember": limits.per_member,
        "perMemberADay": limits.per_member_a_day,
        "redeemed": limits.redeemed,
        "aDay": limits.a_day,
        "perStore": limits.per_store,
        "budget": limits.budget,
    }
    for field, count in counts.items():
        highest = MAXIMUM_YEN if field == "budget" else MAXIMUM_COUNT
        if count is not None and not 1 <= count <= highest:
            yield _invalid(["limits", field], f"1〜{highest}で指定します", f"1 to {highest}")


def _code_problems(terms: OfferTerms) -> Iterator[Refusal]:
    if (terms.distribution is Distribution.CODE) != (terms.code is not None):
        yield _invalid(
            ["code"], "コード配布のときだけ指定します", "a code goes with the distribution CODE alone"
        )
    elif terms.code is not None and not _CODE.fullmatch(terms.code):
        yield _invalid(["code"], "半角の大文字と数字4〜20文字です", "4 to 20 capital letters and digits")


def _moment_problems(terms: OfferTerms) -> Iterator[Refusal]:
    if (terms.distribution is Distribution.RULE) != bool(terms.moments):
        yield _invalid(
            ["moments"], "ルール配布のときに指定します", "moments go with the distribution RULE, at least one"
        )
    asks_for_absence = any(isinstance(leaf, AbsentFor) for leaf in leaves(terms.issued_if))
    if OfferMoment.ABSENCE in terms.moments and not asks_for_absence:
        yield _invalid(
            ["issuedIf"], "何日ぶりかの条件が必要です", "for ABSENCE it says after how many days (absentFor)"
        )


def _experiment_problems(terms: OfferTerms) -> Iterator[Refusal]:
    highest = MAXIMUM_HOLDOUT_PERCENT if terms.given_at else 0
    if not 0 <= terms.holdout_percent <= highest:
        yield _invalid(
            ["holdoutPercent"],
            f"0〜{highest}で指定します",
            f"0 to {highest}; what members ask for is kept from nobody",
        )
    names = {variant.name for variant in terms.variants}
    if len(terms.variants) > MAXIMUM_VARIANTS or len(names) < len(terms.variants):
        yield _invalid(
            ["variants"], f"{MAXIMUM_VARIANTS}件まで、名前は別々です", "at most 5, each with its own name"
        )
    if sum(variant.percent for variant in terms.variants) > 100:
        yield _invalid(["variants"], "合計100%までです", "100 percent at most, together")
    for number, variant in enumerate(terms.variants):
        path = ("variants", str(number))
        if not is_group_code(variant.name):
            ja, en = "半角小文字の英数字とハイフンで指定します", "small letters, digits and hyphens"
            yield _invalid([*path, "name"], ja, en)
        if not 1 <= variant.percent <= 100:
            yield _invalid([*path, "percent"], "1〜100で指定します", "1 to 100")
        yield from _benefit_problems(variant.benefit, *path)
        yield from _text_problems(variant.names, variant.descriptions, *path)


def _invalid(path: list[str], ja: str, en: str) -> OfferTermsInvalid:
    return OfferTermsInvalid(path=["input", "terms", *path], problem={"ja": ja, "en": en})
