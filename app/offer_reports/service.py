"""Reports for headquarters what an offer has brought."""

from collections import defaultdict
from datetime import timedelta

from app.coupons.figures import CouponFigures
from app.offer_reports.errors import AttributionDaysInvalid
from app.offer_reports.model import CouponCounts, Group, OfferReport, VariantReport
from app.offer_reports.repository import OfferReportRepository
from app.offer_reports.statistics import lift_of
from app.offers.service import OfferService
from app.shared.mongodb.database import Database

LONGEST_ATTRIBUTION_DAYS = 60


class OfferReports:
    """The use cases of reports.

    Members are compared as they were assigned: those who were given the offer with those who were held out of
    it, each for so many days after the first time, whether or not they used anything. Who does not allow
    personalization is in no group.
    """

    def __init__(self, database: Database, offers: OfferService, figures: CouponFigures) -> None:
        self._reports = OfferReportRepository(database)
        self._offers = offers
        self._figures = figures

    async def report(self, offer_id: str, attribution_days: int) -> OfferReport:
        """What came of the offer. Raises OfferNotFound and AttributionDaysInvalid."""
        if not 1 <= attribution_days <= LONGEST_ATTRIBUTION_DAYS:
            raise AttributionDaysInvalid(path=["attributionDays"], maximum=LONGEST_ATTRIBUTION_DAYS)
        offer = await self._offers.require(offer_id, ["offerId"])
        coupons = await self._reports.coupons(offer.id)
        groups, is_exact = await self._reports.groups(offer.id, timedelta(days=attribution_days))
        given: defaultdict[str | None, Group] = defaultdict(Group)
        held_out = Group()
        for (is_held_out, variant), group in groups.items():
            if is_held_out:
                held_out += group
            else:
                given[variant] = group
        all_given = sum(given.values(), Group())
        names = {None, *(each.name for each in offer.terms.variants), *coupons, *given}
        return OfferReport(
            coupons=sum(coupons.values(), CouponCounts()),
            discount=(await self._figures.of_offers([offer.id]))[offer.id].discount,
            given=all_given,
            held_out=held_out,
            lift=lift_of(all_given, held_out),
            variants=tuple(
                VariantReport(
                    name, coupons.get(name, CouponCounts()), given[name], lift_of(given[name], held_out)
                )
                for name in sorted(names, key=lambda name: name or "")
            ),
            is_exact=is_exact,
        )
