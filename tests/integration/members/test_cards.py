"""The living card on a real MongoDB: one use anywhere, whoever is faster."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pyotp
import pytest

from app.auth.actor import MemberActor, PartnerActor, StaffActor
from app.auth.errors import StoreNotAllowed
from app.auth.partners import Scope
from app.auth.roles import Role
from app.cards import service as card_service
from app.cards.errors import CardCodeInvalid, CardCodeUsed, TooManyCardTries
from app.cards.model import VerifiedCard
from app.cards.repository import CARD_VERIFICATIONS
from app.cards.rules import card_code
from app.members.rules import new_member_number
from app.services import Services
from app.shared.channels import Channel
from app.shared.errors import Refusal
from app.shared.events import EVENTS
from app.shared.i18n import Language
from app.shared.ids import new_id
from app.shared.mongodb.database import Database
from app.shared.rate_limits import RateLimit
from app.stores.errors import StoreNotFound
from tests.arrangements import A_NETWORK, add_stores, admit
from tests.conftest import MovableClock
from tests.examples import a_store

Scanning = PartnerActor | StaffActor

TILL = PartnerActor("partner-till", frozenset({Scope.CARDS_VERIFY}))
ANOTHER = replace(TILL, partner_id="partner-another")
CLERK = StaffActor("clerk", Role.COUNTER, "store", "device", "session", Language.JA)


TILLS = [replace(TILL, partner_id=f"till-{number}") for number in range(16)]
CLERKS = [replace(CLERK, staff_id=f"clerk-{number}", session_id=f"session-{number}") for number in range(16)]


@pytest.fixture(autouse=True)
async def callers(services: Services) -> None:
    await admit(services, TILL, ANOTHER, CLERK, *TILLS, *CLERKS)


@pytest.fixture
async def phone(services: Services, clock: MovableClock) -> MemberActor:
    registered = await services.members.register_guest(f"phone-{new_id()}", None, Language.JA, A_NETWORK)
    actor = services.access_tokens.verify(registered.signed_in.access_token, clock.now())
    assert isinstance(actor, MemberActor)
    return actor


async def shown(services: Services, phone: MemberActor) -> str:
    return (await services.cards.code(phone, give_secret=False)).current_code


async def scan(
    services: Services, code: str, key: str | None = None, till: Scanning = TILL, store_id: str | None = None
) -> VerifiedCard:
    return await services.cards.verify(till, code, key or f"scan-{new_id()}", store_id)


async def outcome(services: Services, code: str, till: Scanning = TILL, store_id: str | None = None) -> str:
    try:
        await scan(services, code, till=till, store_id=store_id)
    except Refusal as refusal:
        return refusal.code
    return "verified"


async def test_a_till_learns_who_stands_there_and_no_more(
    services: Services, database: Database, phone: MemberActor, clock: MovableClock
) -> None:
    card = await scan(services, await shown(services, phone))
    member = await services.members.get(phone.member_id)
    assert member is not None
    (record,) = await database.collection(CARD_VERIFICATIONS).find({})
    assert card == VerifiedCard(record["_id"], member.number, None, card.rank, 0, clock.now())
    assert (record["verified_by"], record["member_id"], record["refusal"]) == (
        "partner:partner-till",
        phone.member_id,
        None,
    )
    event = await database.collection(EVENTS).find_one({"type": "CardVerified"})
    assert event is not None
    assert event["subject"] == f"member:{phone.member_id}"


async def test_a_code_dies_on_first_use_anywhere(services: Services, phone: MemberActor) -> None:
    code = await shown(services, phone)
    await scan(services, code)
    for till in (TILL, ANOTHER, CLERK):
        with pytest.raises(CardCodeUsed):
            await scan(services, code, till=till)


async def test_32_tills_and_clerks_who_scan_one_code_at_once_identify_her_once(
    services: Services, phone: MemberActor
) -> None:
    code = await shown(services, phone)
    outcomes = await asyncio.gather(*(outcome(services, code, till) for till in [*TILLS, *CLERKS]))
    assert outcomes.count("verified") == 1
    assert outcomes.count("CARD_CODE_USED") == 31


async def test_a_lost_answer_can_be_asked_for_again(
    services: Services, phone: MemberActor, clock: MovableClock
) -> None:
    code = await shown(services, phone)
    first = await scan(services, code, "scan-00000001")
    clock.advance(timedelta(minutes=10))
    assert await scan(services, code, "scan-00000001") == first


async def test_a_code_that_is_too_old_or_wrong_is_refused(
    services: Services, phone: MemberActor, clock: MovableClock
) -> None:
    code = await shown(services, phone)
    wrong = code[:-1] + str((int(code[-1]) + 1) % 10)
    stranger = card_code(new_member_number(), pyotp.random_base32(), clock.now())
    for each in (wrong, stranger, "", "x" * 1000):
        with pytest.raises(CardCodeInvalid):
            await scan(services, each)
    clock.advance(timedelta(seconds=60))
    with pytest.raises(CardCodeInvalid):
        await scan(services, code)


async def test_a_device_that_is_signed_out_shows_nothing_any_more(
    services: Services, phone: MemberActor
) -> None:
    code = await shown(services, phone)
    await services.sessions.end(phone.member_id, phone.session_id)
    with pytest.raises(CardCodeInvalid):
        await scan(services, code)


async def test_a_device_draws_its_codes_offline(
    services: Services, phone: MemberActor, clock: MovableClock
) -> None:
    given = await services.cards.code(phone, give_secret=True)
    assert given.secret is not None
    clock.advance(timedelta(days=3, seconds=17))
    member = await services.members.get(phone.member_id)
    assert member is not None
    drawn = card_code(member.number, given.secret, clock.now() + timedelta(seconds=30))
    assert (await scan(services, drawn)).member_number == member.number


async def test_the_secret_is_given_once(services: Services, phone: MemberActor) -> None:
    codes = await asyncio.gather(*(services.cards.code(phone, give_secret=True) for _ in range(32)))
    assert sum(code.secret is not None for code in codes) == 1
    assert (await services.cards.code(phone, give_secret=True)).secret is None


@pytest.mark.parametrize("caller", [TILL, CLERK])
async def test_a_caller_who_guesses_must_wait(
    services: Services,
    phone: MemberActor,
    clock: MovableClock,
    monkeypatch: pytest.MonkeyPatch,
    caller: Scanning,
) -> None:
    monkeypatch.setattr(card_service, "CARD_FAILURES", RateLimit("card-failures", 3, timedelta(minutes=1)))
    for _ in range(3):
        with pytest.raises(CardCodeInvalid):
            await scan(services, "0" * 24, till=caller)
    clock.advance(timedelta(seconds=20))
    with pytest.raises(TooManyCardTries) as refused:
        await scan(services, await shown(services, phone), till=caller)
    assert refused.value.numbers == {"wait_seconds": 40}
    assert (await scan(services, await shown(services, phone), till=ANOTHER)).points == 0
    clock.advance(timedelta(minutes=2))
    assert (await scan(services, await shown(services, phone), till=caller)).points == 0


async def test_of_64_guesses_at_once_30_are_looked_at(services: Services, database: Database) -> None:
    outcomes = await asyncio.gather(*(outcome(services, "0" * 24) for _ in range(64)))
    assert (outcomes.count("CARD_CODE_INVALID"), outcomes.count("TOO_MANY_CARD_TRIES")) == (30, 34)
    assert await database.collection(CARD_VERIFICATIONS).count({}) == 30


async def test_right_codes_are_no_failures_used_or_not(services: Services, phone: MemberActor) -> None:
    code = await shown(services, phone)
    outcomes = [await outcome(services, code) for _ in range(35)]
    assert outcomes == ["verified"] + ["CARD_CODE_USED"] * 34
    assert [await outcome(services, "0" * 24) for _ in range(31)][-2:] == [
        "CARD_CODE_INVALID",
        "TOO_MANY_CARD_TRIES",
    ]


async def test_a_caller_who_must_wait_gets_earlier_answers_and_may_send_the_same_key_later(
    services: Services, phone: MemberActor, clock: MovableClock
) -> None:
    verified = await shown(services, phone)
    first = await scan(services, verified, "scan-00000001")
    for _ in range(30):
        assert await outcome(services, "0" * 24) == "CARD_CODE_INVALID"
    assert await scan(services, verified, "scan-00000001") == first
    clock.advance(timedelta(seconds=30))
    code = await shown(services, phone)
    with pytest.raises(TooManyCardTries):
        await scan(services, code, "scan-00000002")
    clock.advance(timedelta(seconds=30))
    assert (await scan(services, code, "scan-00000002")).member_number == first.member_number


async def test_a_clerk_scans_at_the_store_of_her_device(
    services: Services, database: Database, phone: MemberActor
) -> None:
    code = await shown(services, phone)
    with pytest.raises(StoreNotAllowed):
        await scan(services, code, till=CLERK, store_id="another")
    await scan(services, code, till=CLERK, store_id="store")
    (record,) = await database.collection(CARD_VERIFICATIONS).find({})
    assert {name: record[name] for name in ("verified_by", "store_id", "device_id")} == {
        "verified_by": "staff:clerk",
        "store_id": "store",
        "device_id": "device",
    }
    event = await database.collection(EVENTS).find_one({"type": "CardVerified"})
    assert event is not None
    assert event["data"] == {"verified_by": "staff:clerk", "store_id": "store", "device_id": "device"}


async def test_a_limited_partner_scans_where_it_may_and_nowhere_else(
    services: Services, database: Database, phone: MemberActor
) -> None:
    store, popup, other = a_store(), a_store(channel=Channel.POPUP), a_store()
    await add_stores(database, store, popup, other)
    by_store = replace(TILL, partner_id="by-store", store_ids=frozenset({store.id, popup.id}))
    by_channel = replace(TILL, partner_id="by-channel", channels=frozenset({Channel.POPUP}))
    by_both = replace(by_store, partner_id="by-both", channels=frozenset({Channel.STORE}))
    nowhere = replace(TILL, partner_id="nowhere", store_ids=frozenset())
    await admit(services, by_store, by_channel, by_both, nowhere)
    code = await shown(services, phone)
    for till, place in (
        (by_store, None),
        (by_store, other.id),
        (by_channel, None),
        (by_channel, store.id),
        (by_both, popup.id),
        (by_both, other.id),
        (nowhere, None),
        (nowhere, store.id),
    ):
        with pytest.raises(StoreNotAllowed):
            await scan(services, code, till=till, store_id=place)
    for till in (TILL, by_store):
        with pytest.raises(StoreNotFound):
            await scan(services, code, till=till, store_id="none")
    assert await database.collection(CARD_VERIFICATIONS).find({}) == []
    for till, place in ((by_store, popup.id), (by_channel, popup.id), (by_both, store.id), (TILL, other.id)):
        assert await outcome(services, code, till, place) in {"verified", "CARD_CODE_USED"}
    places = [record["store_id"] for record in await database.collection(CARD_VERIFICATIONS).find({})]
    assert sorted(places) == sorted([popup.id, popup.id, store.id, other.id])
