"""That each collection can be spread over shards in the way that is declared."""

import re
from pathlib import Path

import pytest
from pymongo import IndexModel

from app.collections import COLLECTIONS
from app.sharding import SHARDING, OnOneShard, Sharded
from app.shared.mongodb.database import CollectionDefinition

README = Path(__file__).parents[2] / "README.md"
SHARDED = [each for each in COLLECTIONS if isinstance(SHARDING.get(each.name), Sharded)]


def first_field(index: IndexModel) -> str:
    return str(next(iter(index.document["key"])))


def uniques(definition: CollectionDefinition) -> list[IndexModel]:
    return [index for index in definition.indexes if index.document.get("unique")]


def test_it_is_declared_for_every_collection() -> None:
    assert SHARDING.keys() == {each.name for each in COLLECTIONS}


@pytest.mark.parametrize("definition", SHARDED, ids=lambda each: each.name)
def test_unique_indexes_begin_with_the_shard_key(definition: CollectionDefinition) -> None:
    sharding = SHARDING[definition.name]
    assert isinstance(sharding, Sharded)
    assert {first_field(index) for index in uniques(definition)} <= {sharding.by}


@pytest.mark.parametrize("definition", SHARDED, ids=lambda each: each.name)
def test_an_index_of_all_documents_begins_with_the_shard_key(definition: CollectionDefinition) -> None:
    """MongoDB wants one to shard by that is neither partial nor sparse; of `_id` there always is."""
    sharding = SHARDING[definition.name]
    assert isinstance(sharding, Sharded)
    whole = [
        index
        for index in definition.indexes
        if not {"partialFilterExpression", "sparse"} & index.document.keys()
    ]
    assert sharding.by == "_id" or sharding.by in map(first_field, whole)


@pytest.mark.parametrize("definition", SHARDED, ids=lambda each: each.name)
def test_every_document_has_its_shard_key(definition: CollectionDefinition) -> None:
    sharding = SHARDING[definition.name]
    assert isinstance(sharding, Sharded)
    schemas = definition.validator.get("anyOf", [definition.validator])
    assert all(sharding.by in schema["required"] for schema in schemas)


def test_the_readme_says_it_of_each_collection() -> None:
    text = README.read_text(encoding="utf-8")
    rows = re.findall(r"^\| (`[^|]+`) \| (`\w+`|one shard) \| (.+) \|$", text, re.MULTILINE)
    told = {name: (key, why) for names, key, why in rows for name in re.findall(r"`(\w+)`", names)}
    declared = {
        name: ("one shard" if isinstance(each, OnOneShard) else f"`{each.by}`", each.why)
        for name, each in SHARDING.items()
    }
    assert {name: told.get(name) for name in declared} == declared
