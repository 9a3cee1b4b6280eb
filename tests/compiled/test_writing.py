"""The functions that are written for an operation, as text."""

import subprocess
import sys

import pytest

from graphql_schema.compiled.official import official_plans
from graphql_schema.compiled.plans import plan_of
from graphql_schema.documents import HASHES
from graphql_schema.schema import schema

FOR_ANYBODY = """\
def select(source, place, execution):
    answer = {}
    waiting = ()
    try:
        found = answer['id'] = step_0(source, place, execution)
        if found.__class__ is CoroutineType:
            waiting += ('id',)
        found = answer['day'] = step_1(source, place, execution)
        if found.__class__ is CoroutineType:
            waiting += ('day',)
    except Exception:
        settle([answer[key] for key in waiting])
        raise
    return all_of(answer, waiting) if waiting else answer
"""
FOR_READERS = """\
def select(source, place, execution):
    try:
        is_reader = execution.admits(readers, source)
    except Exception:
        is_reader = False
    if not is_reader:
        return for_anybody(source, place, execution)
    answer = {}
    waiting = ()
    try:
        try:
            value = source.id
            if value.__class__ is kind_0:
                answer['id'] = value
            else:
                found = answer['id'] = rest_0(value, place, execution)
                if found.__class__ is CoroutineType:
                    waiting += ('id',)
        except Exception as error:
            answer['id'] = execution.failed(error, nodes_0, (place, 'id', 'CheckIn'), True)
        try:
            value = source.check_in.store_day
            if value.__class__ is kind_1:
                answer['day'] = write_1(value)
            else:
                found = answer['day'] = rest_1(value, place, execution)
                if found.__class__ is CoroutineType:
                    waiting += ('day',)
        except Exception as error:
            answer['day'] = execution.failed(error, nodes_1, (place, 'day', 'CheckIn'), True)
    except Exception:
        settle([answer[key] for key in waiting])
        raise
    return all_of(answer, waiting) if waiting else answer
"""
WRITES_AN_OBJECT = """\
        try:
            value = source.node
            if value.__class__ in known_0:
                found = answer['node'] = select_0(value, (place, 'node', 'CheckInEdge'), execution)
                if found.__class__ is CoroutineType:
                    answer['node'] = answer_later_0(found, (place, 'node', 'CheckInEdge'), execution)
                    waiting += ('node',)
            else:
"""

NOTES_FOR_A_COLUMN = """\
    try:
        answer['store'] = None
        execution.noted[column_0].append((source, place, answer))
"""
NOTES_FOR_READERS = """\
        answer['store'] = None
        try:
            execution.require(guard_0, source)
            execution.noted[column_0].append((source, place, answer))
        except Exception as error:
            execution.failed(error, nodes_0, (place, 'store', 'CheckIn'), False)
"""


def test_what_is_written_for_an_object_and_its_readers() -> None:
    plan = plan_of(schema, "{ me { checkIns { edges { node { id day: storeDay } } } } }")
    assert plan.functions[:2] == [FOR_ANYBODY, FOR_READERS]
    assert WRITES_AN_OBJECT in plan.functions[2]


def test_an_object_is_noted_down_for_a_column_by_its_readers_alone() -> None:
    plan = plan_of(schema, "{ me { checkIns { nodes { store { name } } } } }")
    _, for_anybody, for_readers, *_ = plan.functions
    assert NOTES_FOR_READERS in for_anybody
    assert "require" not in for_readers
    assert NOTES_FOR_A_COLUMN in for_readers


def test_a_method_that_does_more_than_read_an_attribute_is_called() -> None:
    plan = plan_of(schema, "{ me { checkIns { nodes { distanceMeters pointsAwarded } } } }")
    for_readers = plan.functions[1]
    assert "value = find_0(source)" in for_readers
    assert "value = source.check_in.points_awarded" in for_readers


@pytest.mark.parametrize("name", ["home", "place_order"])
def test_a_command_shows_what_is_written_for_an_operation(name: str) -> None:
    command = [sys.executable, "-m", "graphql_schema.compiled", name]
    shown = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    text = next(plan for plan in official_plans().values() if plan.name and _is(plan.name, name))
    assert shown == "\n\n".join(text.functions)


def test_a_command_for_no_operation_of_ours_says_which_there_are() -> None:
    command = [sys.executable, "-m", "graphql_schema.compiled", "nothing"]
    shown = subprocess.run(command, capture_output=True, text=True, check=False)
    assert shown.returncode == 2
    assert all(name in shown.stderr for name in HASHES)


def _is(name: str, file: str) -> bool:
    return name.lower() == file.replace("_", "")
