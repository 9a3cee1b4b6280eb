"""Which events an app may report, what they are about, and when they were by our clock."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.interests.errors import EventIdInvalid, EventSubjectInvalid
from app.interests.model import TrackedBatch
from app.interests.tracking import MAXIMUM_AGE, moment_of, require_batch, understood
from app.shared.batches import BatchSizeInvalid
from tests.catalog_examples import a_product, a_sku
from tests.conftest import NOON_IN_TOKYO
from tests.interest_examples import a_batch, a_tracked

NOW = NOON_IN_TOKYO
PRODUCTS = {"cup": a_product(skus=(a_sku(id="cup"),))}


@given(
    st.timedeltas(-timedelta(days=40), timedelta(days=40)),
    st.timedeltas(-timedelta(days=20_000), timedelta(days=20_000)),
)
def test_a_wrong_clock_is_put_right_and_nothing_is_in_the_future(age: timedelta, wrong_by: timedelta) -> None:
    sent_at = NOW + wrong_by
    moment = moment_of(sent_at - age, sent_at, NOW)
    if age > MAXIMUM_AGE:
        assert moment is None
    else:
        assert moment == NOW - max(timedelta(0), age)


def test_an_event_about_a_sku_is_one_about_its_category_and_brand() -> None:
    (event,) = understood(a_batch(NOW, a_tracked(NOW)), PRODUCTS, (), NOW)
    assert (event.sku_id, event.category_id, event.brand) == ("cup", "household", "Akari")


def test_what_does_not_exist_says_nothing_and_an_id_counts_once() -> None:
    events = [
        a_tracked(NOW, sku_id="gone"),
        a_tracked(NOW, "SEARCHED", category_id="gone"),
        a_tracked(NOW, "SEARCHED", category_id="gone", brand="Akari", id="searched-1"),
        a_tracked(NOW, id="viewed-1"),
        a_tracked(NOW, id="viewed-1"),
        a_tracked(NOW - timedelta(days=31)),
    ]
    found = understood(a_batch(NOW, *events), PRODUCTS, {"household"}, NOW)
    assert [each.id for each in found] == ["searched-1", "viewed-1"]
    assert (found[0].category_id, found[0].brand) == (None, "Akari")


@pytest.mark.parametrize("size", [0, 101])
def test_a_batch_has_1_to_100_events(size: int) -> None:
    with pytest.raises(BatchSizeInvalid):
        require_batch(TrackedBatch(NOW, tuple(a_tracked(NOW) for _ in range(size))))


@pytest.mark.parametrize("id", ["1234567", "x" * 65, "12345678 ", "12345678\n", "イベント12345"])
def test_an_event_has_an_id_of_its_own(id: str) -> None:
    with pytest.raises(EventIdInvalid):
        require_batch(a_batch(NOW, a_tracked(NOW, id=id)))


@pytest.mark.parametrize(
    ("kind", "subject"),
    [
        ("VIEWED", {"sku_id": None}),
        ("VIEWED", {"brand": "Akari"}),
        ("FAVOURITED", {"category_id": "household"}),
        ("SEARCHED", {}),
        ("SEARCHED", {"sku_id": "cup", "brand": "Akari"}),
    ],
)
def test_an_event_names_what_its_kind_is_about(kind: str, subject: dict[str, Any]) -> None:
    with pytest.raises(EventSubjectInvalid):
        require_batch(a_batch(NOW, a_tracked(NOW, kind, **subject)))
