"""What changes to offers and segments answer."""

from typing import Annotated

import strawberry

from graphql_schema.offers.types import Offer, Segment
from graphql_schema.results import Rejected


@strawberry.type(description="The offer is there, or has changed.")
class OfferSaved:
    offer: Offer = strawberry.field(description="The offer as it is now.")


@strawberry.type(description="The segment is defined.")
class SegmentDefined:
    segment: Segment = strawberry.field(description="The segment as it is now.")


OfferResult = Annotated[OfferSaved | Rejected, strawberry.union("OfferResult")]
DefineSegmentResult = Annotated[SegmentDefined | Rejected, strawberry.union("DefineSegmentResult")]
