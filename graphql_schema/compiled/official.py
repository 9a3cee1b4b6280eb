"""The official operations, each with its plan, and how a request for one of them is answered."""

from collections.abc import Mapping
from functools import cache
from typing import Any

import structlog
from graphql import GraphQLError, parse
from strawberry.types import ExecutionResult

from graphql_schema.budget import Charge
from graphql_schema.compiled.plans import Plan
from graphql_schema.compiled.selected import NotUnderstood
from graphql_schema.compiled.shared_answers import Followed
from graphql_schema.compiled.variables import Unusual
from graphql_schema.context import Context
from graphql_schema.documents import TEXTS, DocumentRefused, observe_document, trusted_document
from graphql_schema.schema import schema

Plans = Mapping[str, Plan]

log = structlog.get_logger(__name__)


@cache
def official_plans() -> Plans:
    """The plans of the official operations by their texts, made once in a process. The others are logged."""
    plans = {}
    for name, text in TEXTS.items():
        try:
            plans[text] = _plan_of(text)
        except NotUnderstood as reason:
            log.warning("operation_not_compiled", operation=name, reason=str(reason))
    return plans


def _plan_of(text: str) -> Plan:
    """Of an operation that is valid: tests say so of each, and no server need look again when it starts."""
    try:
        document = parse(text)
    except GraphQLError as error:
        raise NotUnderstood(error.message) from error
    return Plan(schema, document)


async def answer_by_plan(plans: Plans, request: Any, context: Context) -> ExecutionResult | None:
    """The answer to the request in a body; None when graphql-core is to answer.

    That is so for any other operation, and for whatever is refused before an operation runs: nothing has
    happened then, and nothing was charged.
    """
    plan = _wanted(plans, request)
    if plan is None or plan.is_subscription:
        return None
    paid = _paid(plan, request, context)
    if paid is None:
        return None
    given, values, charge = paid
    result = await plan.execute(context, given, values)
    return ExecutionResult(result.data, result.errors, {"cost": charge.to_extension()})


def followed_by_plan(plans: Plans, request: Any, context: Context) -> Followed | None:
    """What the request wants to follow; None when graphql-core is to answer, as above."""
    plan = _wanted(plans, request)
    if plan is None or not plan.is_subscription:
        return None
    paid = _paid(plan, request, context)
    return Followed.of(plan, *paid[:2]) if paid else None


def _paid(plan: Plan, request: Any, context: Context) -> tuple[dict[str, Any], dict[str, Any], Charge] | None:
    """The variables as they came and as they are understood, and what the caller was charged.

    None for what does not run.
    """
    given = request.get("variables") or {}
    try:
        values, cost = plan.read(given), plan.cost(given)
    except Unusual:
        return None
    charge = context.charge(cost)
    if charge.wait_seconds:
        return None
    observe_document(plan.text)
    return given, values, charge


def _wanted(plans: Plans, request: Any) -> Plan | None:
    """The plan of the operation that the request names, if it has the form of a request."""
    if not isinstance(request, dict):
        return None
    text, variables, extensions = request.get("query"), request.get("variables"), request.get("extensions")
    if not isinstance(variables, dict | None) or not isinstance(extensions, dict | None):
        return None
    try:
        text = trusted_document(request.get("documentId"), extensions) if text is None else text
    except DocumentRefused:
        return None
    plan = plans.get(text) if isinstance(text, str) else None
    return plan if plan is not None and request.get("operationName") in (None, plan.name) else None
