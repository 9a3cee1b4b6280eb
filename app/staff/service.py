"""What managers do with staff: list them, add them, give them a new PIN, let them go."""

from app.auth.actor import Manager
from app.auth.roles import Role
from app.auth.session_service import SessionService
from app.members.errors import LocaleUnknown
from app.shared.clock import Clock
from app.shared.errors import Refusal, SeveralRefusals
from app.shared.events import Event, EventLog
from app.shared.i18n import language_of
from app.shared.ids import new_id
from app.shared.mongodb.database import Database, Session
from app.shared.names import NAME_MAXIMUM_LENGTH, NameInvalid, normal_name
from app.shared.paging import Page, PageRequest
from app.staff.device_repository import StoreDeviceRepository
from app.staff.device_service import managed_store
from app.staff.errors import (
    PinInvalid,
    RoleNotAllowed,
    RoleStoreMismatch,
    StaffCodeInvalid,
    StaffMemberNotFound,
)
from app.staff.model import NewStaffMember, StaffMember
from app.staff.pin_tries import PinTries
from app.staff.pins import PinHasher
from app.staff.repository import StaffRepository
from app.staff.rules import (
    PIN_LENGTHS,
    STAFF_CODE_LENGTHS,
    belongs_somewhere,
    is_good_pin,
    may_manage,
    normal_staff_code,
    require_good_pin,
)
from app.stores.errors import StoreNotFound
from app.stores.service import StoreService


class StaffService:
    """The use cases of managers: headquarters for everybody, a store manager for her counter and floor.

    Each change raises Unauthenticated when the manager's session has ended.
    """

    def __init__(
        self,
        database: Database,
        sessions: SessionService,
        stores: StoreService,
        pins: PinHasher,
        tries: PinTries,
        events: EventLog,
        clock: Clock,
    ) -> None:
        self._database = database
        self._staff = StaffRepository(database)
        self._devices = StoreDeviceRepository(database)
        self._sessions = sessions
        self._stores = stores
        self._pins = pins
        self._tries = tries
        self._events = events
        self._clock = clock

    async def get(self, staff_id: str) -> StaffMember | None:
        return await self._staff.get(staff_id)

    async def by_code(self, code: str) -> StaffMember | None:
        return await self._staff.by_code(code)

    async def all(self) -> list[StaffMember]:
        """Everybody, in the order of their codes; a retailer has thousands."""
        return await self._staff.all()

    async def page(self, manager: Manager, store_id: str | None, request: PageRequest) -> Page[StaffMember]:
        """The staff of a store; without one, of the manager's own store, or for headquarters everybody.

        Raises StoreNotFound for a store that is not the manager's.
        """
        return await self._staff.page(managed_store(manager, store_id, ["storeId"]), request)

    async def add(self, manager: Manager, new: NewStaffMember) -> StaffMember:
        """Adds a staff member, or says all that is wrong: SeveralRefusals. Raises StaffCodeTaken."""
        member = self._checked(manager, new)
        pin_hash = await self._pins.hash(new.pin)

        async def act(session: Session) -> None:
            await self._sessions.require_living(manager, session)
            if member.store_id is not None:
                await self._stores.require(member.store_id, ["input", "storeId"], session)
            await self._staff.add(member, pin_hash, session)
            await self._tell("StaffMemberAdded", member, manager, session)

        await self._database.transaction(act)
        return member

    async def reset_pin(self, manager: Manager, staff_id: str, pin: str) -> StaffMember:
        """Gives a staff member a new PIN, ends her sessions, and lets her try again at once.

        Raises PinInvalid, StaffMemberNotFound or RoleNotAllowed.
        """
        require_good_pin(pin, ["input", "pin"])
        pin_hash = await self._pins.hash(pin)

        async def act(session: Session) -> StaffMember:
            await self._sessions.require_living(manager, session)
            member = await self._managed(manager, staff_id, session)
            if not await self._staff.change_pin(staff_id, pin_hash, session):
                raise StaffMemberNotFound(path=["input", "staffMemberId"])
            await self._end_all_of(member, session)
            await self._tell("StaffPinReset", member, manager, session)
            return member

        member = await self._database.transaction(act)
        self._sessions.forget_all()
        await self._tries.forgive(member.code)
        return member

    async def remove(self, manager: Manager, staff_id: str) -> StaffMember:
        """Lets a staff member go: her tokens are dead here at once, elsewhere within 30 s.

        Raises StaffMemberNotFound or RoleNotAllowed.
        """

        async def act(session: Session) -> StaffMember:
            await self._sessions.require_living(manager, session)
            member = await self._managed(manager, staff_id, session)
            if not await self._staff.remove(staff_id, session):
                raise StaffMemberNotFound(path=["input", "staffMemberId"])
            await self._end_all_of(member, session)
            await self._tell("StaffMemberRemoved", member, manager, session)
            return member

        member = await self._database.transaction(act)
        self._sessions.forget_all()
        return member

    def _checked(self, manager: Manager, new: NewStaffMember) -> StaffMember:
        """The staff member as she is kept. Raises SeveralRefusals with all that is wrong."""
        code, name, language = normal_staff_code(new.code), normal_name(new.name), language_of(new.locale)
        is_own_store = new.store_id is None and manager.role is Role.STORE_MANAGER
        store_id = manager.store_id if is_own_store else new.store_id
        wrong: list[Refusal] = []
        if code is None:
            wrong.append(StaffCodeInvalid(path=["input", "code"], **STAFF_CODE_LENGTHS))
        if name is None:
            wrong.append(NameInvalid(path=["input", "name"], maximum=NAME_MAXIMUM_LENGTH))
        if language is None:
            wrong.append(LocaleUnknown(path=["input", "locale"]))
        if not is_good_pin(new.pin):
            wrong.append(PinInvalid(path=["input", "pin"], **PIN_LENGTHS))
        if not may_manage(manager.role, new.role):
            wrong.append(RoleNotAllowed(path=["input", "role"]))
        elif not belongs_somewhere(new.role, store_id):
            wrong.append(RoleStoreMismatch(path=["input", "storeId"]))
        elif not manager.manages(store_id):
            wrong.append(StoreNotFound(path=["input", "storeId"]))
        if wrong or code is None or name is None or language is None:
            raise SeveralRefusals(wrong)
        return StaffMember(new_id(), code, name, new.role, store_id, language, self._clock.now())

    async def _managed(self, manager: Manager, staff_id: str, session: Session) -> StaffMember:
        """The staff member, if she is the manager's to look after: another store's looks as if absent."""
        member = await self._staff.get(staff_id, session)
        if member is None or not manager.manages(member.store_id):
            raise StaffMemberNotFound(path=["input", "staffMemberId"])
        if not may_manage(manager.role, member.role):
            raise RoleNotAllowed(path=["input", "staffMemberId"])
        return member

    async def _end_all_of(self, member: StaffMember, session: Session) -> None:
        """Ends her sessions, and the enrolment codes that she made."""
        await self._sessions.end_all_of_staff(member.id, session)
        await self._devices.remove_codes_by(member.id, session)

    async def _tell(self, what: str, member: StaffMember, manager: Manager, session: Session) -> None:
        data = {"code": member.code, "role": member.role.value, "store_id": member.store_id}
        event = Event(what, f"staff:{member.id}", self._clock.now(), {**data, "by": manager.staff_id})
        await self._events.append(event, session)
