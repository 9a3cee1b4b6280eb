"""The fault run tries all that changes anything, and knows two answers to one request from the same one."""

from bench.faults.scenarios import ALL, UNTRIED
from bench.faults.twins import Told, difference
from graphql_schema.schema import schema


def test_each_mutation_is_in_a_scenario_or_has_a_reason_not_to_be() -> None:
    mutations = schema._schema.mutation_type
    assert mutations is not None
    tried = frozenset[str]().union(*(scenario.mutations for scenario in ALL))
    assert tried | UNTRIED.keys() == mutations.fields.keys()
    assert not tried & UNTRIED.keys()
    assert all(UNTRIED.values())


def test_twins_are_told_the_same_but_for_what_is_of_the_moment() -> None:
    one = {"order": {"id": "1", "lines": [{"quantity": 2}]}, "expiresAt": "12:00"}
    other = {"order": {"id": "1", "lines": [{"quantity": 2}]}, "expiresAt": "12:01"}
    assert not difference("placeOrder", True, Told(one, 0), Told(other, 3))
    second = {"order": {"id": "2", "lines": [{"quantity": 3}]}, "expiresAt": "12:00"}
    told = "placeOrder.order.id is '1' and '2'"
    assert difference("placeOrder", True, Told(one, 0), Told(second, 0)).startswith(f"{told}, ")
    assert difference("placeOrder", False, Told(one, 0), Told(second, 0)) == told
    fewer = {"order": {"id": "1", "lines": []}, "expiresAt": "12:00"}
    assert difference("placeOrder", True, Told(one, 0), Told(fewer, 0)).startswith("placeOrder.order.lines ")


def test_one_of_twins_may_be_told_that_it_was_done_already() -> None:
    """Both only if the answer to whoever did it was lost."""
    done, done_already = Told({"isDone": True}, 0), Told({}, 0)
    assert not difference("signOut", False, done, done_already)
    assert difference("signOut", False, done_already, done_already)
    assert not difference("signOut", False, done_already, Told({}, 1))
