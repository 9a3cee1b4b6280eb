"""Days of 23 and 25 hours, as clocks go forward and back: what is once a day is once on them too."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from app.check_ins.model import CheckIn
from app.composition import build_services
from app.members.model import ProfileUpdate
from app.offers.model import OfferLimits, OfferMoment
from app.services import Services
from app.shared.mongodb.database import Database
from app.shared.settings.model import Settings
from app.stores.model import Store
from tests.arrangements import a_guest, add_stores
from tests.conftest import MovableClock
from tests.examples import a_request, a_store
from tests.integration.claims import claim, outcomes
from tests.integration.given_coupons import an_offer, wallet
from tests.integration.visits import try_check_in
from tests.offer_examples import a_published_offer

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
A_MILLISECOND = timedelta(milliseconds=1)
DAYS = [
    ("America/New_York", date(2026, 3, 8), 23),
    ("America/New_York", date(2026, 11, 1), 25),
    ("America/Havana", date(2026, 3, 8), 23),  # goes from midnight to one o'clock
    ("America/Havana", date(2026, 11, 1), 25),  # goes from one o'clock to midnight again
]


@pytest.fixture(params=DAYS, ids=lambda each: f"{each[0]} {each[1]}")
def place(request: pytest.FixtureRequest) -> tuple[str, date, int]:
    """Where the clock is changed, on which day, and how many hours that has."""
    return request.param  # type: ignore[no-any-return]


@pytest.fixture
def begins(place: tuple[str, date, int]) -> datetime:
    zone, day, _ = place
    return datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone)).astimezone(UTC)


@pytest.fixture
def ends(begins: datetime, place: tuple[str, date, int]) -> datetime:
    return begins + place[2] * HOUR


@pytest.fixture
def services(
    settings: Settings,
    database: Database,
    clock: MovableClock,
    place: tuple[str, date, int],
    begins: datetime,
) -> Services:
    """A retailer who lives there, as the day begins."""
    clock.moment = begins
    return build_services(settings.model_copy(update={"time_zone": place[0]}), database, clock)


@pytest.fixture
async def store(services: Services, place: tuple[str, date, int]) -> Store:
    """Always open, and there."""
    store = a_store(time_zone=place[0])
    await add_stores(services.database, store)
    return store


async def test_a_store_is_visited_once(
    services: Services, clock: MovableClock, store: Store, ends: datetime
) -> None:
    member_id = await a_guest(services)
    assert isinstance(await try_check_in(services, member_id, a_request(store, clock.now())), CheckIn)
    for moment in (clock.now() + HOUR, clock.now() + 3 * HOUR / 2, ends - A_MILLISECOND):
        clock.moment = moment
        again = await try_check_in(services, member_id, a_request(store, moment))
        assert again == "ALREADY_CHECKED_IN"
    clock.moment = ends
    assert isinstance(await try_check_in(services, member_id, a_request(store, ends)), CheckIn)


async def test_a_coupon_a_day_is_given_once(services: Services, clock: MovableClock, ends: datetime) -> None:
    offer = await a_published_offer(services, limits=OfferLimits(per_member_a_day=1))
    member_id = await a_guest(services)
    clock.advance(HOUR / 6)
    assert await outcomes(claim(services, member_id, offer.id)) == {"done": 1}
    for moment in (clock.now() + HOUR, clock.now() + 2 * HOUR, ends - A_MILLISECOND):
        clock.moment = moment
        assert await outcomes(claim(services, member_id, offer.id)) == {"MEMBER_DAY_LIMIT_REACHED": 1}
    clock.moment = ends
    assert await outcomes(claim(services, member_id, offer.id)) == {"done": 1}


async def test_a_birthday_is_noticed_once_as_it_begins(
    services: Services, clock: MovableClock, begins: datetime, ends: datetime, place: tuple[str, date, int]
) -> None:
    _, day, _ = place
    clock.moment = begins - DAY
    await an_offer(services, OfferMoment.BIRTHDAY)
    born = {}
    for birthday in (day - DAY, day, day + DAY):
        born[birthday] = await a_guest(services)
        await services.members.update_profile(born[birthday], ProfileUpdate(birthday=birthday.replace(2000)))
    has_one_since = dict.fromkeys(born, ends + DAY)
    while clock.now() < ends + DAY:
        await services.moments.birthdays.notice()
        for birthday, member_id in born.items():
            if coupons := await wallet(services, member_id):
                assert len(coupons) == 1
                has_one_since[birthday] = min(has_one_since[birthday], clock.now())
        clock.advance(HOUR)
    assert has_one_since == {day - DAY: begins - DAY, day: begins, day + DAY: ends}


async def test_an_always_open_store_has_a_slot_for_each_quarter_of_an_hour(
    services: Services, store: Store, begins: datetime, ends: datetime, place: tuple[str, date, int]
) -> None:
    _, day, hours = place
    slots = await services.pickup_slots.on(store.id, day)
    starts = [slot.window.starts_at for slot in slots]
    assert starts == [begins + number * HOUR / 4 for number in range(hours * 4)]
    assert slots[-1].window.ends_at == ends
