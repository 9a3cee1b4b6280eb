"""What can be done with partners: make them, change what they may do, let them in."""

import hmac
import secrets
from collections.abc import Iterable, Set
from dataclasses import dataclass, replace
from datetime import datetime

from app.auth.actor import OPERATOR, Manager, PartnerActor, actor_of
from app.auth.errors import PartnerNotFound, ScopeUnknown, TokenRefused, TooManyStores
from app.auth.partners import Partner, PartnerRepository, PartnerUpdate, Scope
from app.auth.remembering import Remembered
from app.auth.session_service import SessionService
from app.auth.tokens import AccessToken, AccessTokens, PartnerClaims
from app.shared.channels import Channel
from app.shared.clock import Clock
from app.shared.errors import Unauthenticated
from app.shared.events import Event, EventLog
from app.shared.hashing import secret_hash
from app.shared.idempotency import Idempotency, IdempotentRequest
from app.shared.mongodb.database import Database, Document, Session
from app.shared.names import require_name
from app.shared.paging import Page, PageRequest
from app.shared.store_directory import StoreDirectory
from app.shared.updates import Unchanged

LIVE_SECRETS = 2  # the old one goes on while the partner changes over to the new one
STORES_MAXIMUM = 100  # that a partner can be limited to


@dataclass(frozen=True, slots=True)
class GrantedToken:
    """An access token and the scopes that it carries."""

    token: AccessToken
    scopes: frozenset[Scope]


class PartnerService:
    """The use cases of partners (OAuth 2.0 client credentials, RFC 6749, 4.4).

    `by` is who does it: a staff member at headquarters, or the operator at the command line. Whatever it is,
    it raises Unauthenticated when her session has ended. What takes a request is done once for it; asked
    again, it tells the same secret for ten minutes, and then raises SecretToldAlready.
    """

    def __init__(
        self,
        database: Database,
        sessions: SessionService,
        tokens: AccessTokens,
        idempotency: Idempotency,
        events: EventLog,
        stores: StoreDirectory,
        clock: Clock,
    ) -> None:
        self._database = database
        self._partners = PartnerRepository(database)
        self._sessions = sessions
        self._tokens = tokens
        self._idempotency = idempotency
        self._events = events
        self._stores = stores
        self._clock = clock
        self._live = Remembered(self._load, clock)

    async def get(self, partner_id: str) -> Partner | None:
        return await self._partners.get(partner_id)

    async def all(self) -> list[Partner]:
        return await self._partners.all()

    async def page(self, request: PageRequest) -> Page[Partner]:
        """Partners by name."""
        return await self._partners.page(request)

    async def create(
        self,
        name: str,
        scopes: Iterable[Scope],
        channels: Iterable[Channel] | None = None,
        store_ids: Iterable[str] | None = None,
        by: Manager = OPERATOR,
        request: IdempotentRequest | None = None,
    ) -> tuple[Partner, str]:
        """A new partner and its secret, which is shown this once; None sets no limit.

        Raises NameInvalid, TooManyStores or the refusal for a store that does not exist.
        """
        secret = secrets.token_urlsafe(32)
        partner = Partner(
            id=f"partner-{secrets.token_hex(8)}",
            name=require_name(name, ["input", "name"]),
            scopes=frozenset(scopes),
            channels=None if channels is None else frozenset(channels),
            store_ids=None if store_ids is None else frozenset(store_ids),
            secret_hashes=(secret_hash(secret),),
            created_at=self._clock.now(),
        )
        if partner.store_ids is not None:
            await self._require_stores(partner.store_ids)

        async def act(session: Session) -> Document:
            await self._sessions.require_living(by, session)
            await self._partners.add(partner, session)
            await self._tell("PartnerCreated", partner.id, by, session)
            return {"partner_id": partner.id}

        made, secret = await self._idempotency.once_with_secret(request, secret, act)
        return await self._made(partner, made["partner_id"]), secret

    async def update(self, partner_id: str, update: PartnerUpdate, by: Manager = OPERATOR) -> Partner:
        """The partner after the update; its living tokens may do no more than that, everywhere within 30 s.

        Raises PartnerNotFound, and what `create` raises.
        """
        if not isinstance(update.name, Unchanged):
            update = replace(update, name=require_name(update.name, ["input", "name"]))
        if update.store_ids is not None and not isinstance(update.store_ids, Unchanged):
            await self._require_stores(update.store_ids)

        async def act(session: Session) -> Partner:
            await self._sessions.require_living(by, session)
            partner = await self._partners.change(partner_id, update, session)
            if partner is None:
                raise PartnerNotFound(path=["input", "partnerId"])
            await self._tell("PartnerUpdated", partner_id, by, session)
            return partner

        updated = await self._database.transaction(act)
        self._live.forget(partner_id)
        return updated

    async def rotate_secret(
        self, partner_id: str, by: Manager = OPERATOR, request: IdempotentRequest | None = None
    ) -> str:
        """A further secret, shown this once; the one before it goes on. Raises PartnerNotFound."""
        secret = secrets.token_urlsafe(32)

        async def act(session: Session) -> Document:
            await self._sessions.require_living(by, session)
            if not await self._partners.add_secret(partner_id, secret_hash(secret), LIVE_SECRETS, session):
                raise PartnerNotFound(path=["input", "partnerId"])
            await self._tell("PartnerSecretRotated", partner_id, by, session)
            return {}

        return (await self._idempotency.once_with_secret(request, secret, act))[1]

    async def remove(self, partner_id: str, by: Manager = OPERATOR) -> None:
        """Ends the partner; its tokens are dead within 30 s. Raises PartnerNotFound."""

        async def act(session: Session) -> None:
            await self._sessions.require_living(by, session)
            if not await self._partners.remove(partner_id, session):
                raise PartnerNotFound(path=["input", "partnerId"])
            await self._tell("PartnerRemoved", partner_id, by, session)

        await self._database.transaction(act)
        self._live.forget(partner_id)

    async def authenticate(self, partner_id: str, secret: str) -> Partner | None:
        """The partner, if this is one of its secrets."""
        partner = await self._partners.get(partner_id)
        given = secret_hash(secret)
        kept = partner.secret_hashes if partner else ("",)
        matches = [hmac.compare_digest(given, each) for each in kept]
        return partner if any(matches) else None

    def grant(self, partner: Partner, wanted: frozenset[Scope] | None) -> GrantedToken:
        """A token with the wanted scopes, or with all of the partner's. Raises ScopeUnknown."""
        scopes = partner.scopes if wanted is None else wanted
        if not scopes <= partner.scopes:
            raise ScopeUnknown
        names = sorted(scope.value for scope in scopes)
        return GrantedToken(self._tokens.issue_to_partner(partner.id, names, self._clock.now()), scopes)

    def known_actor(self, claims: PartnerClaims, now: datetime) -> PartnerActor | None:
        """The same as `actor`, if this process remembers the partner."""
        partner = self._live.known(claims.partner_id, now)
        return None if partner is None else actor_of(partner, claims.scopes)

    async def actor(self, claims: PartnerClaims) -> PartnerActor:
        """Who a token names, with what was granted then and is still its own. Raises TokenRefused.

        A change by another process counts within 30 s.
        """
        partner = await self._live.get(claims.partner_id)
        if partner is None:
            raise TokenRefused
        return actor_of(partner, claims.scopes)

    async def require_living(self, caller: PartnerActor | Manager, session: Session) -> None:
        """Raises Unauthenticated when the partner is gone, or may not do any more all that it came with, or
        when the manager's session has ended, whatever this process remembers.
        """
        if not isinstance(caller, PartnerActor):
            await self._sessions.require_living(caller, session)
            return
        partner = await self._partners.get(caller.partner_id, session)
        if partner is None or not caller.is_within(actor_of(partner)):
            self._live.forget(caller.partner_id)
            raise Unauthenticated

    async def _made(self, new: Partner, partner_id: str) -> Partner:
        """The partner with this id: the new one, or the one that was made the first time."""
        partner = new if partner_id == new.id else await self._partners.get(partner_id)
        if partner is None:
            raise PartnerNotFound
        return partner

    async def _load(self, partner_id: str, now: datetime) -> Partner | None:
        return await self._partners.get(partner_id)

    async def _require_stores(self, store_ids: Set[str]) -> None:
        if len(store_ids) > STORES_MAXIMUM:
            raise TooManyStores(path=["input", "storeIds"], maximum=STORES_MAXIMUM)
        await self._stores.require_all(sorted(store_ids), ["input", "storeIds"])

    async def _tell(self, what: str, partner_id: str, by: Manager, session: Session) -> None:
        event = Event(what, f"partner:{partner_id}", self._clock.now(), {"by": by.staff_id})
        await self._events.append(event, session)


def scopes_of(text: str) -> frozenset[Scope]:
    """The scopes in a list with spaces between them (RFC 6749, 3.3). Raises ScopeUnknown."""
    try:
        return frozenset(Scope(word) for word in text.split(" ") if word)
    except ValueError:
        raise ScopeUnknown from None
