"""What a phone that comes near a beacon is told."""

from dataclasses import dataclass

from app.beacons.model import Beacon, BeaconMoment, BeaconSighting
from app.beacons.service import BeaconService
from app.recommendations.model import Recommendation, RecommendationPlace
from app.recommendations.service import RecommendationService

SHOWN = 5


@dataclass(frozen=True, slots=True)
class BeaconSighted:
    """What a sighting means, where, and what of the things there she may like."""

    moment: BeaconMoment
    beacon: Beacon | None
    recommendations: tuple[Recommendation, ...] = ()


class BeaconRecommendations:
    """Recommends what stands near a beacon, as she comes near and once more as she stays."""

    def __init__(self, beacons: BeaconService, recommendations: RecommendationService) -> None:
        self._beacons = beacons
        self._recommendations = recommendations

    async def sighted(self, member_id: str, sighting: BeaconSighting) -> BeaconSighted:
        """Raises BeaconKeyInvalid and BeaconSignalInvalid."""
        moment, beacon = await self._beacons.sight(member_id, sighting)
        if beacon is None:
            return BeaconSighted(moment, None)
        return BeaconSighted(moment, beacon, tuple(await self._recommended(member_id, beacon)))

    async def _recommended(self, member_id: str, beacon: Beacon) -> list[Recommendation]:
        """What stands near; by a beacon that names nothing, such as one at the door, what the store has."""
        if beacon.category_ids or beacon.sku_ids:
            return await self._recommendations.beside(
                member_id, beacon.store_id, beacon.category_ids, beacon.sku_ids, SHOWN
            )
        return await self._recommendations.recommend(
            member_id, RecommendationPlace.STORE, beacon.store_id, None, SHOWN
        )
