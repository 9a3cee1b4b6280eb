"""What can be done to sign in: ask for a code, and give it."""

from app.auth.actor import MemberActor
from app.auth.session_service import SessionService
from app.members.model import Member
from app.members.profiles import checked_device_name
from app.members.service import MemberService
from app.messages.model import MessageChannel
from app.shared.clock import Clock
from app.shared.errors import Unauthenticated
from app.shared.events import Event, EventLog
from app.shared.i18n import Language
from app.shared.idempotency import require_key
from app.shared.mongodb.database import Database, Session
from app.sign_in.answers import MemberSignedIn, SignInAnswers
from app.sign_in.codes import SignInCodes
from app.sign_in.errors import SignInCodeInvalid
from app.sign_in.merging import GuestMerging
from app.sign_in.model import Address, CodeGiven, CodeSent, GuestMerge, ProvenAddress
from app.sign_in.repository import AddressRepository


class SignInService:
    """The use cases of signing in."""

    def __init__(
        self,
        database: Database,
        codes: SignInCodes,
        members: MemberService,
        sessions: SessionService,
        merging: GuestMerging,
        events: EventLog,
        clock: Clock,
    ) -> None:
        self._database = database
        self._addresses = AddressRepository(database)
        self._answers = SignInAnswers(database, members, sessions, clock)
        self._codes = codes
        self._members = members
        self._sessions = sessions
        self._merging = merging
        self._events = events
        self._clock = clock

    async def send_code(
        self,
        channel: MessageChannel,
        destination: str,
        network: str,
        language: Language,
        key: str | None = None,
    ) -> CodeSent:
        """Sends a one-time code. Raises what `SignInCodes.send` raises."""
        return await self._codes.send(channel, destination, network, language, key)

    async def addresses_of(self, member_id: str) -> list[ProvenAddress]:
        """The addresses by which the member signs in, the oldest first."""
        return await self._addresses.of_member(member_id)

    async def sign_in(
        self, given: CodeGiven, device_name: str | None, language: Language, caller: MemberActor | None
    ) -> MemberSignedIn:
        """Signs in the member whose address the code proves, or makes her one.

        A guest who calls keeps her card and history: she is signed up with a new address, and merged into
        the member whose address it is already; her own sessions end. Who gives the code again with the same
        key gets the same session, and needs no token for it: the guest's is dead by then. Raises
        SignInCodeInvalid, TooManySignInTries, DeviceNameInvalid or IdempotencyKeyInvalid; Unauthenticated
        when the guest was merged meanwhile.
        """
        name = checked_device_name(device_name)
        if given.key is not None:
            require_key(given.key)
        try:
            return await self._let_in(given, name, language, caller)
        except SignInCodeInvalid:
            answered = await self._answers.find(given)
            if answered is None:
                raise
            return answered

    async def _let_in(
        self, given: CodeGiven, name: str | None, language: Language, caller: MemberActor | None
    ) -> MemberSignedIn:
        address = await self._codes.check(given)

        async def act(session: Session) -> MemberSignedIn:
            await self._codes.use_up(given, session)
            guest_id = await self._guest_id(caller, session)
            member_id = await self._addresses.member_of(address, session)
            merge: GuestMerge | None = None
            if member_id is None:
                member = await self._new_member(address, guest_id, language, session)
            elif guest_id is None:
                member = await self._require(member_id, session)
            else:
                member, merge = await self._merging.merge(guest_id, member_id, session)
            if guest_id is not None:
                await self._sessions.end_all(guest_id, session)
            tokens = await self._sessions.open(member.id, member.language, session, name)
            await self._tell(member, address, session)
            signed_in = MemberSignedIn(member, tokens, is_new=member_id is None, merge=merge)
            await self._answers.remember(given, signed_in, session)
            return signed_in

        signed_in = await self._database.transaction(act)
        self._sessions.forget_all()  # once more: while the transaction ran, another request may have looked
        return signed_in

    async def _guest_id(self, caller: MemberActor | None, session: Session) -> str | None:
        """The caller's id, if she is a guest."""
        member = await self._members.get(caller.member_id, session) if caller else None
        return member.id if member and member.is_guest else None

    async def _new_member(
        self, address: Address, guest_id: str | None, language: Language, session: Session
    ) -> Member:
        member = (
            await self._members.sign_up(guest_id, session)
            if guest_id
            else await self._members.register(language, session)
        )
        await self._addresses.add(address, member.id, self._clock.now(), session)
        return member

    async def _require(self, member_id: str, session: Session) -> Member:
        member = await self._members.get(member_id, session)
        if member is None:
            raise Unauthenticated
        return member

    async def _tell(self, member: Member, address: Address, session: Session) -> None:
        event = Event(
            "MemberSignedIn", f"member:{member.id}", self._clock.now(), {"channel": address.channel.value}
        )
        await self._events.append(event, session)
