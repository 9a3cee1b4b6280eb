"""Any history of an account, written through the service, leaves a sound ledger."""

from datetime import timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.points.audit import audit
from app.points.repository import POINT_ENTRIES
from app.services import Services
from app.shared.ids import new_id
from app.shared.mongodb.database import Database
from app.shared.paging import PageRequest
from tests.conftest import MovableClock
from tests.integration.ledger import MEMBER, Ledger, outcome

acts = st.lists(
    st.tuples(st.sampled_from(["earn", "spend", "reverse", "pass"]), st.integers(1, 40)),
    min_size=3,
    max_size=12,
)


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(history=acts)
async def test_any_history_through_the_service_is_sound(
    services: Services, database: Database, clock: MovableClock, history: list[tuple[str, int]]
) -> None:
    await database.collection(POINT_ENTRIES).delete_many({})
    ledger = Ledger(services, clock)
    spendings: list[str] = []
    for act, number in history:
        if act == "earn":
            await ledger.earn(number, days=number % 7 + 1)
        elif act == "spend":
            reference = new_id()
            if await outcome(ledger.spend(number, reference)) == "done":
                spendings.append(reference)
        elif act == "reverse" and spendings:
            await ledger.reverse(spendings.pop())
        else:
            clock.advance(timedelta(days=number % 4))
    balance = (await services.points.account(MEMBER)).balance
    page = await services.points.entries(MEMBER, PageRequest(100))
    assert sum(entry.amount for entry, _ in page.items) == balance
    assert all([account.faults == () async for account in audit(database)])
