"""Whose a purchase is: by number, by a verified card, claimed later, and after two cards became one."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from app.auth.actor import MemberActor, PartnerActor
from app.auth.partners import Scope
from app.members.model import Member
from app.points.audit import audit
from app.services import Services
from app.shared.errors import Refusal
from app.shared.i18n import Language
from app.shared.ids import new_id
from app.shared.mongodb.database import Database
from app.stores.model import Store
from tests.arrangements import A_NETWORK, a_code, a_member, add_stores, admit
from tests.conftest import MovableClock
from tests.examples import a_store
from tests.integration.till import Till, codes
from tests.purchase_examples import POS, a_line, a_name, a_receipt, a_return


@pytest.fixture
def till(services: Services, store: Store) -> Till:
    return Till(services, store)


async def claim(
    till: Till, member: Member, number: str, total: int = 1_100, store_id: str | None = None
) -> str:
    """What becomes of a claim: the points that the purchase earns, or the refusal's code."""
    try:
        purchase = await till.services.purchase_history.claim(member.id, number, total, store_id, A_NETWORK)
    except Refusal as refusal:
        return refusal.code
    return f"{purchase.points_earned}"


async def test_a_verified_card_names_the_member(till: Till, services: Services, clock: MovableClock) -> None:
    registered = await services.members.register_guest(f"device-{new_id()}", None, Language.JA, A_NETWORK)
    member = registered.member
    actor = services.access_tokens.verify(registered.signed_in.access_token, clock.now())
    assert isinstance(actor, MemberActor)
    code = (await services.cards.code(actor, give_secret=False)).current_code
    scanner = PartnerActor("pos", frozenset({Scope.CARDS_VERIFY}))
    await admit(services, scanner)
    card = await services.cards.verify(scanner, code, f"scan-{new_id()}", till.store.id)
    receipt = a_receipt(till.store.id, clock.now(), verification_id=card.verification_id)
    assert codes(await till.send(receipt)) == ["new"]
    assert await till.points(member) == (0, 10)
    other = await till.customer()
    wrong = a_receipt(
        till.store.id, clock.now(), verification_id=card.verification_id, member_number=other.number
    )
    assert codes(await till.send(wrong)) == ["RECEIPT_MEMBER_NOT_FOUND"]
    elsewhere = a_store()
    await add_stores(services.database, elsewhere)
    thief = replace(POS, partner_id="another")
    stolen = a_receipt(elsewhere.id, clock.now(), verification_id=card.verification_id)
    assert codes(await services.purchases.record(thief, [stolen])) == ["RECEIPT_MEMBER_NOT_FOUND"]


async def test_a_receipt_is_claimed_once(till: Till, database: Database, clock: MovableClock) -> None:
    member, other = await till.customer(), await till.customer()
    await till.sell(a_receipt(till.store.id, clock.now(), name=a_name(till.store.id, "000123")))
    assert await claim(till, member, "000123", 1_101) == "CLAIM_NOT_FOUND"
    assert await claim(till, member, "000123") == "10"
    assert await claim(till, member, "000123") == "10"
    assert await claim(till, other, "000123") == "CLAIM_NOT_FOUND"
    assert (await till.points(member), await till.points(other)) == ((0, 10), (0, 0))
    assert await till.history(member) == ["000123"]


async def test_of_32_members_who_claim_one_receipt_one_has_it(till: Till, clock: MovableClock) -> None:
    members = [await till.customer() for _ in range(32)]
    await till.sell(a_receipt(till.store.id, clock.now(), name=a_name(till.store.id, "000123")))
    outcomes = await asyncio.gather(*(claim(till, member, "000123") for member in members))
    assert (outcomes.count("10"), outcomes.count("CLAIM_NOT_FOUND")) == (1, 31)
    assert sum([(await till.points(member))[1] for member in members]) == 10


async def test_claims_that_fail_are_limited_and_good_ones_are_not(till: Till, clock: MovableClock) -> None:
    member = await till.customer()
    for number in range(8):
        await till.sell(a_receipt(till.store.id, clock.now(), name=a_name(till.store.id, f"good-{number}")))
        assert await claim(till, member, f"good-{number}") == "10"
    guesses = await asyncio.gather(*(claim(till, member, "none") for _ in range(32)))
    assert guesses.count("CLAIM_NOT_FOUND") == 5
    assert guesses.count("TOO_MANY_CLAIMS") == 27
    await till.sell(a_receipt(till.store.id, clock.now(), name=a_name(till.store.id, "late")))
    assert await claim(till, member, "late") == "TOO_MANY_CLAIMS"
    clock.advance(timedelta(days=1))
    assert await claim(till, member, "late") == "10"


async def test_what_cannot_be_claimed(till: Till, database: Database, clock: MovableClock) -> None:
    member, other = await till.customer(), await till.customer()
    namba = a_store()
    await add_stores(database, namba)
    await till.sell(a_receipt(till.store.id, clock.now(), name=a_name(till.store.id, "both")))
    await till.sell(a_receipt(namba.id, clock.now(), name=a_name(namba.id, "both")))
    old = clock.now() - timedelta(days=31)
    await till.sell(a_receipt(till.store.id, old, name=a_name(till.store.id, "old")))
    known = a_receipt(
        till.store.id, clock.now(), name=a_name(till.store.id, "hers"), member_number=other.number
    )
    await till.sell(known)
    assert await claim(till, member, "old") == "CLAIM_NOT_FOUND"
    assert await claim(till, member, "hers") == "CLAIM_NOT_FOUND"
    assert await claim(till, member, "both") == "CLAIM_AMBIGUOUS"
    assert await claim(till, member, "both", store_id=namba.id) == "10"


async def test_a_claim_after_a_return_earns_for_what_was_kept(
    till: Till, database: Database, clock: MovableClock
) -> None:
    member = await till.customer()
    name = a_name(till.store.id, "000123")
    receipt = a_receipt(till.store.id, clock.now(), a_line(3_300, quantity=3), name=name)
    await till.sell(receipt)
    await till.take_back(a_return(receipt, clock.now(), {1: 1}))
    assert await claim(till, member, "000123", 3_300) == "20"
    await till.take_back(a_return(receipt, clock.now(), {1: 2}))
    assert (await till.points(member), await till.miles(member)) == ((0, 0), 0)
    assert all([account.faults == () async for account in audit(database)])


async def test_a_guests_purchases_become_the_members_and_are_returned_by_her(
    till: Till, services: Services, database: Database, clock: MovableClock
) -> None:
    guest = await till.customer()
    hana = await services.members.get(await a_member(services, "hana@example.com"))
    assert hana is not None
    earned = a_receipt(till.store.id, clock.now(), a_line(110_000), member_number=guest.number)
    spent = a_receipt(till.store.id, clock.now(), member_number=guest.number, points_used=600)
    await till.send(earned, spent)
    code = await a_code(services, "hana@example.com")
    actor = MemberActor(guest.id, "session", Language.JA)
    signed_in = await services.sign_in.sign_in(code, None, Language.JA, actor)
    assert signed_in.merge is not None
    assert (signed_in.merge.purchases_moved, signed_in.merge.points_moved) == (2, 404)
    assert len(await till.history(hana)) == 2
    assert await till.miles(hana) == 100_454
    await till.take_back(a_return(spent, clock.now(), {1: 1}))
    assert sum(await till.points(hana)) == 1_000
    # A till that still knows the guest's card sells to the member.
    await till.sell(a_receipt(till.store.id, clock.now(), member_number=guest.number))
    assert sum(await till.points(hana)) == 1_010
    assert all([account.faults == () async for account in audit(database)])


async def test_a_guests_debt_becomes_the_members(
    till: Till, services: Services, database: Database, clock: MovableClock
) -> None:
    """Whoever spends what she brings back and signs in as somebody else owes it still."""
    guest = await till.customer()
    hana = await services.members.get(await a_member(services, "hana@example.com"))
    assert hana is not None
    await till.sell(a_receipt(till.store.id, clock.now(), member_number=guest.number, points_used=500))
    code = await a_code(services, "hana@example.com")
    actor = MemberActor(guest.id, "session", Language.JA)
    signed_in = await services.sign_in.sign_in(code, None, Language.JA, actor)
    assert signed_in.merge is not None
    assert signed_in.merge.points_moved == -495
    assert await till.points(hana) == (-495, 0)
    assert all([account.faults == () async for account in audit(database)])
