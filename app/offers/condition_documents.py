"""Conditions as MongoDB keeps them: each node a document that names its kind."""

from dataclasses import fields
from types import MappingProxyType
from typing import Any

from app.members.model import Rank
from app.offers import conditions
from app.offers.conditions import AllOf, AnyOf, Condition, Leaf, NearStore, Not, OnWeekdays, RankAtLeast
from app.shared.geo import GeoPoint
from app.shared.mongodb.collection import Document

LEAVES = MappingProxyType(
    {
        kind.__name__: kind
        for kind in (
            conditions.RankAtLeast,
            conditions.MilesAtLeast,
            conditions.InSegment,
            conditions.SeenWithin,
            conditions.AbsentFor,
            conditions.VisitsAtLeast,
            conditions.BoughtAtLeast,
            conditions.SpentAtLeast,
            conditions.BirthdayMonth,
            conditions.InterestedInCategory,
            conditions.InterestedInBrand,
            conditions.NearStore,
            conditions.OnWeekdays,
            conditions.BetweenHours,
            conditions.NewWithin,
            conditions.HasUsed,
        )
    }
)


def condition_document(condition: Condition) -> Document:
    match condition:
        case AllOf(conditions=inner) | AnyOf(conditions=inner):
            return {
                "kind": type(condition).__name__,
                "conditions": [condition_document(each) for each in inner],
            }
        case Not(condition=negated):
            return {"kind": "Not", "condition": condition_document(negated)}
        case _:
            return leaf_document(condition)


def condition_from(found: Document) -> Condition:
    match found["kind"]:
        case "AllOf":
            return AllOf(tuple(condition_from(each) for each in found["conditions"]))
        case "AnyOf":
            return AnyOf(tuple(condition_from(each) for each in found["conditions"]))
        case "Not":
            return Not(condition_from(found["condition"]))
        case _:
            return leaf_from(found)


def leaf_document(leaf: Leaf) -> Document:
    values = {field.name: _plain(getattr(leaf, field.name)) for field in fields(leaf)}
    return {"kind": type(leaf).__name__, **values}


def leaf_from(found: Document) -> Leaf:
    values = {name: value for name, value in found.items() if name != "kind"}
    kind = LEAVES[found["kind"]]
    if kind is RankAtLeast:
        return RankAtLeast(Rank(values["rank"]))
    if kind is NearStore:
        latitude, longitude = values["place"]
        return NearStore(values["store_id"], values["radius_meters"], GeoPoint(latitude, longitude))
    if kind is OnWeekdays:
        return OnWeekdays(tuple(values["weekdays"]))
    leaf: Leaf = kind(**values)
    return leaf


def _plain(value: Any) -> Any:
    match value:
        case Rank():
            return value.value
        case GeoPoint(latitude=latitude, longitude=longitude):
            return [latitude, longitude]
        case tuple():
            return list(value)
        case _:
            return value
