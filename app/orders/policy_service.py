"""What the staff of a store can do with its pickup policy: read it, change it, and pause orders."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from app.auth.actor import StaffActor
from app.auth.errors import StoreNotAllowed
from app.orders import rules
from app.orders.changing import store_of
from app.orders.errors import PickupPolicyChanged
from app.orders.slot_repository import PolicyRepository
from app.orders.slots import PickupPolicy, checked_policy
from app.shared.clock import Clock
from app.shared.events import Event, EventLog
from app.shared.mongodb.database import Database, Session
from app.stores.service import StoreService

PATH = ["input", "storeId"]


class PickupPolicyService:
    """The use cases of pickup policies. Orders that are placed keep their slots, whatever changes."""

    def __init__(self, database: Database, stores: StoreService, events: EventLog, clock: Clock) -> None:
        self._database = database
        self._policies = PolicyRepository(database)
        self._stores = stores
        self._events = events
        self._clock = clock

    async def of_store(self, staff: StaffActor, store_id: str) -> PickupPolicy:
        """The store's policy, for its staff and headquarters. Raises StoreNotAllowed and StoreNotFound."""
        if not staff.acts_for(store_id):
            raise StoreNotAllowed(path=["storeId"])
        await self._stores.require(store_id, ["storeId"])
        return await self._policies.get(store_id)

    async def change(
        self, staff: StaffActor, store_id: str, version: int, changed: Callable[[PickupPolicy], PickupPolicy]
    ) -> PickupPolicy:
        """Says how the store prepares orders from now on, for its manager and headquarters.

        Raises StoreNotAllowed, StoreNotFound, PickupPolicyChanged when `version` is not the newest, and
        SeveralRefusals with all that is outside its bounds.
        """
        if not staff.manages(store_id):
            raise StoreNotAllowed(path=PATH)
        await self._stores.require(store_id, PATH)
        now = self._clock.now()

        async def act(session: Session) -> PickupPolicy:
            policy = await self._policies.get(store_id, session)
            if policy.version != version:
                raise PickupPolicyChanged(path=["input", "version"])
            after = replace(checked_policy(changed(policy), now), version=version + 1)
            await self._policies.replace(store_id, after, session)
            data = {"store_id": store_id, "version": after.version, "changed_by": staff.staff_id}
            await self._events.append(Event("PickupPolicyChanged", f"store:{store_id}", now, data), session)
            return after

        return await self._database.transaction(act)

    async def pause(self, staff: StaffActor, minutes: int, store_id: str | None = None) -> PickupPolicy:
        """Takes no orders for so many minutes, a day at the most; 0 ends a pause.

        At the store of the staff member's device, or, by headquarters, at any. Raises PauseInvalid,
        DeviceOfNoStore, StoreNotAllowed and StoreNotFound.
        """
        rules.require_pause(minutes)
        paused_id = store_id or store_of(staff)
        if not staff.acts_for(paused_id):
            raise StoreNotAllowed(path=PATH)
        await self._stores.require(paused_id, PATH)
        now = self._clock.now()
        until = now + timedelta(minutes=minutes) if minutes else None

        async def act(session: Session) -> PickupPolicy:
            await self._policies.pause(paused_id, until, session)
            data = {"store_id": paused_id, "minutes": minutes, "paused_by": staff.staff_id}
            await self._events.append(Event("OrdersPaused", f"store:{paused_id}", now, data), session)
            return await self._policies.get(paused_id, session)

        return await self._database.transaction(act)
