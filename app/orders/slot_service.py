"""What can be done with pickup slots: look at them and take a place."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from app.orders import slots
from app.orders.errors import NoSlotFits, OrdersPaused, PickupSlotClosed, PickupSlotFull, PickupSlotNotFound
from app.orders.model import SlotWindow, slot_id
from app.orders.slot_repository import PolicyRepository, SlotRepository
from app.orders.slots import PickupPolicy, PickupSlot, WantedPlace
from app.shared.clock import Clock
from app.shared.errors import Refusal
from app.shared.mongodb.database import Database, Session
from app.shared.mongodb.reading import Reading
from app.stores.model import Store
from app.stores.rules import store_day
from app.stores.service import StoreService

PATH = ["input", "pickupSlotId"]


class SlotService:
    """The use cases of pickup slots."""

    def __init__(self, database: Database, stores: StoreService, clock: Clock) -> None:
        self._stores = stores
        self._slots = SlotRepository(database)
        self._policies = PolicyRepository(database)
        self._clock = clock

    async def policy(self, store_id: str, session: Session = None) -> PickupPolicy:
        return await self._policies.get(store_id, session)

    def reading_policy(self, store_id: str) -> Reading[PickupPolicy]:
        return self._policies.reading(store_id)

    def reading_taken(self, store_id: str, starts_at: datetime) -> Reading[int]:
        """The work units that are taken of the store's slot that begins then."""
        return self._slots.reading_taken(slot_id(store_id, starts_at), self._clock.now())

    async def on(self, store_id: str, day: date) -> list[PickupSlot]:
        """The store's slots that begin on this day of its calendar and have not ended; none far ahead.

        Raises StoreNotFound.
        """
        store = await self._stores.require(store_id, ["storeId"])
        days_ahead = (day - store_day(store, self._clock.now())).days
        if not -1 <= days_ahead <= slots.DAYS_AHEAD + 1:
            return []
        return await self._seen(store, await self._policies.get(store_id), day)

    async def find(
        self, store: Store, policy: PickupPolicy, starts_at: datetime, taken: int, weight: int
    ) -> tuple[SlotWindow | None, Refusal | None]:
        """The slot that begins then, and what is in the way of an order of this weight for it.

        `taken` work units of it are taken already.
        """
        now = self._clock.now()
        found = slots.find_window(store, policy, starts_at)
        if found is None and not slots.find_window(store, replace(policy, closures=()), starts_at):
            return None, PickupSlotNotFound(path=PATH)
        if policy.paused_until is not None and now < policy.paused_until:
            paused = OrdersPaused(path=PATH, until=_clock_time(store, policy.paused_until))
            return found and found[0], paused
        if found is None:
            return None, await self._refusal(PickupSlotClosed, store, policy, weight)
        window, cut_off = found
        if not slots.is_orderable(policy, window, cut_off, now):
            return window, await self._refusal(PickupSlotClosed, store, policy, weight)
        if taken + weight > policy.capacity:
            return window, await self._refusal(PickupSlotFull, store, policy, weight)
        return window, None

    async def _refusal(
        self, why: type[PickupSlotClosed | PickupSlotFull], store: Store, policy: PickupPolicy, weight: int
    ) -> Refusal:
        """Why the slot is none for the order, with the next one that is."""
        next_slot = await self._next(store, policy, weight)
        return NoSlotFits(path=PATH) if next_slot is None else why(path=PATH, next_slot=next_slot)

    async def take(self, wanted: WantedPlace, session: Session) -> bool:
        """Gives the owner her place, instead of any she had; false when there is no room."""
        return await self._slots.take(wanted, self._clock.now(), session)

    async def take_new(self, wanted: Iterable[WantedPlace], session: Session) -> bool:
        """Gives places to owners who have none yet, in one command.

        False when there is no room for one of them; the transaction is to be given up then.
        """
        return await self._slots.take_new(wanted, self._clock.now(), session)

    async def give_back(self, window: SlotWindow, owner: str, session: Session) -> None:
        await self._slots.give_back(window, owner, session)

    async def paused_until(self, store_id: str) -> datetime | None:
        """Until when the store takes no orders; None while it takes them. Raises StoreNotFound."""
        await self._stores.require(store_id, ["storeId"])
        paused_until = (await self._policies.get(store_id)).paused_until
        return paused_until if paused_until is not None and self._clock.now() < paused_until else None

    async def _seen(self, store: Store, policy: PickupPolicy, day: date) -> list[PickupSlot]:
        now = self._clock.now()
        windows = [each for each in slots.windows_on(store, policy, day) if each[0].ends_at > now]
        taken = await self._slots.taken([window for window, _ in windows], now)
        return [
            PickupSlot(
                window,
                policy.capacity,
                max(0, policy.capacity - taken[window]),
                cut_off,
                slots.is_orderable(policy, window, cut_off, now),
            )
            for window, cut_off in windows
        ]

    async def _next(self, store: Store, policy: PickupPolicy, weight: int) -> str | None:
        """The next slot with enough room, as the store's clock shows it; None where no slot has any.

        It looks as far ahead as orders are taken, day by day: in most cases there is one on the first.
        """
        if weight > policy.capacity:
            return None
        today = store_day(store, self._clock.now())
        for days in range(slots.DAYS_AHEAD + 1):
            fitting = _fitting(await self._seen(store, policy, today + timedelta(days=days)), weight)
            if fitting is not None:
                return _clock_time(store, fitting.window.starts_at)
        return None


def _fitting(seen: Sequence[PickupSlot], weight: int) -> PickupSlot | None:
    return next((slot for slot in seen if slot.is_orderable and slot.left >= weight), None)


def _clock_time(store: Store, moment: datetime) -> str:
    return moment.astimezone(ZoneInfo(store.time_zone)).strftime("%Y-%m-%d %H:%M")
