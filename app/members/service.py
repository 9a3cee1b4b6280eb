"""What can be done with members: give a phone its card, look at oneself, keep the profile."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from app.auth.session_service import SessionService
from app.auth.tokens import SignedIn
from app.members.errors import DeviceIdInvalid, DeviceSignedUp, LocaleUnknown, TooManyNewGuests
from app.members.model import Member, ProfileUpdate, RevokedCard
from app.members.profiles import checked_device_name, checked_profile, favourites_of_both
from app.members.repository import MemberRepository
from app.members.rules import (
    DEVICE_ID_MAXIMUM_LENGTH,
    DEVICE_ID_MINIMUM_LENGTH,
    OLDEST_BIRTHDAY,
    is_device_id,
    new_member_number,
)
from app.shared.clock import Clock
from app.shared.errors import Refusal, SeveralRefusals, Unauthenticated
from app.shared.events import Event, EventLog
from app.shared.hashing import secret_hash
from app.shared.i18n import Language, language_of
from app.shared.ids import new_id
from app.shared.mongodb.database import ConcurrentChange, Database, Document, Session
from app.shared.mongodb.reading import Reading, Reads
from app.shared.paging import Page, PageRequest
from app.shared.rate_limits import RateLimit, RateLimits
from app.shared.store_directory import StoreDirectory


@dataclass(frozen=True, slots=True)
class RegisteredGuest:
    """A guest and the tokens of her device."""

    member: Member
    signed_in: SignedIn


class MemberService:
    """The use cases of members."""

    def __init__(
        self,
        database: Database,
        sessions: SessionService,
        events: EventLog,
        stores: StoreDirectory,
        limits: RateLimits,
        clock: Clock,
        time_zone: ZoneInfo,
        guests_per_network: int,
    ) -> None:
        self._database = database
        self._members = MemberRepository(database)
        self._sessions = sessions
        self._events = events
        self._stores = stores
        self._limits = limits
        self._guests_from_network = RateLimit("guests-from", guests_per_network, timedelta(hours=1))
        self._clock = clock
        self._time_zone = time_zone

    def reading(self, member_id: str) -> Reading[Member | None]:
        return self._members.reading(member_id)

    def reading_named(self, source: Reading[object], field: str) -> Reading[Member | None]:
        """The member whom what the source finds names in this field."""
        return self._members.reading_named(source, field)

    async def get(self, member_id: str, session: Session = None, reads: Reads | None = None) -> Member | None:
        """The member, read with what else the request reads, if it says so."""
        if reads is None:
            return await self._members.get(member_id, session)
        member = self._members.reading(member_id)
        return (await reads.read(member))[member]

    async def living_by_number(self, number: str, session: Session) -> Member | None:
        """The member with this number, or the one whom she became when she was merged."""
        return await self._members.living_by_number(number, session)

    async def get_many(self, member_ids: Sequence[str]) -> list[Member]:
        """Those of these members that there are, in any order."""
        return await self._members.get_many(member_ids)

    async def batch_after(self, number: str, limit: int) -> list[Member]:
        """So many members after this card number. Numbers are random: the first ones are a sample of all."""
        return await self._members.batch_after(number, limit)

    async def born_on(self, days: Sequence[tuple[int, int]], after: str, limit: int) -> list[Member]:
        """The members whose birthday is on one of these days, given by month and day, with a later id."""
        years = range(OLDEST_BIRTHDAY.year, self._clock.now().year + 1)
        return await self._members.born_on(days, years, after, limit)

    async def registered_between(self, begins: datetime, ends: datetime) -> list[str]:
        """The ids of those who got their card from then until just before."""
        return await self._members.registered_between(begins, ends)

    async def living(self, member_id: str, session: Session) -> Member | None:
        """The member with this id, or the one whom she became when she was merged."""
        return await self._members.living(member_id, session)

    async def revoked_cards(self, since: datetime | None, request: PageRequest) -> Page[RevokedCard]:
        """The cards of guests who became one with a member since then, or since ever, the first one first."""
        return await self._members.merged(since, request)

    async def by_number(self, number: str, session: Session) -> Member | None:
        return await self._members.by_number(number, session)

    async def register_guest(
        self,
        device_id: str,
        locale: str | None,
        fallback: Language,
        network: str,
        device_name: str | None = None,
    ) -> RegisteredGuest:
        """The guest of this device and new tokens; the first call makes her, every later one finds her
        and changes her language if it names another.

        The device id is a secret that the app makes once, and all that a guest has to show. It opens
        a guest's account only: DeviceSignedUp once she has signed up. New guests from one network are
        limited: TooManyNewGuests.
        """
        if not is_device_id(device_id):
            raise DeviceIdInvalid(
                path=["input", "deviceId"], minimum=DEVICE_ID_MINIMUM_LENGTH, maximum=DEVICE_ID_MAXIMUM_LENGTH
            )
        language = language_of(locale)
        if locale is not None and language is None:
            raise LocaleUnknown(path=["input", "locale"])
        name = checked_device_name(device_name)
        device_id_hash = secret_hash(device_id)
        new_guest = self._limits.one(self._guests_from_network, network)

        async def act(session: Session) -> RegisteredGuest:
            member = await self._members.by_device(device_id_hash, session)
            if member is None:
                # Added before it counts: who is sent twice at once is one guest, and waits for herself here.
                member = await self._add_guest(device_id_hash, language or fallback, session)
                wait = await new_guest.take()
                if wait:
                    raise TooManyNewGuests(wait_seconds=wait)
            else:
                member = await self._open_again(member, language or member.language, session)
            return RegisteredGuest(
                member, await self._sessions.open(member.id, member.language, session, name)
            )

        registered = await self._database.transaction(act)
        if registered.signed_in.made_room:
            self._sessions.forget_all()
        return registered

    async def _open_again(self, member: Member, language: Language, session: Session) -> Member:
        if not member.is_guest:
            raise DeviceSignedUp(path=["input", "deviceId"])
        guest = await self._members.open_again(member.id, language, session)
        if guest is None:
            raise ConcurrentChange
        return guest

    async def _add_guest(self, device_id_hash: str, language: Language, session: Session) -> Member:
        member = self._new_member(language, is_guest=True)
        await self._members.add(member, device_id_hash, session)
        await self._tell("GuestRegistered", member.id, {"number": member.number}, session)
        return member

    async def register(self, language: Language, session: Session) -> Member:
        """A new member who has proven an address."""
        member = self._new_member(language, is_guest=False)
        await self._members.add(member, None, session)
        await self._tell("MemberRegistered", member.id, {"number": member.number}, session)
        return member

    async def sign_up(self, guest_id: str, session: Session) -> Member:
        """Makes a guest a signed-up member, with the same card and history. Raises Unauthenticated."""
        member = await self._members.sign_up(guest_id, session)
        if member is None:
            raise Unauthenticated
        await self._tell("GuestSignedUp", guest_id, {"number": member.number}, session)
        return member

    async def merge(self, guest_id: str, member_id: str, session: Session) -> tuple[Member, Member]:
        """Closes a guest and gives the member her favourites; returns both. Raises Unauthenticated."""
        guest = await self._members.close(guest_id, member_id, self._clock.now(), session)
        member = await self._members.get(member_id, session)
        if guest is None or member is None:
            raise Unauthenticated
        favourites = favourites_of_both(member.profile, guest.profile)
        merged = await self._members.take_over(member_id, favourites, session)
        if merged is None:
            raise Unauthenticated
        return guest, merged

    def _new_member(self, language: Language, is_guest: bool) -> Member:
        return Member(
            id=new_id(),
            number=new_member_number(),
            language=language,
            is_guest=is_guest,
            registered_at=self._clock.now(),
        )

    async def _tell(self, what: str, member_id: str, data: Document, session: Session) -> None:
        await self._events.append(Event(what, f"member:{member_id}", self._clock.now(), data), session)

    async def update_profile(self, member_id: str, update: ProfileUpdate) -> Member:
        """Changes what the update names, all of it or nothing. Raises SeveralRefusals."""
        now = self._clock.now()
        changes, refusals = checked_profile(update, now.astimezone(self._time_zone).date())
        try:
            await self._stores.require_all(
                changes.get("favourite_store_ids", []), ["input", "favouriteStoreIds"]
            )
        except Refusal as refusal:
            refusals.append(refusal)
        if refusals:
            raise SeveralRefusals(refusals)

        async def act(session: Session) -> Member:
            member = await self._members.change_profile(member_id, changes, session)
            if member is None:
                raise Unauthenticated
            if not changes:
                return member
            await self._tell("ProfileUpdated", member_id, {"fields": sorted(changes)}, session)
            return member

        return await self._database.transaction(act)
