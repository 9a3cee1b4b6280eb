"""What is asked of a stock level, and done to it, as MongoDB's expressions on its document."""

from datetime import datetime
from typing import Any

from app.inventory.rules import MAXIMUM_HELD_MOMENTS

Document = dict[str, Any]


def living(now: datetime) -> Document:
    """What is held at this moment, as an expression on a level."""
    return {"$filter": {"input": "$held", "cond": {"$gt": ["$$this.until", now]}}}


def pieces_of(held: Document) -> Document:
    return {"$sum": {"$map": {"input": held, "in": "$$this.quantity"}}}


def pieces_available(now: datetime) -> Document:
    """The pieces that somebody can still have at this moment, as an expression."""
    return {"$max": [0, _left(now)]}


def are_available(quantity: int, now: datetime) -> Document:
    """Whether the level has so many pieces for somebody, as an expression."""
    return {"$gte": [_left(now), quantity]}


def has_room(until: datetime, now: datetime) -> Document:
    """Whether one moment more fits among those until which the level is held."""
    others = {"$filter": {"input": living(now), "cond": {"$ne": ["$$this.until", until]}}}
    return {"$lt": [{"$size": others}, MAXIMUM_HELD_MOMENTS]}


def held_changed(until: datetime, quantity: int, now: datetime) -> Document:
    """The fields by which a level holds more or fewer pieces until a moment; what is over is swept out."""
    others = {"$filter": {"input": living(now), "cond": {"$ne": ["$$this.until", until]}}}
    same = {"$filter": {"input": living(now), "cond": {"$eq": ["$$this.until", until]}}}
    pieces = {"$add": [pieces_of(same), quantity]}
    left: Document = {"$cond": [{"$gt": ["$$pieces", 0]}, [{"until": until, "quantity": "$$pieces"}], []]}
    return {
        "held": {"$let": {"vars": {"pieces": pieces}, "in": {"$concatArrays": [others, left]}}},
        "revision": {"$add": ["$revision", 1]},
    }


def taken(quantity: int, now: datetime) -> Document:
    """The fields by which pieces leave a level, as one movement more."""
    return {
        "on_hand": {"$subtract": ["$on_hand", quantity]},
        "seq": {"$add": ["$seq", 1]},
        "moved_at": {"$max": ["$moved_at", now]},
    }


def _left(now: datetime) -> Document:
    return {"$subtract": ["$on_hand", {"$add": ["$safety", pieces_of(living(now))]}]}
