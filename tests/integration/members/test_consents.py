"""Consents on MongoDB: a record that only grows, whoever decides at the same moment."""

import asyncio
from datetime import timedelta

from app.consents.model import ConsentKind
from app.consents.repository import CONSENT_ENTRIES
from app.services import Services
from app.shared.events import EVENTS
from app.shared.mongodb.database import Database
from app.shared.paging import PageRequest
from tests.arrangements import a_guest, allow
from tests.conftest import MovableClock

PUSH, LOCATION = ConsentKind.MARKETING_PUSH, ConsentKind.LOCATION


async def test_a_decision_holds_until_the_next(services: Services, clock: MovableClock) -> None:
    member_id, other_id = await a_guest(services), await a_guest(services)
    assert not await services.consents.has(member_id, PUSH)
    await allow(services, member_id, PUSH, LOCATION)
    first_moment = clock.now()
    clock.advance(timedelta(days=1))
    await allow(services, member_id, LOCATION, is_given=False, text_version="v2")
    assert await services.consents.has(member_id, PUSH)
    assert not await services.consents.has(member_id, LOCATION)
    assert await services.consents.members_with(PUSH, [member_id, other_id]) == {member_id}
    assert await services.consents.members_with(LOCATION, [member_id, other_id]) == frozenset()
    assert await services.consents.members_with(LOCATION, []) == frozenset()
    standing = {each.kind: each for each in await services.consents.standing(member_id)}
    assert (standing[PUSH].decided_at, standing[PUSH].text_version) == (first_moment, "v1")
    assert (standing[LOCATION].decided_at, standing[LOCATION].text_version) == (clock.now(), "v2")


async def test_the_record_keeps_every_decision_and_repetitions_once(
    services: Services, database: Database
) -> None:
    member_id = await a_guest(services)
    for is_given in (True, True, False, False, True):
        await allow(services, member_id, PUSH, is_given=is_given)
    page = await services.consents.history(member_id, PageRequest(2))
    rest = await services.consents.history(member_id, PageRequest(2, page.items[-1][1]))
    entries = [entry for entry, _ in (*page.items, *rest.items)]
    assert [entry.seq for entry in entries] == [3, 2, 1]
    assert [entry.decision.is_given for entry in entries] == [True, False, True]
    told = await database.collection(EVENTS).find(
        {"subject": f"member:{member_id}"}, sort=[("written_at", 1)]
    )
    assert sorted(each["type"] for each in told if each["type"].startswith("Consent")) == [
        "ConsentGiven",
        "ConsentGiven",
        "ConsentWithdrawn",
    ]


async def test_of_decisions_at_the_same_moment_none_is_lost(services: Services, database: Database) -> None:
    member_id = await a_guest(services)
    await asyncio.gather(
        *(allow(services, member_id, kind) for kind in ConsentKind for _ in range(8)),
    )
    assert {each.kind for each in await services.consents.standing(member_id)} == set(ConsentKind)
    found = await database.collection(CONSENT_ENTRIES).find({"member_id": member_id}, sort=[("seq", 1)])
    assert [each["seq"] for each in found] == [1, 2, 3, 4]
