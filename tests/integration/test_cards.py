"""The living card on a real MongoDB: one use anywhere, whoever is faster."""

import asyncio
from datetime import timedelta

import pyotp
import pytest

from app.auth.actor import MemberActor
from app.cards import service as card_service
from app.cards.errors import CardCodeInvalid, CardCodeUsed, TooManyCardTries
from app.cards.model import VerifiedCard
from app.cards.repository import CARD_VERIFICATIONS
from app.cards.rules import card_code
from app.members.rules import new_member_number
from app.services import Services
from app.shared.database import Database
from app.shared.errors import Refusal
from app.shared.events import EVENTS
from app.shared.i18n import Language
from app.shared.ids import new_id
from tests.conftest import MovableClock

TILL = "partner-till"


@pytest.fixture
async def phone(services: Services, clock: MovableClock) -> MemberActor:
    registered = await services.members.register_guest(f"phone-{new_id()}", None, Language.JA)
    actor = services.access_tokens.verify(registered.signed_in.access_token, clock.now())
    assert isinstance(actor, MemberActor)
    return actor


async def shown(services: Services, phone: MemberActor) -> str:
    return (await services.cards.code(phone, give_secret=False)).current_code


async def scan(services: Services, code: str, key: str | None = None, till: str = TILL) -> VerifiedCard:
    return await services.cards.verify(till, code, key or f"scan-{new_id()}")


async def outcome(services: Services, code: str, till: str) -> str:
    try:
        await scan(services, code, till=till)
    except Refusal as refusal:
        return refusal.code
    return "verified"


async def test_a_till_learns_who_stands_there_and_no_more(
    services: Services, database: Database, phone: MemberActor, clock: MovableClock
) -> None:
    card = await scan(services, await shown(services, phone))
    member = await services.members.get(phone.member_id)
    assert member is not None
    assert card == VerifiedCard(member.number, None, card.rank, 0, clock.now())
    (record,) = await database.collection(CARD_VERIFICATIONS).find({})
    assert (record["partner_id"], record["member_id"], record["refusal"]) == (TILL, phone.member_id, None)
    event = await database.collection(EVENTS).find_one({"type": "CardVerified"})
    assert event is not None
    assert event["subject"] == f"member:{phone.member_id}"


async def test_a_code_dies_on_first_use_anywhere(services: Services, phone: MemberActor) -> None:
    code = await shown(services, phone)
    await scan(services, code)
    for till in (TILL, "partner-another"):
        with pytest.raises(CardCodeUsed):
            await scan(services, code, till=till)


async def test_32_tills_that_scan_one_code_at_once_identify_her_once(
    services: Services, phone: MemberActor
) -> None:
    code = await shown(services, phone)
    outcomes = await asyncio.gather(*(outcome(services, code, f"till-{number}") for number in range(32)))
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


async def test_a_partner_that_guesses_must_wait(
    services: Services, phone: MemberActor, clock: MovableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(card_service, "FAILURES_ALLOWED", 3)
    for _ in range(3):
        with pytest.raises(CardCodeInvalid):
            await scan(services, "0" * 24)
    with pytest.raises(TooManyCardTries):
        await scan(services, await shown(services, phone))
    assert (await scan(services, await shown(services, phone), till="partner-another")).points == 0
    clock.advance(timedelta(minutes=2))
    assert (await scan(services, await shown(services, phone))).points == 0
