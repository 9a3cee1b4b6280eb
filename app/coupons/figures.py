"""How often coupons were given and used, as their counters say."""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from app.coupons.issue_groups import issued_key
from app.coupons.model import OfferFigures
from app.coupons.redemption_repository import Count, CounterRepository
from app.coupons.repository import CouponRepository
from app.coupons.take_groups import used_key
from app.shared.clock import Clock
from app.shared.database import Database


class CouponFigures:
    """Counts coupons, of offers and of members."""

    def __init__(self, database: Database, clock: Clock, time_zone: ZoneInfo) -> None:
        self._counters = CounterRepository(database)
        self._coupons = CouponRepository(database)
        self._clock = clock
        self._time_zone = time_zone

    async def of_offers(self, offer_ids: Sequence[str]) -> dict[str, OfferFigures]:
        """The figures of each of these offers."""
        keys = [key for each in offer_ids for key in (issued_key(each), used_key(each))]
        counts = await self._counters.get_many(keys)
        figures: dict[str, OfferFigures] = {}
        for offer_id in offer_ids:
            used = counts.get(used_key(offer_id), Count())
            issued = counts.get(issued_key(offer_id), Count())
            figures[offer_id] = OfferFigures(issued.count, used.count, used.yen)
        return figures

    async def given_to(self, member_id: str, offer_ids: Sequence[str]) -> dict[str, tuple[int, int]]:
        """How many coupons of each offer she was ever given, and how many today by the retailer's clock."""
        now = self._clock.now().astimezone(self._time_zone)
        midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
        return await self._coupons.counts_of_member(member_id, offer_ids, midnight)
