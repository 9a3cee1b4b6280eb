"""Notices who has searched and not bought anything for a day: once a day of the retailer's calendar."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from app.catalog.service import CatalogService
from app.decisions.model import Moment
from app.decisions.service import OfferDecisions
from app.moments.windows import Windows
from app.offers.model import OfferMoment
from app.offers.service import OfferService
from app.purchases.history import PurchaseHistory
from app.search_history.service import SearchHistoryService

WAIT = timedelta(hours=24)


class FruitlessSearches:
    """Goes through the searches of a day ago, which are kept of those alone who allow personalization."""

    def __init__(
        self,
        windows: Windows,
        offers: OfferService,
        searches: SearchHistoryService,
        purchases: PurchaseHistory,
        catalog: CatalogService,
        decisions: OfferDecisions,
        time_zone: ZoneInfo,
    ) -> None:
        self._windows = windows
        self._offers = offers
        self._searches = searches
        self._purchases = purchases
        self._catalog = catalog
        self._decisions = decisions
        self._time_zone = time_zone

    async def notice(self) -> int:
        """Has those decided who have not bought since they searched; says how many those were."""
        if not await self._offers.given_at(OfferMoment.SEARCH):
            return 0
        noticed = 0
        async for begins, ends in self._windows.due("fruitless-searches", WAIT):
            searched = await self._searches.between(begins, ends)
            buyers = await self._purchases.buyers_since(list(searched), begins)
            for member_id in sorted(searched.keys() - buyers):
                await self._decisions.decide(await self._moment(member_id, begins, searched[member_id]))
                noticed += 1
        return noticed

    async def _moment(self, member_id: str, begins: datetime, category_ids: frozenset[str]) -> Moment:
        """The moment of what she looked for: its categories, with those above."""
        tree = await self._catalog.categories()
        about = frozenset(above.id for each in category_ids for above in tree.path(each))
        day = begins.astimezone(self._time_zone).date()
        source = f"search:{day.isoformat()}:{member_id}"
        return Moment(OfferMoment.SEARCH, source, member_id, category_ids=about)
