"""Any history of orders, with many hands at once, goes by legal moves and does each thing once."""

import asyncio
from datetime import timedelta

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from app.services import Services
from app.shared.mongodb.database import Database
from tests.conftest import MovableClock, emptied
from tests.integration.street import Street

ACTS = [
    *(
        "place",
        "place",
        "place by card",
        "place again",
        "cancel",
        "collect",
        "move",
        "step",
        "step",
        "serve",
        "serve",
    ),
    *("reject line", "offer", "answer", "refund", "refund", "redeem", "roll back", "merge", "sweep"),
]

numbers = st.integers(0, 7)
acts = st.tuples(st.sampled_from(ACTS), numbers, numbers)
# What is done at the same moment, and how many minutes pass before anything else is.
rounds = st.tuples(st.lists(acts, min_size=1, max_size=6), st.sampled_from([0, 0, 1, 16, 45, 130]))


@settings(
    max_examples=15,
    # A history takes seconds: making one that fails smaller would take hours.
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(history=st.lists(rounds, min_size=3, max_size=9))
async def test_any_history_of_orders_is_sound(
    services: Services,
    database: Database,
    clock: MovableClock,
    history: list[tuple[list[tuple[str, int, int]], int]],
) -> None:
    await emptied(database)
    street = await Street.open(services, clock)
    for acts_at_once, minutes in history:
        await asyncio.gather(*(street.act(*act) for act in acts_at_once))
        await street.require_sound()
        await street.read()
        clock.advance(timedelta(minutes=minutes))
        await street.require_sound()
    await street.close()
