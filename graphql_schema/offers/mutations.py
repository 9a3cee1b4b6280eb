"""What headquarters do with offers and segments."""

import strawberry

from app.offers.model import OfferMove
from graphql_schema.context import Info
from graphql_schema.node import key_of
from graphql_schema.offers.condition_inputs import condition_of
from graphql_schema.offers.inputs import (
    CreateOfferInput,
    DefineSegmentInput,
    OfferInput,
    UpdateOfferInput,
    terms_of,
)
from graphql_schema.offers.results import DefineSegmentResult, OfferResult, OfferSaved, SegmentDefined
from graphql_schema.offers.types import offer_node, segment_node
from graphql_schema.repetition import request_of

OFFER_PATH = ["input", "offerId"]


@strawberry.type
class OfferMutations:
    @strawberry.mutation(description="A new offer, as a draft. For headquarters.")
    async def create_offer(self, info: Info, input: CreateOfferInput) -> OfferResult:
        request = request_of(info, "createOffer", input)
        offer = await info.context.services.offers.create(terms_of(input.terms), request)
        return OfferSaved(offer=offer_node(offer))

    @strawberry.mutation(
        description=(
            "Changes what an offer says for coupons that are issued from now on; those that are issued keep "
            "the version that they have. For headquarters."
        )
    )
    async def update_offer(self, info: Info, input: UpdateOfferInput) -> OfferResult:
        offer_id = key_of(input.offer_id, "Offer", OFFER_PATH)
        offer = await info.context.services.offers.update(offer_id, input.version, terms_of(input.terms))
        return OfferSaved(offer=offer_node(offer))

    @strawberry.mutation(
        description="A draft is SCHEDULED until it begins, and ACTIVE from then on. For headquarters."
    )
    async def publish_offer(self, info: Info, input: OfferInput) -> OfferResult:
        return await _move(info, input, OfferMove.PUBLISH)

    @strawberry.mutation(
        description="Nobody gets it or uses its coupons until it is resumed. For headquarters."
    )
    async def pause_offer(self, info: Info, input: OfferInput) -> OfferResult:
        return await _move(info, input, OfferMove.PAUSE)

    @strawberry.mutation(description="A paused offer goes on. For headquarters.")
    async def resume_offer(self, info: Info, input: OfferInput) -> OfferResult:
        return await _move(info, input, OfferMove.RESUME)

    @strawberry.mutation(
        description="Nobody gets it any more; coupons that are issued stay good. For headquarters."
    )
    async def end_offer(self, info: Info, input: OfferInput) -> OfferResult:
        return await _move(info, input, OfferMove.END)

    @strawberry.mutation(description="Says who belongs to a segment. For headquarters.")
    async def define_segment(self, info: Info, input: DefineSegmentInput) -> DefineSegmentResult:
        segment = await info.context.services.offers.define_segment(
            input.code, input.names.to_model(), condition_of(input.condition, ("input", "condition"))
        )
        return SegmentDefined(segment=segment_node(segment))


async def _move(info: Info, input: OfferInput, move: OfferMove) -> OfferSaved:
    offer_id = key_of(input.offer_id, "Offer", OFFER_PATH)
    return OfferSaved(offer=offer_node(await info.context.services.offers.move(offer_id, move)))
