"""Sweeps over orders: one that cannot be dealt with hinders none of the others."""

from collections.abc import Awaitable, Callable, Iterable

import structlog
from pymongo.errors import ConnectionFailure

from app.orders.model import Order

log = structlog.get_logger(__name__)


async def each_by_itself(
    orders: Iterable[Order], act: Callable[[Order], Awaitable[object]], failure: str
) -> set[str]:
    """Does this with each order, and returns the ids of those with which it failed; each is logged.

    Raises ConnectionFailure, for without MongoDB all of them would fail.
    """
    failed: set[str] = set()
    for order in orders:
        try:
            await act(order)
        except ConnectionFailure:
            raise
        except Exception as error:
            log.error(failure, order_id=order.id, exc_info=error)
            failed.add(order.id)
    return failed
