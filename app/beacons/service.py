"""What can be done with beacons: place them in stores, and tell what a sighting means."""

from collections.abc import Collection

from app.auth.actor import StaffActor
from app.beacons import rules
from app.beacons.errors import BeaconElsewhere
from app.beacons.model import Beacon, BeaconKey, BeaconMoment, BeaconSight, BeaconSighting
from app.beacons.repository import BeaconRepository
from app.shared.clock import Clock
from app.shared.errors import Forbidden
from app.shared.events import Event, EventLog
from app.shared.mongodb.database import Database, Session
from app.stores.service import StoreService

NOTHING = BeaconSight(BeaconMoment.NOTHING)
_EVENTS = {BeaconMoment.ENTERED: "BeaconEntered", BeaconMoment.DWELT: "BeaconDwelt"}


class BeaconService:
    """The use cases of beacons. Visits are kept from when a member allows her location to be used until she
    does no more; then they are erased.
    """

    def __init__(self, database: Database, stores: StoreService, events: EventLog, clock: Clock) -> None:
        self._database = database
        self._beacons = BeaconRepository(database)
        self._stores = stores
        self._events = events
        self._clock = clock

    async def begin(self, member_id: str, session: Session) -> None:
        """Has her visits kept from now on."""
        await self._beacons.make_visits(member_id, session)

    async def end(self, member_id: str, session: Session) -> None:
        """Erases her visits, and keeps none from now on."""
        await self._beacons.remove_visits(member_id, session)

    async def of_store(self, actor: StaffActor, store_id: str) -> list[Beacon]:
        """The store's beacons, for its managers; others see none."""
        return await self._beacons.of_stores([store_id]) if actor.manages(store_id) else []

    async def keys_at(self, store_ids: Collection[str]) -> dict[str, list[BeaconKey]]:
        """What the beacons of each of these stores send."""
        keys: dict[str, list[BeaconKey]] = {store_id: [] for store_id in store_ids}
        for beacon in await self._beacons.of_stores(keys):
            keys[beacon.store_id].append(beacon.key)
        return keys

    async def place(self, actor: StaffActor, beacon: Beacon) -> Beacon:
        """Places a beacon in a store, or says anew what stands near it.

        One that stands in another store is moved by headquarters alone. Raises Forbidden, BeaconKeyInvalid,
        TooManyNearBeacon, StoreNotFound and BeaconElsewhere.
        """
        _require_manager(actor, beacon.store_id)
        beacon = rules.require_beacon(beacon)

        async def act(session: Session) -> Beacon:
            await self._stores.require(beacon.store_id, ["input", "storeId"], session)
            known = await self._beacons.get(beacon.key, session)
            if known is not None and not actor.manages(known.store_id):
                raise BeaconElsewhere(path=["input"])
            await self._beacons.place(beacon, session)
            return beacon

        return await self._database.transaction(act)

    async def remove(self, actor: StaffActor, key: BeaconKey, store_id: str) -> None:
        """Takes a beacon away from a store. Raises Forbidden, BeaconKeyInvalid and BeaconElsewhere."""
        _require_manager(actor, store_id)
        if not await self._beacons.remove(rules.require_key(key), store_id):
            raise BeaconElsewhere(path=["input"])

    async def sight(self, member_id: str, sighting: BeaconSighting) -> BeaconSight:
        """What a sighting means, and for which beacon; nothing without consent, and nothing is kept then.

        Nothing either for a beacon that is not ours, or too weak, or seen too long ago. Raises
        BeaconKeyInvalid and BeaconSignalInvalid.
        """
        sighting = rules.require_sighting(sighting)
        if not rules.is_near(sighting, self._clock.now()):
            return NOTHING

        async def act(session: Session) -> BeaconSight:
            found = await self._beacons.visits(member_id, session)
            beacon = await self._beacons.get(sighting.key, session) if found is not None else None
            if found is None or beacon is None:
                return NOTHING
            visits, moment = rules.sighted(found[0], beacon.key.text, self._clock.now())
            await self._beacons.replace_visits(member_id, found[1], visits, session)
            if moment is BeaconMoment.NOTHING:
                return NOTHING
            return BeaconSight(moment, beacon, await self._tell(_EVENTS[moment], member_id, beacon, session))

        return await self._database.transaction(act)

    async def _tell(self, what: str, member_id: str, beacon: Beacon, session: Session) -> str:
        """Writes the event and gives its id."""
        data = {
            "beacon": beacon.key.text,
            "store_id": beacon.store_id,
            "category_ids": list(beacon.category_ids),
        }
        event = Event(what, f"member:{member_id}", self._clock.now(), data)
        await self._events.append(event, session)
        return event.id


def _require_manager(actor: StaffActor, store_id: str) -> None:
    if not actor.manages(store_id):
        raise Forbidden
