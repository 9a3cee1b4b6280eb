"""What a till goes on by while it is offline, and its queue afterwards."""

from dataclasses import replace
from datetime import timedelta

from app.auth.actor import MemberActor
from app.auth.roles import Role
from app.point_rules.model import PointCampaign
from app.services import Services
from app.shared.i18n import Language
from app.shared.paging import PageRequest
from app.stores.model import Store
from tests.arrangements import a_code, a_member, a_shift
from tests.conftest import MovableClock
from tests.integration.till import Till
from tests.offer_examples import a_published_offer
from tests.purchase_examples import a_receipt


async def test_offers_that_are_given_now_are_told(services: Services, clock: MovableClock) -> None:
    offer = await a_published_offer(services)
    snapshot = await services.pos_snapshots.take(None)
    assert [each.id for each in snapshot.offers] == [offer.id]
    clock.moment = offer.terms.ends_at
    assert (await services.pos_snapshots.take(None)).offers == ()


async def test_rules_and_campaigns_are_those_of_now_and_what_ended_is_gone(services: Services) -> None:
    headquarters = (await a_shift(services, Role.HEADQUARTERS)).actor
    now = services.clock.now()
    campaigns = [
        await services.point_rules.start_campaign(
            headquarters,
            PointCampaign(
                "",
                dict.fromkeys(Language, "Double points"),
                200,
                now + timedelta(days=days),
                now + timedelta(days=days + 7),
            ),
        )
        for days in (0, 30)
    ]
    before = await services.pos_snapshots.take(None)
    assert {each.id for each in before.campaigns} == {each.id for each in campaigns}
    await services.point_rules.end_campaign(headquarters, campaigns[0].id)
    rules = replace(before.rules, yen_per_point=200)
    await services.point_rules.set_rules(headquarters, rules)
    services.clock.advance(timedelta(seconds=1))  # type: ignore[attr-defined]
    after = await services.pos_snapshots.take(before.next_since)
    assert [each.id for each in after.campaigns] == [campaigns[1].id]
    assert after.rules.yen_per_point == 200


async def test_revoked_cards_are_told_and_their_receipts_taken(
    services: Services, store: Store, clock: MovableClock
) -> None:
    till = Till(services, store)
    await a_member(services, "mio@example.com")
    first = await services.pos_snapshots.take(None)
    guests = [await till.customer() for _ in range(3)]
    for guest in guests:
        clock.advance(timedelta(minutes=10))
        code = await a_code(services, "mio@example.com")
        await services.sign_in.sign_in(code, None, Language.JA, MemberActor(guest.id, "session", Language.JA))
    numbers: list[str] = []
    cursor = None
    while True:
        page = await services.pos_snapshots.revoked_cards(first.next_since, PageRequest(2, cursor))
        numbers += [card.number for card, _ in page.items]
        if not page.has_next:
            break
        cursor = page.items[-1][1]
    assert numbers == [guest.number for guest in guests]
    everything = await services.pos_snapshots.revoked_cards(None, PageRequest(10))
    assert len(everything.items) == 3
    later = await services.pos_snapshots.take(None)
    recent = await services.pos_snapshots.revoked_cards(later.next_since, PageRequest(10))
    assert [card.number for card, _ in recent.items] == [guests[2].number]
    row = await till.sell(a_receipt(store.id, clock.now(), member_number=guests[0].number))
    assert row.purchase is not None
    assert row.purchase.member_id not in (None, guests[0].id)
