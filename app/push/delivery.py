"""Delivers pushes: claims what is due, hands it over, and decides what comes next."""

import random
from collections.abc import Mapping
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import structlog

from app.auth.session_service import SessionService
from app.consents.model import ConsentKind
from app.consents.service import ConsentService
from app.inbox.model import InboxMessage, MessageClass
from app.inbox.service import InboxService
from app.members.service import MemberService
from app.push import rules
from app.push.device_repository import PushDeviceRepository
from app.push.model import (
    Push,
    PushAnswer,
    PushDevice,
    PushNote,
    PushOutcome,
    PushPlatform,
    PushState,
)
from app.push.push_repository import PushRepository
from app.push.sender import SEND_SECONDS, PushSender
from app.shared.clock import Clock
from app.shared.ids import opaque_id
from app.shared.mongodb.database import Database
from app.shared.processes.lanes import Lanes
from app.shared.settings.push import QuietHours

# Who has not told by then what came of it is taken to be dead, and the push is anybody's again.
CLAIMED_FOR = timedelta(seconds=3 * SEND_SECONDS)
LANES_OF_A_PLATFORM = 32
MAXIMUM_TEXT_LENGTH = 200  # a service takes 4 KiB in all; the rest is in the inbox

log = structlog.get_logger(__name__)


class PushDeliverer:
    """Tries pushes, each until the service has taken it; if we die before that is written down, once more."""

    def __init__(
        self,
        database: Database,
        senders: Mapping[PushPlatform, PushSender],
        sessions: SessionService,
        members: MemberService,
        consents: ConsentService,
        inbox: InboxService,
        quiet: QuietHours,
        clock: Clock,
        time_zone: ZoneInfo,
    ) -> None:
        self._pushes = PushRepository(database)
        self._devices = PushDeviceRepository(database)
        self._senders = senders
        self._sessions = sessions
        self._members = members
        self._consents = consents
        self._inbox = inbox
        self._quiet = quiet
        self._clock = clock
        self._time_zone = time_zone

    async def run(self) -> None:
        """Delivers until it is cancelled."""
        try:
            await Lanes(self, LANES_OF_A_PLATFORM).run()
        finally:
            for sender in self._senders.values():
                await sender.close()

    async def due_receivers(self) -> list[str]:
        """The platforms that have something due."""
        due = await self._pushes.due_platforms(self._clock.now())
        return [each for each in due if PushPlatform(each) in self._senders]

    async def deliver_next(self, platform: str) -> bool:
        """Tries what has been due for the longest time on this platform; false when there is nothing."""
        now = self._clock.now()
        push = await self._pushes.claim(platform, now, now + CLAIMED_FOR)
        if push is None:
            return False
        quiet_until = self._quiet_until(push, now)
        message = await self._inbox.get(push.member_id, push.message_id)
        if now >= push.expires_at or quiet_until >= push.expires_at or push.tries > rules.MAXIMUM_TRIES:
            await self._pushes.end(push, PushState.DROPPED, "too late")
        elif quiet_until > now:
            await self._pushes.put_off(push, quiet_until, "quiet hours", counts=False)
        elif message is None or not await self._is_wanted(push):
            await self._pushes.end(push, PushState.DROPPED, "not wanted any more")
        else:
            await self._try(push, message, now)
        return True

    async def _is_wanted(self, push: Push) -> bool:
        """Marketing needs the consents that stand now."""
        if push.message_class is MessageClass.SERVICE:
            return True
        allowed = await self._consents.has(push.member_id, ConsentKind.MARKETING_PUSH)
        if allowed and push.needs_location:
            return await self._consents.has(push.member_id, ConsentKind.LOCATION)
        return allowed

    async def _try(self, push: Push, message: InboxMessage, now: datetime) -> None:
        device = await self._device_of(push)
        member = await self._members.get(push.member_id)
        if device is None or member is None:
            await self._pushes.end(push, PushState.DROPPED, "no device any more")
            return
        note = PushNote(
            id=push.id,
            title=message.titles[member.language],
            text=message.texts[member.language][:MAXIMUM_TEXT_LENGTH],
            picture_url=message.picture_url,
            data=_data_of(message),
            collapse_key=push.collapse_key,
            is_urgent=push.message_class is MessageClass.SERVICE,
            sent_at=now,
            expires_at=push.expires_at,
        )
        answer = await self._senders[push.platform].send(device.token, note)
        await self._write_down(push, device, answer)

    async def _device_of(self, push: Push) -> PushDevice | None:
        """The device, if its session lives and is the member's: who signed out is told nothing there."""
        device = await self._devices.get(push.session_id)
        if device is None or device.member_id != push.member_id or device.platform is not push.platform:
            return None
        if not await self._sessions.is_live(push.session_id):
            await self._devices.remove(push.session_id)
            return None
        return device

    async def _write_down(self, push: Push, device: PushDevice, answer: PushAnswer) -> None:
        now = self._clock.now()
        match answer.outcome:
            case PushOutcome.SENT:
                await self._inbox.note_sent(push.member_id, push.message_id)
                await self._pushes.end(push, PushState.SENT)
            case PushOutcome.TOKEN_INVALID:
                await self._devices.remove(device.session_id, device.registered_at)
                await self._pushes.end(push, PushState.DROPPED, answer.reason)
            case PushOutcome.REFUSED:
                log.error("push_refused", push_id=push.id, platform=push.platform, reason=answer.reason)
                await self._pushes.end(push, PushState.DROPPED, answer.reason)
            case PushOutcome.LATER:
                due_at = rules.next_try(push.tries, now, answer.retry_after, random.random())
                if due_at is None or due_at >= push.expires_at:
                    log.warning(
                        "push_given_up", push_id=push.id, platform=push.platform, reason=answer.reason
                    )
                    await self._pushes.end(push, PushState.DROPPED, answer.reason)
                else:
                    await self._pushes.put_off(push, due_at, answer.reason, counts=True)

    def _quiet_until(self, push: Push, now: datetime) -> datetime:
        if push.message_class is MessageClass.SERVICE:
            return now
        zone = ZoneInfo(push.time_zone) if push.time_zone else self._time_zone
        return rules.end_of_quiet(now, zone, self._quiet)


def _data_of(message: InboxMessage) -> dict[str, str]:
    data = {"messageId": opaque_id("InboxMessage", message.id)}
    if message.order_id:
        data["orderId"] = opaque_id("Order", message.order_id)
    if message.coupon_id:
        data["couponId"] = opaque_id("Coupon", message.coupon_id)
    return data
