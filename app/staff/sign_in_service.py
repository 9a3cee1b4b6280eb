"""What staff do themselves: sign in on a device with staff code and PIN, and change the PIN."""

from dataclasses import dataclass

import structlog

from app.auth.actor import StaffActor
from app.auth.session_service import SessionService
from app.auth.tokens import SignedIn
from app.shared.clock import Clock
from app.shared.errors import Refusal, Unauthenticated
from app.shared.events import Event, EventLog
from app.shared.mongodb.database import Database, Session
from app.staff.device_repository import StoreDeviceRepository
from app.staff.errors import DeviceNotEnrolled, PinWrong, StaffSignInFailed, TooManyPinTries
from app.staff.model import StaffMember, StoreDevice
from app.staff.pin_tries import PinTries
from app.staff.pins import PinHasher
from app.staff.repository import StaffRepository
from app.staff.rules import is_pin, may_sign_in_on, normal_staff_code, require_good_pin

LONGEST_DEVICE_TOKEN = 100

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class SignedInStaff:
    """A staff member and the tokens of her shift."""

    member: StaffMember
    signed_in: SignedIn


class StaffSignInService:
    """The use cases that want a PIN.

    A try is counted by the code that was typed, whether it is anybody's or not, and before its PIN is
    looked at: neither answer, wait nor work tells which codes there are. The log tells what was wrong.
    """

    def __init__(
        self,
        database: Database,
        sessions: SessionService,
        pins: PinHasher,
        tries: PinTries,
        events: EventLog,
        clock: Clock,
    ) -> None:
        self._database = database
        self._staff = StaffRepository(database)
        self._devices = StoreDeviceRepository(database)
        self._sessions = sessions
        self._pins = pins
        self._tries = tries
        self._events = events
        self._clock = clock

    async def sign_in(self, device_token: str, staff_code: str, pin: str) -> SignedInStaff:
        """Opens a shift on this device: for a store's staff on their store's devices, headquarters on any.

        Raises DeviceNotEnrolled, StaffSignInFailed or TooManyPinTries.
        """
        device = await self._device(device_token)
        if device is None:
            raise _failed(DeviceNotEnrolled(path=["input", "deviceToken"]), "device_unknown")
        code = normal_staff_code(staff_code)
        try:
            await self._tries.count(device.id, code)
        except TooManyPinTries as refusal:
            raise _failed(refusal, "too_many_tries", device) from None
        if code is None:
            raise _failed(StaffSignInFailed(), "code_unknown", device)
        member, pin_hash = await self._proven(device, code, pin)
        new_hash = await self._pins.hash(pin) if self._pins.is_outdated(pin_hash) else pin_hash

        async def act(session: Session) -> SignedInStaff:
            now = self._clock.now()
            if not await self._devices.use(device.id, now, session):
                raise _failed(
                    DeviceNotEnrolled(path=["input", "deviceToken"]), "device_revoked", device, member
                )
            current = await self._staff.sign_in(member.id, pin_hash, new_hash, now, session)
            if current is None:
                raise _failed(StaffSignInFailed(), "pin_replaced_or_removed", device, member)
            signed_in = await self._sessions.open_shift(
                current.id, current.role, device.store_id, device.id, current.language, session
            )
            data = {"device_id": device.id, "store_id": device.store_id}
            await self._events.append(Event("StaffSignedIn", f"staff:{member.id}", now, data), session)
            return SignedInStaff(current, signed_in)

        signed_in = await self._database.transaction(act)
        self._sessions.forget_all()
        await self._tries.succeed(device.id, code)
        return signed_in

    async def change_pin(self, actor: StaffActor, old_pin: str, new_pin: str) -> StaffMember:
        """Gives the caller another PIN for her old one, and ends her sessions on other devices.

        Raises PinInvalid, PinWrong or TooManyPinTries; Unauthenticated when her session has ended.
        """
        require_good_pin(new_pin, ["input", "newPin"])
        member = await self._staff.get(actor.staff_id)
        if member is None:
            raise Unauthenticated
        await self._tries.count(actor.device_id, member.code)
        found = await self._staff.with_pin_by_code(member.code)
        if found is None or not await self._is_right(found[1], old_pin):
            raise PinWrong(path=["input", "oldPin"])
        pin_hash, new_hash = found[1], await self._pins.hash(new_pin)

        async def act(session: Session) -> None:
            await self._sessions.require_living(actor, session)
            if not await self._staff.change_pin(member.id, new_hash, session, pin_hash):
                raise PinWrong(path=["input", "oldPin"])
            await self._sessions.end_all_of_staff(member.id, session, except_id=actor.session_id)
            event = Event("StaffPinChanged", f"staff:{member.id}", self._clock.now(), {"by": member.id})
            await self._events.append(event, session)

        await self._database.transaction(act)
        self._sessions.forget_all()
        await self._tries.succeed(actor.device_id, member.code)
        return member

    async def _device(self, token: str) -> StoreDevice | None:
        may_be_one = len(token) <= LONGEST_DEVICE_TOKEN and token.isascii()
        return await self._devices.by_secret(token) if may_be_one else None

    async def _proven(self, device: StoreDevice, code: str, pin: str) -> tuple[StaffMember, str]:
        """Whose code and PIN these are, and the PIN's hash. Raises StaffSignInFailed, the same for all that
        may be wrong.
        """
        found = await self._staff.with_pin_by_code(code)
        is_right = await self._is_right(found[1] if found else None, pin)
        if found is None:
            raise _failed(StaffSignInFailed(), "code_unknown", device)
        member, pin_hash = found
        if not is_right:
            raise _failed(StaffSignInFailed(), "pin_wrong", device, member)
        if not may_sign_in_on(member.role, member.store_id, device.store_id):
            raise _failed(StaffSignInFailed(), "store_wrong", device, member)
        return member, pin_hash

    async def _is_right(self, pin_hash: str | None, pin: str) -> bool:
        """Whether this is the PIN; as much work where there is none."""
        return is_pin(pin) and await self._pins.verify(pin_hash, pin)


def _failed(
    refusal: Refusal, outcome: str, device: StoreDevice | None = None, member: StaffMember | None = None
) -> Refusal:
    """The refusal, once the log tells of it: never with what was typed, which may be another person's."""
    log.warning(
        "staff_sign_in_failed",
        outcome=outcome,
        device_id=device.id if device else None,
        staff_id=member.id if member else None,
    )
    return refusal
