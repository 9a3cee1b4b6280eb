"""Adds up in MongoDB what came of an offer."""

from datetime import timedelta
from typing import Any

from app.coupons.model import CouponState
from app.coupons.repository import COUPONS
from app.decisions.model import CHOSEN, Outcome
from app.decisions.repository import OFFER_DECISIONS
from app.offer_reports.model import CouponCounts, Group
from app.purchases.repository import PURCHASES
from app.shared.mongodb.database import Database, Document

MAXIMUM_DECISIONS = 200_000

# A group by whether it was held out, and the variant that it got or would have got.
GroupName = tuple[bool, str | None]


class OfferReportRepository:
    """Reads coupons, decisions and purchases."""

    def __init__(self, database: Database) -> None:
        self._coupons = database.collection(COUPONS)
        self._decisions = database.collection(OFFER_DECISIONS)

    async def coupons(self, offer_id: str) -> dict[str | None, CouponCounts]:
        """The coupons of the offer by variant."""
        found = await self._coupons.aggregate(
            [
                {"$match": {"offer_id": offer_id}},
                {
                    "$group": {
                        "_id": "$variant",
                        "issued": {"$sum": 1},
                        "seen": _how_many({"$ne": ["$seen_at", None]}),
                        "redeemed": _how_many({"$eq": ["$state", CouponState.REDEEMED.value]}),
                    }
                },
            ]
        )
        return {each["_id"]: CouponCounts(each["issued"], each["seen"], each["redeemed"]) for each in found}

    async def groups(self, offer_id: str, attributed: timedelta) -> tuple[dict[GroupName, Group], bool]:
        """What the members spent for so long after the first time that they got the offer, or would have.

        And whether those are all; of more than 200,000 decisions, the first ones are looked at.
        """
        found = await self._decisions.aggregate(
            [*_first_decisions(offer_id), *_purchases_of(attributed), *_by_group()]
        )
        groups = {(each["_id"]["held_out"], each["_id"]["variant"]): _group_from(each) for each in found}
        return groups, sum(each["decisions"] for each in found) < MAXIMUM_DECISIONS


def _first_decisions(offer_id: str) -> list[Document]:
    """Each member's first decision by which she got the offer, or would have."""
    outcomes = sorted(each.value for each in CHOSEN)
    chosen = {"offer_id": offer_id, "outcome": {"$in": outcomes}}
    return [
        {
            "$match": {
                "verdicts.offer_id": offer_id,
                "verdicts": {"$elemMatch": chosen},
                "member_id": {"$type": "string"},
            }
        },
        {"$sort": {"decided_at": 1}},
        {"$limit": MAXIMUM_DECISIONS},
        {"$unwind": "$verdicts"},
        {"$match": {"verdicts.offer_id": offer_id, "verdicts.outcome": {"$in": outcomes}}},
        {
            "$group": {
                "_id": "$member_id",
                "decided_at": {"$first": "$decided_at"},
                "outcome": {"$first": "$verdicts.outcome"},
                "variant": {"$first": "$verdicts.variant"},
                "decisions": {"$sum": 1},
            }
        },
    ]


def _purchases_of(attributed: timedelta) -> list[Document]:
    """What each member bought and kept in the time after the decision."""
    until = {"$add": ["$$from", attributed.total_seconds() * 1_000]}
    in_time = [{"$gte": ["$occurred_at", "$$from"]}, {"$lt": ["$occurred_at", until]}]
    kept = {"$subtract": ["$total", {"$sum": "$lines.amount_returned"}]}
    return [
        {
            "$lookup": {
                "from": PURCHASES.name,
                "localField": "_id",
                "foreignField": "member_id",
                "let": {"from": "$decided_at"},
                "pipeline": [
                    {"$match": {"$expr": {"$and": in_time}}},
                    {"$project": {"_id": 0, "kept": kept}},
                ],
                "as": "bought",
            }
        },
        {"$set": {"revenue": {"$sum": "$bought.kept"}}},
    ]


def _by_group() -> list[Document]:
    return [
        {
            "$group": {
                "_id": {
                    "held_out": {"$eq": ["$outcome", Outcome.HELD_OUT.value]},
                    "variant": "$variant",
                },
                "members": {"$sum": 1},
                "buyers": _how_many({"$gt": ["$revenue", 0]}),
                "revenue": {"$sum": "$revenue"},
                "squares": {"$sum": {"$multiply": [{"$toDecimal": "$revenue"}, {"$toDecimal": "$revenue"}]}},
                "decisions": {"$sum": "$decisions"},
            }
        }
    ]


def _how_many(condition: Document) -> Document:
    return {"$sum": {"$cond": [condition, 1, 0]}}


def _group_from(found: dict[str, Any]) -> Group:
    squares = int(found["squares"].to_decimal())
    return Group(found["members"], found["buyers"], found["revenue"], squares)
