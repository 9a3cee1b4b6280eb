"""What a wish changes about consents, and what stands after any number of them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.consents.errors import ConsentKindsInvalid, ConsentTextVersionInvalid
from app.consents.model import ConsentDecision, ConsentKind, ConsentWish
from app.consents.rules import changes, is_given, require_wish, standing_after
from app.shared.channels import Channel
from tests.conftest import NOON_IN_TOKYO

wishes = st.builds(
    ConsentWish,
    st.dictionaries(st.sampled_from(ConsentKind), st.booleans(), min_size=1).map(
        lambda each: tuple(each.items())
    ),
    st.sampled_from(["v1", "v2"]),
    st.sampled_from(Channel),
)


def test_who_decided_nothing_allows_nothing() -> None:
    assert not any(is_given((), kind) for kind in ConsentKind)


@given(st.lists(wishes, max_size=12))
def test_the_last_word_about_each_kind_stands(said: list[ConsentWish]) -> None:
    standing: tuple[ConsentDecision, ...] = ()
    last: dict[ConsentKind, bool] = {}
    for wish in said:
        for decision in changes(standing, wish, NOON_IN_TOKYO):
            standing = standing_after(standing, decision)
        last |= dict(wish.decisions)
        assert changes(standing, wish, NOON_IN_TOKYO) == ()  # said again, it is nothing new
    assert {each.kind: each.is_given for each in standing} == last
    assert all(is_given(standing, kind) == last.get(kind, False) for kind in ConsentKind)


def test_yes_to_another_text_is_a_new_decision() -> None:
    wish = ConsentWish(((ConsentKind.LOCATION, True),), "v1", Channel.ONLINE)
    standing = changes((), wish, NOON_IN_TOKYO)
    again = ConsentWish(wish.decisions, "v2", Channel.STORE)
    (decision,) = changes(standing, again, NOON_IN_TOKYO)
    assert (decision.text_version, decision.channel) == ("v2", Channel.STORE)


@pytest.mark.parametrize("kinds", [(), (ConsentKind.LOCATION, ConsentKind.LOCATION)])
def test_each_kind_is_named_once(kinds: tuple[ConsentKind, ...]) -> None:
    with pytest.raises(ConsentKindsInvalid):
        require_wish(ConsentWish(tuple((kind, True) for kind in kinds), "v1", Channel.ONLINE))


@pytest.mark.parametrize("version", ["", "x" * 41, "v 1", "v1\n", "版1"])
def test_a_text_version_is_short_and_plain(version: str) -> None:
    with pytest.raises(ConsentTextVersionInvalid):
        require_wish(ConsentWish(((ConsentKind.LOCATION, True),), version, Channel.ONLINE))
