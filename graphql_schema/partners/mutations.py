"""Making partners, changing what they may do, ending them."""

import strawberry

from app.auth.partners import PartnerUpdate
from graphql_schema.context import Info
from graphql_schema.node import key_of
from graphql_schema.partners.types import (
    CreatePartnerInput,
    CreatePartnerResult,
    PartnerCreated,
    PartnerRemoved,
    PartnerSecretRotated,
    PartnerUpdated,
    RemovePartnerInput,
    RemovePartnerResult,
    RotatePartnerSecretInput,
    RotatePartnerSecretResult,
    UpdatePartnerInput,
    UpdatePartnerResult,
    partner_node,
)
from graphql_schema.repetition import request_of
from graphql_schema.updates import kept, kept_or_unchanged


@strawberry.type
class PartnerMutations:
    @strawberry.mutation(description="Makes a partner; its secret is shown once. For headquarters.")
    async def create_partner(self, info: Info, input: CreatePartnerInput) -> CreatePartnerResult:
        partner, secret = await info.context.services.partners.create(
            input.name,
            input.scopes,
            input.channels,
            None if input.store_ids is None else _store_keys(input.store_ids),
            by=info.context.require_staff(),
            request=request_of(info, "createPartner", input),
        )
        return PartnerCreated(partner=partner_node(partner), client_secret=secret)

    @strawberry.mutation(
        description=(
            "Changes what a partner is called and may do; its living tokens may do no more, everywhere "
            "within 30 s. For headquarters."
        )
    )
    async def update_partner(self, info: Info, input: UpdatePartnerInput) -> UpdatePartnerResult:
        update = PartnerUpdate(
            name=kept_or_unchanged(input.name, str),
            scopes=kept_or_unchanged(input.scopes, frozenset),
            channels=kept(input.channels, frozenset),
            store_ids=kept(input.store_ids, _store_keys),
        )
        partner = await info.context.services.partners.update(
            _partner_key(input.partner_id), update, by=info.context.require_staff()
        )
        return PartnerUpdated(partner=partner_node(partner))

    @strawberry.mutation(
        description="Gives a partner a further secret; the one before it goes on. For headquarters."
    )
    async def rotate_partner_secret(
        self, info: Info, input: RotatePartnerSecretInput
    ) -> RotatePartnerSecretResult:
        secret = await info.context.services.partners.rotate_secret(
            _partner_key(input.partner_id),
            by=info.context.require_staff(),
            request=request_of(info, "rotatePartnerSecret", input),
        )
        return PartnerSecretRotated(client_secret=secret)

    @strawberry.mutation(description="Ends a partner; its tokens are dead within 30 s. For headquarters.")
    async def remove_partner(self, info: Info, input: RemovePartnerInput) -> RemovePartnerResult:
        await info.context.services.partners.remove(
            _partner_key(input.partner_id), by=info.context.require_staff()
        )
        return PartnerRemoved(partner_id=input.partner_id)


def _partner_key(partner_id: strawberry.ID) -> str:
    return key_of(partner_id, "Partner", ["input", "partnerId"])


def _store_keys(store_ids: list[strawberry.ID]) -> frozenset[str]:
    return frozenset(key_of(store_id, "Store", ["input", "storeIds"]) for store_id in store_ids)
