"""What can be done with push: have a device take them, and wish for some."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from app.auth.actor import MemberActor
from app.inbox.model import MessageClass
from app.push import rules
from app.push.device_repository import PushDeviceRepository
from app.push.errors import PushTokenInvalid, TimeZoneUnknown
from app.push.model import PushDevice, PushPlatform, PushWish
from app.push.push_repository import PushRepository
from app.shared.clock import Clock
from app.shared.mongodb.database import Database, Session
from app.shared.settings.push import QuietHours


class PushService:
    """The use cases of push. What no service is set up for is not wished for."""

    def __init__(
        self,
        database: Database,
        platforms: Collection[PushPlatform],
        quiet: QuietHours,
        clock: Clock,
        time_zone: ZoneInfo,
    ) -> None:
        self._database = database
        self._devices = PushDeviceRepository(database)
        self._pushes = PushRepository(database)
        self._platforms = frozenset(platforms)
        self._quiet = quiet
        self._clock = clock
        self._time_zone = time_zone

    async def register(
        self, member: MemberActor, platform: PushPlatform, token: str, time_zone: str | None
    ) -> PushDevice:
        """Has the device of this session take pushes; the token is its alone from now on.

        Raises PushTokenInvalid or TimeZoneUnknown.
        """
        if not rules.is_token(platform, token):
            raise PushTokenInvalid(path=["input", "token"])
        if time_zone is not None and not rules.is_time_zone(time_zone):
            raise TimeZoneUnknown(path=["input", "timeZone"])
        device = PushDevice(
            member.session_id, member.member_id, platform, token, time_zone, self._clock.now()
        )

        async def act(session: Session) -> PushDevice:
            await self._devices.put(device, session)
            return device

        return await self._database.transaction(act)

    async def remove(self, session_id: str) -> bool:
        """Has the device of this session take no more pushes; false when it took none."""
        return await self._devices.remove(session_id)

    async def owners_after(self, member_id: str, limit: int, session: Session) -> list[str]:
        """The owners of so many devices, those with a later id, in the order of their ids."""
        return await self._devices.owners_after(member_id, limit, session)

    async def untold(self, message_id: str, member_ids: Sequence[str], session: Session) -> list[str]:
        """Those of these members who have a device that takes pushes, and none that was told of this."""
        devices = await self._devices_of(member_ids, session)
        told = await self._pushes.told(message_id, devices, session)
        were_told = {each.member_id for each in devices if each.session_id in told}
        return sorted({each.member_id for each in devices} - were_told)

    async def wish(self, wishes: Sequence[PushWish], session: Session) -> None:
        """Adds the pushes for all devices of the members; what would come too late is left out."""
        devices: dict[str, list[PushDevice]] = defaultdict(list)
        for device in await self._devices_of({each.member_id for each in wishes}, session):
            devices[device.member_id].append(device)
        added = [
            (wish, device, due_at)
            for wish in wishes
            for device in devices[wish.member_id]
            if (due_at := self._due_at(wish, device)) < wish.expires_at
        ]
        if added:
            await self._pushes.add(added, self._clock.now(), session)

    async def _devices_of(self, member_ids: Collection[str], session: Session) -> list[PushDevice]:
        found = await self._devices.of_members(member_ids, session)
        return [each for each in found if each.platform in self._platforms]

    def _due_at(self, wish: PushWish, device: PushDevice) -> datetime:
        if wish.message_class is MessageClass.SERVICE:
            return wish.due_at
        name = wish.time_zone or device.time_zone
        return rules.end_of_quiet(wish.due_at, ZoneInfo(name) if name else self._time_zone, self._quiet)
