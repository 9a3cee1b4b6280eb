"""What a phone that comes near a beacon is told."""

from dataclasses import dataclass

from app.beacons.model import Beacon, BeaconMoment, BeaconSight, BeaconSighting
from app.beacons.service import BeaconService
from app.coupons.model import Coupon
from app.decisions.model import nearing_of
from app.decisions.service import OfferDecisions
from app.recommendations.model import Recommendation, RecommendationPlace
from app.recommendations.service import RecommendationService
from app.stores.service import StoreService

SHOWN = 5


@dataclass(frozen=True, slots=True)
class BeaconSighted:
    """What a sighting means, where, what of the things there she may like, and the coupons she gets."""

    moment: BeaconMoment
    beacon: Beacon | None
    recommendations: tuple[Recommendation, ...] = ()
    coupons: tuple[Coupon, ...] = ()


class BeaconRecommendations:
    """Recommends what stands near a beacon, as she comes near and once more as she stays.

    As she comes near, she may be given coupons too.
    """

    def __init__(
        self,
        beacons: BeaconService,
        recommendations: RecommendationService,
        decisions: OfferDecisions,
        stores: StoreService,
    ) -> None:
        self._beacons = beacons
        self._recommendations = recommendations
        self._decisions = decisions
        self._stores = stores

    async def sighted(self, member_id: str, sighting: BeaconSighting) -> BeaconSighted:
        """Raises BeaconKeyInvalid and BeaconSignalInvalid."""
        sight = await self._beacons.sight(member_id, sighting)
        if sight.beacon is None:
            return BeaconSighted(sight.moment, None)
        recommended = await self._recommended(member_id, sight.beacon)
        coupons = await self._given(member_id, sight.beacon, sight)
        return BeaconSighted(sight.moment, sight.beacon, tuple(recommended), tuple(coupons))

    async def _given(self, member_id: str, beacon: Beacon, sight: BeaconSight) -> list[Coupon]:
        """The coupons of coming near."""
        if sight.moment is not BeaconMoment.ENTERED or sight.event_id is None:
            return []
        store = await self._stores.get(beacon.store_id)
        place = store.location if store else None
        moment = nearing_of(member_id, sight.event_id, beacon.store_id, place, beacon.category_ids)
        return await self._decisions.at_once(moment)

    async def _recommended(self, member_id: str, beacon: Beacon) -> list[Recommendation]:
        """What stands near; by a beacon that names nothing, such as one at the door, what the store has."""
        if beacon.category_ids or beacon.sku_ids:
            return await self._recommendations.beside(
                member_id, beacon.store_id, beacon.category_ids, beacon.sku_ids, SHOWN
            )
        return await self._recommendations.recommend(
            member_id, RecommendationPlace.STORE, beacon.store_id, None, SHOWN
        )
