"""Partners. Readable by headquarters, and by each partner itself."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

import strawberry

from app.auth import partners as model
from app.auth.partners import Scope
from app.shared.channels import Channel
from app.shared.paging import PageRequest
from graphql_schema.columns import column
from graphql_schema.connections import After, Connection, First, connection_of
from graphql_schema.context import Info
from graphql_schema.node import Node, encode_id
from graphql_schema.repetition import KEY_OF_SECRET
from graphql_schema.results import Rejected
from graphql_schema.stores.types import Store, load_audiences
from graphql_schema.webhooks.types import WebhookEndpoint, webhook_endpoint_node

strawberry.enum(
    Scope,
    description=(
        "What a partner may do: CARDS_VERIFY, verify card codes; COUPONS_REDEEM, redeem coupons; "
        "SCHEMA_READ, read this schema in production; EVENTS_READ, read events and have them posted: "
        "with CHECK_INS_READ those of check-ins, "
        "with COUPONS_READ those of offers and coupons, "
        "with MEMBERS_READ those of members, with ORDERS_READ those of orders, with PAYMENTS_READ those of "
        "payments. In OAuth they are written as in `cards:verify`."
    ),
)


@strawberry.type(
    description="A system that calls us, such as a till. Readable by headquarters and by the partner itself."
)
class Partner(Node):
    partner: strawberry.Private[model.Partner]

    @property
    def partner_id(self) -> str:
        return self.partner.id

    @strawberry.field(description="The client id with which it asks for tokens at `/oauth/token`.")
    def client_id(self) -> str:
        return self.partner.id

    @strawberry.field(description="What people call it, 1 to 40 characters.")
    def name(self) -> str:
        return self.partner.name

    @strawberry.field(description="What it may do.")
    def scopes(self) -> list[Scope]:
        return sorted(self.partner.scopes)

    @strawberry.field(description="The channels it may act for; null for all.")
    def channels(self) -> list[Channel] | None:
        return None if self.partner.channels is None else sorted(self.partner.channels)

    @column(description="The stores it may act for, at most 100; null for all.")
    @staticmethod
    async def stores(partners: Sequence["Partner"], info: Info) -> Sequence[list[Store] | Exception | None]:
        return await load_audiences([each.partner.store_ids for each in partners], info)

    @strawberry.field(
        description="Where it is told of events, at most 10. Readable with the scope events:read, too."
    )
    async def webhook_endpoints(
        self, info: Info, first: First = 20, after: After = None
    ) -> Connection[WebhookEndpoint]:
        page = await info.context.services.webhooks.of_partner(self.partner.id, PageRequest(first, after))
        return connection_of(page, webhook_endpoint_node)

    @strawberry.field(description="When it was made.")
    def created_at(self) -> datetime:
        return self.partner.created_at


PartnerConnection = Connection[Partner]


@strawberry.input(description="A partner to be.")
class CreatePartnerInput:
    name: str = strawberry.field(description="What people call it, 1 to 40 characters that can be shown.")
    scopes: list[Scope] = strawberry.field(description="What it may do.")
    channels: list[Channel] | None = strawberry.field(
        default=None, description="The channels it may act for; null for all."
    )
    store_ids: list[strawberry.ID] | None = strawberry.field(
        default=None, description="The stores it may act for, at most 100; null for all."
    )
    idempotency_key: str | None = strawberry.field(default=None, description=KEY_OF_SECRET)


@strawberry.type(description="The partner is made.")
class PartnerCreated:
    partner: Partner = strawberry.field(description="The partner.")
    client_secret: str = strawberry.field(description="Its secret. Shown this once: only its hash is kept.")


@strawberry.input(description="What shall become of a partner. A field left out stays as it is.")
class UpdatePartnerInput:
    partner_id: strawberry.ID = strawberry.field(description="The partner.")
    name: str | None = strawberry.field(
        default=strawberry.UNSET, description="1 to 40 characters that can be shown; null changes nothing."
    )
    scopes: list[Scope] | None = strawberry.field(
        default=strawberry.UNSET, description="What it may do; null changes nothing."
    )
    channels: list[Channel] | None = strawberry.field(
        default=strawberry.UNSET, description="The channels it may act for; null for all."
    )
    store_ids: list[strawberry.ID] | None = strawberry.field(
        default=strawberry.UNSET, description="The stores it may act for, at most 100; null for all."
    )


@strawberry.type(description="The partner may do this from now on, and everywhere within 30 s.")
class PartnerUpdated:
    partner: Partner = strawberry.field(description="The partner as it is now.")


@strawberry.input(description="A partner that wants another secret.")
class RotatePartnerSecretInput:
    partner_id: strawberry.ID = strawberry.field(description="The partner.")
    idempotency_key: str | None = strawberry.field(default=None, description=KEY_OF_SECRET)


@strawberry.type(description="The partner has a further secret; the one before goes on, any older one ends.")
class PartnerSecretRotated:
    client_secret: str = strawberry.field(description="The secret. Shown this once: only its hash is kept.")


@strawberry.input(description="A partner to end.")
class RemovePartnerInput:
    partner_id: strawberry.ID = strawberry.field(description="The partner.")


@strawberry.type(description="The partner has ended; its tokens are dead everywhere within 30 s.")
class PartnerRemoved:
    partner_id: strawberry.ID = strawberry.field(description="The partner that was.")


CreatePartnerResult = Annotated[PartnerCreated | Rejected, strawberry.union("CreatePartnerResult")]
UpdatePartnerResult = Annotated[PartnerUpdated | Rejected, strawberry.union("UpdatePartnerResult")]
RotatePartnerSecretResult = Annotated[
    PartnerSecretRotated | Rejected, strawberry.union("RotatePartnerSecretResult")
]
RemovePartnerResult = Annotated[PartnerRemoved | Rejected, strawberry.union("RemovePartnerResult")]


def partner_node(partner: model.Partner) -> Partner:
    return Partner(id=encode_id("Partner", partner.id), partner=partner)
