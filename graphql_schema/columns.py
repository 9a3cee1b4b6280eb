"""Columns: fields whose values are found for many objects at once, such as the stores of a list's check-ins.

    @column(description="The store that was visited.")
    @staticmethod
    async def store(check_ins: Sequence["CheckIn"], info: Info) -> Sequence[Store | None]:
        return await load_stores([each.check_in.store_id for each in check_ins], info)

The function is given all objects whose field is wanted at one place of an operation, and returns their values
in the same order; an exception in the place of a value is that object's error. Clients see an ordinary field
of the type that the sequence is made of.

A plan calls the function itself, once for all of them (`compiled/columns.py`). graphql-core asks for each
object by itself; those that it asks for at the same moment are gathered here, and given to the same function.
"""

from collections.abc import Awaitable, Callable, Sequence
from functools import reduce
from inspect import Parameter, signature, unwrap
from operator import or_
from types import UnionType
from typing import Any, TypeAlias, TypeVar, Union, get_args, get_origin

import strawberry
from strawberry.dataloader import DataLoader

Value = TypeVar("Value")
FindAll: TypeAlias = Callable[..., Awaitable[Sequence[Any]]]


def column(description: str) -> Callable[[FindAll], Any]:
    """Makes a field of a static method that finds the values of many objects."""

    def declare(method: FindAll) -> Any:
        return strawberry.field(resolver_of(unwrap(method)), description=description)

    return declare


def column_of(resolver: Callable[..., Any]) -> FindAll | None:
    """The function that finds the values of many objects; None for an ordinary resolver."""
    found: FindAll | None = getattr(resolver, "find_all", None)
    return found


def all_or_error(values: Sequence[Value | Exception]) -> list[Value] | Exception:
    """The values of one object, or the first error among them."""
    error = next((each for each in values if isinstance(each, Exception)), None)
    return error or [each for each in values if not isinstance(each, Exception)]


def resolver_of(find_all: FindAll) -> Callable[..., Any]:
    """The resolver for one object; by its signature Strawberry knows the field's arguments and type."""

    async def resolve(self: Any, info: Any, **arguments: Any) -> Any:
        gathered: dict[int, DataLoader[Any, Any]] = info.context.gathered
        place = id(info._raw_info.field_nodes[0])  # where the arguments are the same for all objects
        if place not in gathered:
            gathered[place] = DataLoader(lambda sources: find_all(sources, info, **arguments), cache=False)
        return await gathered[place].load(self)

    resolver: Any = resolve
    declared = signature(find_all)
    parameters = [Parameter("self", Parameter.POSITIONAL_OR_KEYWORD), *declared.parameters.values()]
    del parameters[1]
    (value,) = get_args(declared.return_annotation)
    resolver.__signature__ = declared.replace(parameters=parameters, return_annotation=_expected(value))
    resolver.__name__, resolver.__module__ = find_all.__name__, find_all.__module__
    resolver.find_all = find_all
    return resolve


def _expected(value: Any) -> Any:
    """The type of a value that is no error."""
    if get_origin(value) not in (Union, UnionType):
        return value
    return reduce(or_, (each for each in get_args(value) if each is not Exception))
