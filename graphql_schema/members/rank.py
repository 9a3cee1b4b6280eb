"""The rank, as an enum of the schema."""

import strawberry

from app.members.model import Rank

strawberry.enum(Rank, description="The membership tier, from the lowest to the highest.")

__all__ = ["Rank"]
