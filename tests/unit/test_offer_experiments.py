"""Who is held out and who gets which variant: always the same, evenly, and each draw for itself."""

from hypothesis import given
from hypothesis import strategies as st

from app.offers.experiments import SHARES, is_held_out, share_of, variant_for
from app.offers.model import Benefit, BenefitKind, OfferVariant
from tests.offer_examples import some_terms

MEMBERS = [f"member-{number}" for number in range(20_000)]
TERMS = some_terms(
    holdout_percent=10,
    variants=(
        OfferVariant("a", 20, Benefit(BenefitKind.PERCENT, 20)),
        OfferVariant("b", 30, Benefit(BenefitKind.PERCENT, 30)),
    ),
)


@given(st.text(), st.text())
def test_a_share_is_one_of_ten_thousand(offer_id: str, member_id: str) -> None:
    assert 0 <= share_of(offer_id, "holdout", member_id) < SHARES


def test_a_share_is_what_every_process_says() -> None:
    assert share_of("offer", "holdout", "member") == 8_737


def test_as_many_are_drawn_as_was_said_and_one_draw_tells_nothing_of_another() -> None:
    held_out = {each for each in MEMBERS if is_held_out("offer", TERMS, each)}
    assert abs(len(held_out) / len(MEMBERS) - 0.1) < 0.01
    for name, share in (("a", 0.2), ("b", 0.3), (None, 0.5)):
        having = {each for each in MEMBERS if variant_for("offer", TERMS, each) == name}
        assert abs(len(having) / len(MEMBERS) - share) < 0.015
        assert abs(len(having & held_out) / len(held_out) - share) < 0.05
    elsewhere = {each for each in held_out if is_held_out("another", TERMS, each)}
    assert abs(len(elsewhere) / len(held_out) - 0.1) < 0.03


@given(st.integers(0, 89), st.text(max_size=20))
def test_who_is_held_out_stays_so_as_the_holdout_grows(percent: int, member_id: str) -> None:
    fewer, more = some_terms(holdout_percent=percent), some_terms(holdout_percent=percent + 1)
    assert not is_held_out("offer", fewer, member_id) or is_held_out("offer", more, member_id)
