"""One run of a plan: who asks, with which variables, and what went wrong on the way.

A place is where a value stands in the answer: the place around it, its key or index, and the type that the
field belongs to. Places are plain tuples, for one is made for each object.
"""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Coroutine, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from types import CoroutineType
from typing import Any, TypeAlias, cast

from graphql import DocumentNode, ExecutionResult, FieldNode, GraphQLError, GraphQLResolveInfo, located_error
from graphql.execution.executor import Executor
from graphql.pyutils import Path
from strawberry import Schema
from strawberry.execution import optimized_is_awaitable

from graphql_schema.compiled.selected import SelectedField
from graphql_schema.permissions import Guarded
from graphql_schema.readers import Readers

Place: TypeAlias = tuple[Any, str | int, str | None]
Waiting: TypeAlias = Coroutine[Any, Any, Any]
Note: TypeAlias = tuple[Any, Place | None, dict[str, Any]]  # an object, its place, and its part of the answer

_background: set[asyncio.Future[Any]] = set()
NEVER_AWAITABLE: set[type] = set()  # classes whose values never have to be waited for


@dataclass(frozen=True, slots=True)
class Source:
    """Where a plan comes from."""

    schema: Schema
    document: DocumentNode


class Execution:
    """What the steps of a plan share while it runs."""

    def __init__(
        self, source: Source, context: Any, given: dict[str, Any], variables: dict[str, Any], root: Any = None
    ) -> None:
        """`given` are the variables as they came, `variables` as they are understood."""
        self.source = source
        self.context = context
        self.given = given
        self.variables = variables
        self.root = root
        self.noted: dict[Any, list[Note]] = defaultdict(list)  # for the columns that are to be filled next
        self._errors: list[GraphQLError] = []
        self._nulled: set[Place | None] = set()

    def admits(self, readers: Readers, source: Any) -> bool:
        """Whether whoever asks is one of the readers of this object."""
        return readers.admits(self.context, source)

    def require(self, guard: Guarded, source: Any) -> None:
        """Raises Unauthenticated or Forbidden unless whoever asks may read this field of the object."""
        guard.require(self.context, source)

    def failed(self, error: Exception, nodes: Sequence[FieldNode], place: Place, is_non_null: bool) -> Any:
        """What a failed value becomes: null, or where null is forbidden, the failure of what is around it."""
        located = located_error(error, nodes, _keys(place))
        if is_non_null:
            raise located
        self._record(located, place)
        return None

    def result(self, data: dict[str, Any] | None) -> ExecutionResult:
        return ExecutionResult(data, self._errors or None)

    def failure(self, error: GraphQLError) -> ExecutionResult:
        """The answer when a failure reached the top."""
        self._record(error, None)
        return self.result(None)

    def _record(self, error: GraphQLError, place: Place | None) -> None:
        """Keeps the error, unless what is around it is null already."""
        around = place
        while around is not None:
            if around in self._nulled:
                return
            around = around[0]
        if None not in self._nulled:
            self._nulled.add(place)
            self._errors.append(error)

    @cached_property
    def executor(self) -> Executor[Any]:
        """graphql-core's own executor of this run, for what a plan leaves to it."""
        schema = self.source.schema
        built = cast(Any, schema.execution_context_class).build(
            schema._schema,
            self.source.document,
            root_value=self.root,
            context_value=self.context,
            raw_variable_values=self.given,
            is_awaitable=optimized_is_awaitable,
        )
        return cast(Executor[Any], built)

    def info(self, field: SelectedField, place: Place) -> GraphQLResolveInfo[Any]:
        """What graphql-core would tell the field's resolver."""
        return self.executor.build_resolve_info(
            field.definition, list(field.nodes), field.parent, cast(Path, _path(place))
        )


def is_awaitable(value: Any) -> bool:
    """Whether the value has to be waited for; classes whose values never have are remembered."""
    if value.__class__ is CoroutineType:
        return True
    if value.__class__ in NEVER_AWAITABLE:
        return False
    if optimized_is_awaitable(value):
        return True
    if value.__class__.__name__ != "generator":  # some generators are awaitable, some are not
        NEVER_AWAITABLE.add(value.__class__)
    return False


async def all_of(answer: Any, keys: Sequence[Any]) -> Any:
    """The object or list, when what stands under these keys has been waited for, all at the same time."""
    if len(keys) == 1:
        answer[keys[0]] = await answer[keys[0]]
        return answer
    for key, value in zip(keys, await together([answer[key] for key in keys]), strict=True):
        answer[key] = value
    return answer


async def together(coroutines: Iterable[Waiting]) -> list[Any]:
    """What these give, waited for at the same time; when one fails, the others are cancelled.

    As graphql-core's `gather_with_cancel`, which takes longer, for it takes anything that can be waited for.
    """
    create_task = asyncio.get_running_loop().create_task
    tasks = [create_task(each) for each in coroutines]
    try:
        return await asyncio.gather(*tasks)
    except Exception:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        raise


def settle(awaitables: Sequence[Awaitable[Any]]) -> None:
    """Has what was begun come to its end, though nobody waits for it any more."""
    if awaitables:
        future = asyncio.gather(*awaitables, return_exceptions=True)
        _background.add(future)
        future.add_done_callback(_background.discard)


def _keys(place: Place | None) -> list[str | int]:
    keys: list[str | int] = []
    while place is not None:
        keys.append(place[1])
        place = place[0]
    return keys[::-1]


def _path(place: Place | None) -> Path | None:
    return None if place is None else Path(_path(place[0]), place[1], place[2])
