"""The states of an order, and the one table of the moves that lead from one to another.

PLACED waits for the store, which accepts it and prepares it until it is READY; COLLECTED, REJECTED,
CANCELLED, NO_SHOW and EXPIRED are ends. That the member has arrived is a mark on an order, not a state.
"""

from dataclasses import dataclass
from enum import StrEnum


class OrderState(StrEnum):
    """Where an order stands."""

    PLACED = "PLACED"
    ACCEPTED = "ACCEPTED"
    PREPARING = "PREPARING"
    READY = "READY"
    COLLECTED = "COLLECTED"
    REJECTED = "REJECTED"
    CANCELLED = "CANCELLED"
    NO_SHOW = "NO_SHOW"
    EXPIRED = "EXPIRED"


class Mover(StrEnum):
    """Who moves an order: the member, the store's staff, or time."""

    MEMBER = "MEMBER"
    STORE = "STORE"
    TIME = "TIME"


@dataclass(frozen=True, slots=True)
class Move:
    """A legal step of an order."""

    origin: OrderState
    target: OrderState
    movers: frozenset[Mover]


def _by(*movers: Mover) -> frozenset[Mover]:
    return frozenset(movers)


MOVES = (
    Move(OrderState.PLACED, OrderState.ACCEPTED, _by(Mover.STORE)),
    Move(OrderState.PLACED, OrderState.REJECTED, _by(Mover.STORE)),
    Move(OrderState.PLACED, OrderState.CANCELLED, _by(Mover.MEMBER)),
    Move(OrderState.PLACED, OrderState.EXPIRED, _by(Mover.TIME)),
    Move(OrderState.ACCEPTED, OrderState.PREPARING, _by(Mover.STORE)),
    Move(OrderState.ACCEPTED, OrderState.REJECTED, _by(Mover.STORE)),
    Move(OrderState.ACCEPTED, OrderState.CANCELLED, _by(Mover.MEMBER)),
    Move(OrderState.ACCEPTED, OrderState.EXPIRED, _by(Mover.TIME)),
    Move(OrderState.PREPARING, OrderState.READY, _by(Mover.STORE)),
    Move(OrderState.PREPARING, OrderState.REJECTED, _by(Mover.STORE)),
    Move(OrderState.PREPARING, OrderState.EXPIRED, _by(Mover.TIME)),
    Move(OrderState.READY, OrderState.COLLECTED, _by(Mover.STORE)),
    Move(OrderState.READY, OrderState.NO_SHOW, _by(Mover.STORE, Mover.TIME)),
)

OPEN_STATES = frozenset(move.origin for move in MOVES)


def is_legal(origin: OrderState, target: OrderState, mover: Mover) -> bool:
    """Whether this mover may take an order from one state to the other."""
    return any(move.origin is origin and move.target is target and mover in move.movers for move in MOVES)


def is_open(state: OrderState) -> bool:
    """Whether something is still to happen to an order in this state."""
    return state in OPEN_STATES


def ended_by_time(state: OrderState) -> OrderState:
    """What time makes of an open order: one that is ready was not collected, any other has expired."""
    return OrderState.NO_SHOW if state is OrderState.READY else OrderState.EXPIRED
