"""What every resolver is given: who calls, in which language, when, and the services."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

import strawberry
from strawberry.dataloader import DataLoader

from app.auth.actor import ANONYMOUS, Actor, MemberActor, PartnerActor
from app.services import Services
from app.shared.errors import Forbidden, Unauthenticated
from app.shared.i18n import DEFAULT_LANGUAGE, Language
from app.stores.model import Store
from graphql_schema.budget import Budget, Charge

Kind = TypeVar("Kind", MemberActor, PartnerActor)


@dataclass
class Context:
    """One request. `accepted_language` is what its `Accept-Language` header asks for, if we speak it.

    Only who `may_introspect` reads the schema by queries and is given hints at its names.
    `signed_in_member_ids` are those whom this very request has signed in: their answers are theirs to read.
    """

    services: Services
    actor: Actor
    accepted_language: Language | None
    now: datetime
    may_introspect: bool
    client_address: str
    budget: Budget
    signed_in_member_ids: set[str] = field(default_factory=set)
    store_loader: DataLoader[str, Store | None] = field(init=False)

    def __post_init__(self) -> None:
        self.store_loader = DataLoader(load_fn=self._load_stores)

    def charge(self, cost: int) -> Charge:
        """Charges the caller: a member or partner by herself, a stranger by the address."""
        match self.actor:
            case MemberActor(member_id=member_id):
                caller = f"member:{member_id}"
            case PartnerActor(partner_id=partner_id):
                caller = f"partner:{partner_id}"
            case _:
                caller = f"address:{self.client_address}"
        return self.budget.charge(caller, cost, self.now)

    @property
    def language(self) -> Language:
        """The header's language, or else the member's own."""
        if self.accepted_language is not None:
            return self.accepted_language
        return self.actor.language if isinstance(self.actor, MemberActor) else DEFAULT_LANGUAGE

    def require_member(self) -> MemberActor:
        """The calling member. Raises Unauthenticated or Forbidden."""
        return self._require(MemberActor)

    def require_partner(self) -> PartnerActor:
        """The calling partner. Raises Unauthenticated or Forbidden."""
        return self._require(PartnerActor)

    def _require(self, kind: type[Kind]) -> Kind:
        if isinstance(self.actor, kind):
            return self.actor
        raise Unauthenticated if self.actor == ANONYMOUS else Forbidden

    async def _load_stores(self, store_ids: list[str]) -> Sequence[Store | None]:
        stores = {store.id: store for store in await self.services.stores.get_many(store_ids)}
        return [stores.get(store_id) for store_id in store_ids]


Info = strawberry.Info[Context, None]
