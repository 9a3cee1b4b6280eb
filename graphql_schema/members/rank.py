"""The rank and how it changed. A member's changes are readable by herself."""

from datetime import datetime

import strawberry

from app.members import ranks
from app.members.model import Rank
from app.members.ranks import RankReason

strawberry.enum(Rank, description="The membership tier, from the lowest to the highest.")
strawberry.enum(RankReason, description="Why a rank changed.")

__all__ = ["Rank", "RankChange", "RankReason", "rank_change_node"]


@strawberry.type(description="A change of a member's rank. Readable by the member herself.")
class RankChange:
    owner_id: strawberry.Private[str]
    before: Rank = strawberry.field(description="The rank that she had.")
    after: Rank = strawberry.field(description="The rank that she has had since.")
    reason: RankReason = strawberry.field(description="What changed it.")
    changed_at: datetime = strawberry.field(description="From this moment on it counts.")


def rank_change_node(change: ranks.RankChange) -> RankChange:
    return RankChange(
        owner_id=change.member_id,
        before=change.before,
        after=change.after,
        reason=change.reason,
        changed_at=change.changed_at,
    )
