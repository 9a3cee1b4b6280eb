"""How often coupons were given and used, as their counters say."""

from collections.abc import Mapping, Sequence
from zoneinfo import ZoneInfo

from app.coupons.model import OfferFigures
from app.coupons.repository import CouponRepository
from app.coupons.taking import used_key
from app.offers.counter_repository import Count, CounterRepository, issued_key
from app.offers.model import Offer
from app.shared.clock import Clock, midnight
from app.shared.mongodb.database import ConcurrentChange, Database
from app.shared.mongodb.reading import Reading


class CouponFigures:
    """Counts coupons, of offers and of members."""

    def __init__(self, database: Database, clock: Clock, time_zone: ZoneInfo) -> None:
        self._counters = CounterRepository(database)
        self._coupons = CouponRepository(database)
        self._clock = clock
        self._time_zone = time_zone

    async def of_offers(self, offer_ids: Sequence[str]) -> dict[str, OfferFigures]:
        """The figures of each of these offers."""
        counts = await self._counters.get_many(_keys(offer_ids))
        return {offer_id: _figures(offer_id, counts) for offer_id in offer_ids}

    def reading(self, offers: Sequence[Offer]) -> Reading[dict[str, OfferFigures]]:
        """The figures of each of these offers. Raises ConcurrentChange where one is another by now."""

        def figures(counts: dict[str, Count]) -> dict[str, OfferFigures]:
            if not all(counts.get(issued_key(each.id), Count()).is_of(each) for each in offers):
                raise ConcurrentChange
            return {each.id: _figures(each.id, counts) for each in offers}

        return self._counters.reading(_keys([each.id for each in offers])).understood(figures)

    def reading_given(self, member_id: str, offer_ids: Sequence[str]) -> Reading[dict[str, tuple[int, int]]]:
        """How many coupons of each offer she was ever given, and how many today by the retailer's clock."""
        today = midnight(self._clock.now().astimezone(self._time_zone))
        return self._coupons.reading_counts(member_id, offer_ids, today)


def _keys(offer_ids: Sequence[str]) -> list[str]:
    return [key for each in offer_ids for key in (issued_key(each), used_key(each))]


def _figures(offer_id: str, counts: Mapping[str, Count]) -> OfferFigures:
    used = counts.get(used_key(offer_id), Count())
    return OfferFigures(counts.get(issued_key(offer_id), Count()).count, used.count, used.yen)
