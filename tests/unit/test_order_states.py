"""The states of an order: the table of moves is the law."""

import re
from datetime import timedelta
from itertools import product
from pathlib import Path

import pytest

from app.orders import rules
from app.orders.errors import NoShowTooEarly, OrderChanged, OrderMoveIllegal
from app.orders.states import MOVES, Mover, OrderState, is_legal, is_open
from tests.conftest import NOON_IN_TOKYO as NOW
from tests.order_examples import an_order

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
ENDS = {
    OrderState.COLLECTED,
    OrderState.REJECTED,
    OrderState.CANCELLED,
    OrderState.NO_SHOW,
    OrderState.EXPIRED,
}


def test_every_state_is_reached_and_every_open_one_is_left() -> None:
    assert {move.target for move in MOVES} | {OrderState.PLACED} == set(OrderState)
    assert {state for state in OrderState if not is_open(state)} == ENDS


@pytest.mark.parametrize(("origin", "target", "mover"), list(product(OrderState, OrderState, Mover)))
def test_only_what_the_table_names_is_done(origin: OrderState, target: OrderState, mover: Mover) -> None:
    order = an_order(state=origin)
    if is_legal(origin, target, mover):
        now = order.slot.ends_at if target is OrderState.NO_SHOW else NOW
        moved = rules.moved(order, target, mover, "somebody", now)
        assert (moved.state, moved.version) == (target, order.version + 1)
        assert (moved.moves[-1].state, moved.moves[-1].moved_by) == (target, "somebody")
    else:
        with pytest.raises(OrderMoveIllegal):
            rules.moved(order, target, mover, "somebody", NOW)


def test_an_older_version_is_refused() -> None:
    with pytest.raises(OrderChanged):
        rules.moved(an_order(version=3), OrderState.ACCEPTED, Mover.STORE, "staff", NOW, version=2)


def test_time_ends_an_order_at_its_moment_whether_anybody_noticed_or_not() -> None:
    placed = an_order(state=OrderState.PLACED)
    assert placed.state_at(placed.accept_by - timedelta(milliseconds=1)) is OrderState.PLACED
    assert placed.state_at(placed.accept_by) is OrderState.EXPIRED
    ready = an_order(state=OrderState.READY)
    assert ready.state_at(ready.collect_by - timedelta(milliseconds=1)) is OrderState.READY
    assert ready.state_at(ready.collect_by) is OrderState.NO_SHOW
    with pytest.raises(OrderMoveIllegal):
        rules.moved(ready, OrderState.COLLECTED, Mover.STORE, "staff", ready.collect_by)


def test_nobody_has_failed_to_come_before_the_slot_is_over() -> None:
    ready = an_order(state=OrderState.READY)
    ends_at = ready.slot.ends_at
    with pytest.raises(NoShowTooEarly):
        rules.moved(ready, OrderState.NO_SHOW, Mover.STORE, "staff", ends_at - timedelta(milliseconds=1))
    assert rules.moved(ready, OrderState.NO_SHOW, Mover.STORE, "staff", ends_at).state is OrderState.NO_SHOW


def test_the_readme_draws_the_table() -> None:
    drawn = set(re.findall(r"^    (\w+) --> (\w+) : ([\w, ]+)$", README, re.MULTILINE))
    table = {(move.origin.value, move.target.value, ", ".join(sorted(move.movers)).lower()) for move in MOVES}
    assert drawn == table
