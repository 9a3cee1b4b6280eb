"""What every resolver is given: who calls, in which language, when, and the services.

A resolver that takes a `PublicInfo` cannot tell who calls: what it gives is the same for all who may read it
in the same language at the same moment.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any, TypeVar

import strawberry
from strawberry.dataloader import DataLoader

from app.auth.actor import ANONYMOUS, Actor, MemberActor, PartnerActor, StaffActor
from app.auth.tokens import SignedIn
from app.catalog.model import DescribedProduct, Product
from app.inventory.model import StockKey, StockLevel
from app.inventory.obtaining import StoreAvailability
from app.members.model import Member
from app.services import Services
from app.shared.errors import Forbidden, Unauthenticated
from app.shared.i18n import DEFAULT_LANGUAGE, Language
from app.shared.mongodb.reading import Reads
from app.shared.networks import network_of
from app.shared.paging import Page
from app.stores.model import Store
from graphql_schema.budget import Budget, Charge
from graphql_schema.inventory.reads import StockOfStore, reads_of_availability, reads_of_stock
from graphql_schema.listeners import Listeners
from graphql_schema.read_once import ReadOnce

Kind = TypeVar("Kind", MemberActor, StaffActor, PartnerActor)


@dataclass
class PublicContext:
    """What is the same for whoever asks at this moment in this language."""

    services: Services
    now: datetime

    @property
    def language(self) -> Language:
        raise NotImplementedError

    @cached_property
    def gathered(self) -> dict[int, DataLoader[Any, Any]]:
        """Those for whom graphql-core wants the same column (`columns`)."""
        return {}

    @cached_property
    def products_of_skus(self) -> ReadOnce[str, Product | None]:
        return ReadOnce(self._read_products_of_skus)

    @cached_property
    def described_products(self) -> ReadOnce[str, DescribedProduct]:
        return ReadOnce(self._read_described_products)

    async def _read_described_products(self, product_ids: list[str]) -> Sequence[DescribedProduct]:
        products = await self.services.catalog.described(product_ids)
        return [products[product_id] for product_id in product_ids]

    async def _read_products_of_skus(self, sku_ids: list[str]) -> Sequence[Product | None]:
        products = await self.services.catalog.products_of_skus(sku_ids)
        return [products.get(sku_id) for sku_id in sku_ids]


@dataclass
class SharedContext(PublicContext):
    """What an answer is made in that is for many: nobody in particular asks."""

    told_in: Language

    @property
    def language(self) -> Language:
        return self.told_in


@dataclass
class Context(PublicContext):
    """One request. `accepted_language` is what its `Accept-Language` header asks for, if we speak it.

    Only who `may_introspect` reads the schema by queries and is given hints at its names.
    `let_in` are the members whom this very request has let in, by their ids, each in her new session;
    `let_in_ids` are the staff and devices. Their answers are theirs to read. `shown_coupons` are those in the
    answer that their member sees for the first time.
    """

    actor: Actor
    accepted_language: Language | None
    may_introspect: bool
    client_address: str
    budget: Budget
    listeners: Listeners
    let_in: dict[str, MemberActor] = field(default_factory=dict)
    let_in_ids: set[str] = field(default_factory=set)
    shown_coupons: set[str] = field(default_factory=set)

    @cached_property
    def reads(self) -> Reads:
        return Reads(self.services.database)

    @cached_property
    def stores(self) -> ReadOnce[str, Store | None]:
        return ReadOnce(self._read_stores)

    @cached_property
    def stock(self) -> ReadOnce[StockOfStore, Page[StockLevel]]:
        return reads_of_stock(self.services, self.actor)

    @cached_property
    def availabilities(self) -> ReadOnce[StockKey, StoreAvailability]:
        return reads_of_availability(self.services)

    async def finish(self) -> None:
        """What is done after the answer: nobody waits for it."""
        if self.shown_coupons:
            shown = frozenset(self.shown_coupons)
            self.shown_coupons.clear()
            await self.services.coupons.wallet.mark_seen(shown)

    def renew(self, moment: datetime) -> None:
        """Makes it another moment, for the next event: nothing that was read before is known any more."""
        self.now = moment
        for name in READ & self.__dict__.keys():
            delattr(self, name)

    @property
    def network(self) -> str:
        """The network that the request came from."""
        return network_of(self.client_address)

    @property
    def caller(self) -> str:
        """Who is counted: a member, staff member or partner by herself, a stranger by the network."""
        match self.actor:
            case MemberActor(member_id=member_id):
                return f"member:{member_id}"
            case StaffActor(staff_id=staff_id):
                return f"staff:{staff_id}"
            case PartnerActor(partner_id=partner_id):
                return f"partner:{partner_id}"
            case _:
                return f"network:{self.network}"

    def charge(self, cost: int) -> Charge:
        return self.budget.charge(self.caller, cost, self.now)

    @property
    def language(self) -> Language:
        """The header's language, or else the member's or staff member's own."""
        if self.accepted_language is not None:
            return self.accepted_language
        return self.actor.language if isinstance(self.actor, MemberActor | StaffActor) else DEFAULT_LANGUAGE

    def let_in_member(self, member: Member, signed_in: SignedIn) -> None:
        """Has the member read her own by the session that was just opened, whoever else calls."""
        self.let_in[member.id] = MemberActor(member.id, signed_in.session_id, member.language)

    def member_actor(self, member_id: str) -> MemberActor | None:
        """This member as she reads her own: by the session that this request opened, or that it came with."""
        if member_id in self.let_in:
            return self.let_in[member_id]
        if isinstance(self.actor, MemberActor) and self.actor.member_id == member_id:
            return self.actor
        return None

    def require_owner(self, member_id: str) -> MemberActor:
        """The member whose thing is read, as she reads it. Raises Unauthenticated for everybody else."""
        owner = self.member_actor(member_id)
        if owner is None:
            raise Unauthenticated
        return owner

    def require_member(self) -> MemberActor:
        """The calling member. Raises Unauthenticated or Forbidden."""
        return self._require(MemberActor)

    def require_staff(self) -> StaffActor:
        """The calling staff member. Raises Unauthenticated or Forbidden."""
        return self._require(StaffActor)

    def require_session(self) -> MemberActor | StaffActor:
        """The calling member or staff member. Raises Unauthenticated or Forbidden."""
        return self.actor if isinstance(self.actor, StaffActor) else self.require_member()

    def require_partner(self) -> PartnerActor:
        """The calling partner. Raises Unauthenticated or Forbidden."""
        return self._require(PartnerActor)

    def require_partner_or_staff(self) -> PartnerActor | StaffActor:
        """The calling partner or staff member. Raises Unauthenticated or Forbidden."""
        return self.actor if isinstance(self.actor, StaffActor) else self.require_partner()

    def _require(self, kind: type[Kind]) -> Kind:
        if isinstance(self.actor, kind):
            return self.actor
        raise Unauthenticated if self.actor == ANONYMOUS else Forbidden

    async def _read_stores(self, store_ids: list[str]) -> Sequence[Store | None]:
        stores = {store.id: store for store in await self.services.stores.get_many(store_ids)}
        return [stores.get(store_id) for store_id in store_ids]


READ = {
    name
    for kind in (PublicContext, Context)
    for name, each in vars(kind).items()
    if isinstance(each, cached_property)
}

PublicInfo = strawberry.Info[PublicContext, None]
Info = strawberry.Info[Context, None]
