"""What staff do themselves: sign in on a device with staff code and PIN, and change the PIN."""

from dataclasses import dataclass

from app.auth.actor import StaffActor
from app.auth.session_service import SessionService
from app.auth.tokens import SignedIn
from app.shared.clock import Clock
from app.shared.database import Database, Session
from app.shared.errors import Unauthenticated
from app.shared.events import Event, EventLog
from app.shared.lockouts import Lockout, Lockouts
from app.staff.device_repository import StoreDeviceRepository
from app.staff.errors import DeviceNotEnrolled, PinWrong, StaffSignInFailed, TooManyPinTries
from app.staff.model import StaffMember, StoreDevice
from app.staff.pins import PinHasher
from app.staff.repository import StaffRepository
from app.staff.rules import is_pin, may_sign_in_on, normal_staff_code, require_good_pin

PIN_TRIES = Lockout("pin", free_tries=5)  # by staff code, on whatever device
DEVICE_TRIES = Lockout("device", free_tries=20)  # by device, with whatever staff code
LONGEST_DEVICE_TOKEN = 100


@dataclass(frozen=True, slots=True)
class SignedInStaff:
    """A staff member and the tokens of her shift."""

    member: StaffMember
    signed_in: SignedIn


class StaffSignInService:
    """The use cases that want a PIN.

    A try is counted by the code that was typed, whether it is anybody's or not, and before its PIN is
    looked at: neither answer, wait nor work tells which codes there are.
    """

    def __init__(
        self,
        database: Database,
        sessions: SessionService,
        pins: PinHasher,
        lockouts: Lockouts,
        events: EventLog,
        clock: Clock,
    ) -> None:
        self._database = database
        self._staff = StaffRepository(database)
        self._devices = StoreDeviceRepository(database)
        self._sessions = sessions
        self._pins = pins
        self._lockouts = lockouts
        self._events = events
        self._clock = clock

    async def sign_in(self, device_token: str, staff_code: str, pin: str) -> SignedInStaff:
        """Opens a shift on this device: for a store's staff on their store's devices, headquarters on any.

        Raises DeviceNotEnrolled, StaffSignInFailed or TooManyPinTries.
        """
        device = await self._device(device_token)
        code = normal_staff_code(staff_code)
        if code is not None:
            await self._count_try(PIN_TRIES, code)
        await self._count_try(DEVICE_TRIES, device.id)
        if code is None:
            raise StaffSignInFailed
        member, pin_hash = await self._proven(code, pin)
        if not may_sign_in_on(member.role, member.store_id, device.store_id):
            raise StaffSignInFailed
        new_hash = await self._pins.hash(pin) if self._pins.is_outdated(pin_hash) else pin_hash

        async def act(session: Session) -> SignedInStaff:
            now = self._clock.now()
            if not await self._devices.use(device.id, now, session):
                raise DeviceNotEnrolled(path=["input", "deviceToken"])
            current = await self._staff.sign_in(member.id, pin_hash, new_hash, now, session)
            if current is None:
                raise StaffSignInFailed
            signed_in = await self._sessions.open_shift(
                current.id, current.role, device.store_id, device.id, current.language, session
            )
            data = {"device_id": device.id, "store_id": device.store_id}
            await self._events.append(Event("StaffSignedIn", f"staff:{member.id}", now, data), session)
            return SignedInStaff(current, signed_in)

        signed_in = await self._database.transaction(act)
        await self._lockouts.forgive((DEVICE_TRIES, device.id), (PIN_TRIES, code))
        return signed_in

    async def change_pin(self, actor: StaffActor, old_pin: str, new_pin: str) -> StaffMember:
        """Gives the caller another PIN for her old one, and ends her sessions on other devices.

        Raises PinInvalid, PinWrong or TooManyPinTries.
        """
        require_good_pin(new_pin, ["input", "newPin"])
        member = await self._staff.get(actor.staff_id)
        if member is None:
            raise Unauthenticated
        await self._count_try(PIN_TRIES, member.code)
        try:
            _, pin_hash = await self._proven(member.code, old_pin)
        except StaffSignInFailed:
            raise PinWrong(path=["input", "oldPin"]) from None
        new_hash = await self._pins.hash(new_pin)

        async def act(session: Session) -> None:
            if not await self._staff.change_pin(member.id, new_hash, session, pin_hash):
                raise PinWrong(path=["input", "oldPin"])
            await self._sessions.end_all_of_staff(member.id, session, except_id=actor.session_id)
            event = Event("StaffPinChanged", f"staff:{member.id}", self._clock.now(), {"by": member.id})
            await self._events.append(event, session)

        await self._database.transaction(act)
        self._sessions.forget_all()
        await self._lockouts.forgive((PIN_TRIES, member.code))
        return member

    async def _device(self, token: str) -> StoreDevice:
        may_be_one = len(token) <= LONGEST_DEVICE_TOKEN and token.isascii()
        device = await self._devices.by_secret(token) if may_be_one else None
        if device is None:
            raise DeviceNotEnrolled(path=["input", "deviceToken"])
        return device

    async def _count_try(self, lockout: Lockout, subject: str) -> None:
        wait = await self._lockouts.count_try(lockout, subject)
        if wait:
            raise TooManyPinTries(wait_seconds=wait)

    async def _proven(self, code: str, pin: str) -> tuple[StaffMember, str]:
        """Whose code and PIN these are, and the PIN's hash. Raises StaffSignInFailed."""
        if not is_pin(pin):
            raise StaffSignInFailed
        found = await self._staff.with_pin_by_code(code)
        is_right = await self._pins.verify(found[1] if found else None, pin)
        if found is None or not is_right:
            raise StaffSignInFailed
        return found
