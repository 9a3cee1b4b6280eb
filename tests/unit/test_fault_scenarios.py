"""The fault run tries all that changes anything."""

from bench.faults.scenarios import ALL, UNTRIED
from graphql_schema.schema import schema


def test_each_mutation_is_in_a_scenario_or_has_a_reason_not_to_be() -> None:
    mutations = schema._schema.mutation_type
    assert mutations is not None
    tried = frozenset[str]().union(*(scenario.mutations for scenario in ALL))
    assert tried | UNTRIED.keys() == mutations.fields.keys()
    assert not tried & UNTRIED.keys()
    assert all(UNTRIED.values())
