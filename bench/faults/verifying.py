"""Afterwards: what must be true, whatever happened on the way."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime

from app.events.publications import PUBLICATIONS
from app.inventory.audit import audit as audit_stock
from app.points.audit import audit as audit_points
from app.services import Services
from app.shared.clock import whole_milliseconds
from app.shared.events import EVENTS
from bench.faults.caller import Fault
from bench.faults.journey import Journey, Told
from bench.faults.receiver import Receiver
from bench.faults.world import World
from tests.integration.coupon_audit import faults_of_limits
from tests.integration.order_audit import faults_of_orders

SETTLING_SECONDS = 90.0  # for what the worker does afterwards
LOOK_SECONDS = 1.0
PAGE = 100


async def faults_found(world: World, journeys: Sequence[Journey], receiver: Receiver) -> list[str]:
    """All that is wrong, once there was time for the worker to do what was due; none at best."""
    deadline = asyncio.get_running_loop().time() + SETTLING_SECONDS
    while True:
        faults = [fault async for fault in _faults_of_data(world.services)]
        faults += [fault async for fault in _faults_of_events(world, journeys)]
        faults += _faults_of_webhooks(journeys, receiver)
        if not faults or asyncio.get_running_loop().time() > deadline:
            break
        await asyncio.sleep(LOOK_SECONDS)
    for journey in journeys:
        for check in journey.checks:
            try:
                await check()
            except Fault as fault:
                faults.append(str(fault))
    return faults


async def _faults_of_data(services: Services) -> AsyncIterator[str]:
    """Ledger, stock, slots, orders, payments and coupons agree with each other and with themselves."""
    database, now = services.database, whole_milliseconds(datetime.now(UTC))
    async for account in audit_points(database):
        for fault in account.faults:
            yield f"points of {account.member_id}: {fault}"
    async for level in audit_stock(database, now):
        for fault in level.faults:
            yield f"stock of {level.key.text}: {fault}"
    async for fault in faults_of_orders(database, now):
        yield fault
    async for fault in faults_of_limits(database, services.offers):
        yield fault


async def _faults_of_events(world: World, journeys: Sequence[Journey]) -> AsyncIterator[str]:
    """Each event has one number, no number is left out, and the feed has each effect's event once."""
    events = await world.services.database.collection(EVENTS).find({})
    numbers = sorted(each["seq"] or 0 for each in events)
    if numbers != list(range(1, len(events) + 1)):
        yield "the numbers of events are not 1, 2, 3 …"
    ids: Counter[str] = Counter()
    seen: Counter[Told] = Counter()
    after = None
    while True:
        variables = {"first": PAGE, "after": after}
        page = (await world.client.official("events", variables, world.listener))["events"]
        for event in page["nodes"]:
            ids[event["id"]] += 1
            seen.update(Told(event["type"], field, str(value)) for field, value in event["data"].items())
            seen[Told(event["type"], "", event["subject"])] += 1
        if not page["pageInfo"]["hasNextPage"]:
            break
        after = page["pageInfo"]["endCursor"]
    for id, number in ids.items():
        if number > 1:
            yield f"the feed has event {id} {number} times"
    everybodys = {type for type, publication in PUBLICATIONS.items() if not publication.is_own}
    public = sum(each["type"] in everybodys for each in events)
    if len(ids) < public:
        yield f"the feed has {len(ids)} events of {public}"
    for journey in journeys:
        for told in journey.told:
            if seen[told] != 1:
                yield f"{told} is in the feed {seen[told]} times"


def _faults_of_webhooks(journeys: Sequence[Journey], receiver: Receiver) -> list[str]:
    """Each check-in was told of, at least once."""
    check_ins = {told.value for journey in journeys for told in journey.told if told.type == "CheckedIn"}
    missing = check_ins - set(receiver.taken)
    return [f"no webhook told of {len(missing)} check-ins"] if missing else []
