"""The table of all scenarios: importing them puts them there."""

from bench.faults import (
    member_scenarios,
    office_scenarios,
    order_scenarios,
    staff_scenarios,
    till_scenarios,
)
from bench.faults.journey import SCENARIOS, Scenario

__all__ = ["ALL", "UNTRIED"]

_MODULES = (member_scenarios, office_scenarios, order_scenarios, staff_scenarios, till_scenarios)
ALL: tuple[Scenario, ...] = tuple(SCENARIOS.values())

# Mutations that no scenario sends, and why not.
UNTRIED: dict[str, str] = {
    "markNoShow": "A store may say it only when the slot is over: the shortest wait is longer than a run.",
}
