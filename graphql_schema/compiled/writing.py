"""Writes the Python that reads the selected fields of an object, once for each place of an operation.

A function call for each field of each object of a list would cost more than the fields themselves. So what
the usual fields take stands in one function: a value is read, its class is looked at, and it is written down.
For `{ id storeDay store { name } }` of a check-in, readable by its owner:

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
                    answer['storeDay'] = write_1(value)
                else:
                    ...
            answer['store'] = None
            execution.noted[column_2].append((source, place, answer))
        except Exception:
            settle([answer[key] for key in waiting])
            raise
        return all_of(answer, waiting) if waiting else answer

The text is made of nothing but the names of keys, types and attributes, which are identifiers, and of
numbers; whatever else the function needs is handed to it by name. What is unusual (a value that has to be
waited for, null, an error, another class) is left to a `rest`, and a field that is no attribute and no method
without arguments to a `step`. Of a column's field, the object is noted down.
"""

from collections.abc import Sequence
from functools import lru_cache
from keyword import iskeyword
from textwrap import indent
from types import CodeType, CoroutineType
from typing import Any

from graphql_schema.compiled.completion import Complete
from graphql_schema.compiled.execution import all_of, settle
from graphql_schema.compiled.steps import CompiledField
from graphql_schema.readers import Readers

CACHED_FUNCTIONS = 1_000
SHARED = {"CoroutineType": CoroutineType, "all_of": all_of, "settle": settle}

READERS_ONLY = """\
try:
    is_reader = execution.admits(readers, source)
except Exception:
    is_reader = False
if not is_reader:
    return for_anybody(source, place, execution)
"""

FRAME = """\
def select(source, place, execution):
{head}
    answer = {{}}
    waiting = ()
    try:
{fields}
    except Exception:
        settle([answer[key] for key in waiting])
        raise
    return all_of(answer, waiting) if waiting else answer
"""

USUAL_FIELD = """\
try:
    value = {found}
    if {is_usual}:
        {write}
    else:
        found = answer[{key!r}] = rest_{number}(value, place, execution)
        if found.__class__ is CoroutineType:
            waiting += ({key!r},)
except Exception as error:
    answer[{key!r}] = execution.failed(error, nodes_{number}, (place, {key!r}, {parent!r}), {is_non_null})
"""

UNUSUAL_FIELD = """\
try:
    found = answer[{key!r}] = rest_{number}({found}, place, execution)
    if found.__class__ is CoroutineType:
        waiting += ({key!r},)
except Exception as error:
    answer[{key!r}] = execution.failed(error, nodes_{number}, (place, {key!r}, {parent!r}), {is_non_null})
"""

WRITE_LEAF = "answer[{key!r}] = {leaf}"

WRITE_OBJECT = """\
found = answer[{key!r}] = select_{number}(value, (place, {key!r}, {parent!r}), execution)
if found.__class__ is CoroutineType:
    answer[{key!r}] = answer_later_{number}(found, (place, {key!r}, {parent!r}), execution)
    waiting += ({key!r},)"""

COLUMN = """\
answer[{key!r}] = None
execution.noted[column_{number}].append((source, place, answer))
"""

GUARDED_COLUMN = """\
answer[{key!r}] = None
try:
    execution.require(guard_{number}, source)
    execution.noted[column_{number}].append((source, place, answer))
except Exception as error:
    execution.failed(error, nodes_{number}, (place, {key!r}, {parent!r}), {is_non_null})
"""

OTHER_FIELD = """\
found = answer[{key!r}] = step_{number}(source, place, execution)
if found.__class__ is CoroutineType:
    waiting += ({key!r},)
"""


class SelectFunction:
    """The text of a function that reads these fields, and what it needs; all for the same `readers`.

    Who is no reader has `for_anybody`, where each field asks by itself.
    """

    def __init__(
        self,
        fields: Sequence[CompiledField],
        readers: Readers | None = None,
        for_anybody: Complete | None = None,
    ) -> None:
        self._needs: dict[str, Any] = {**SHARED, "readers": readers, "for_anybody": for_anybody}
        self._is_for_readers = readers is not None
        written = "".join(self._written(*each) for each in enumerate(fields)) or "pass"
        head = indent(READERS_ONLY, " " * 4).rstrip() if self._is_for_readers else ""
        text = FRAME.format(head=head, fields=indent(written, " " * 8).rstrip())
        self.text = "".join(line for line in text.splitlines(keepends=True) if line.strip())

    def made(self) -> Complete:
        """The function."""
        exec(_code_of(self.text), self._needs)  # noqa: S102  identifiers and numbers alone
        made: Complete = self._needs["select"]
        return made

    def _written(self, number: int, compiled: CompiledField) -> str:
        field, finder, completion = compiled.field, compiled.finder, compiled.completion
        is_guarded = finder.guard is not None and not self._is_for_readers
        names = {
            "key": field.key,
            "parent": field.parent.name,
            "number": number,
            "is_non_null": field.is_non_null,
        }
        if compiled.column is not None:
            self._needs |= {f"column_{number}": compiled.column, f"nodes_{number}": field.nodes}
            self._needs[f"guard_{number}"] = finder.guard
            return (GUARDED_COLUMN if is_guarded else COLUMN).format(**names)
        if not finder.is_quick or is_guarded:
            self._needs[f"step_{number}"] = compiled.step(is_guarded)
            return OTHER_FIELD.format(**names)
        self._needs |= {f"rest_{number}": compiled.rest(), f"nodes_{number}": field.nodes}
        found = self._reading(number, compiled)
        if completion.select is not None:
            self._needs |= {
                f"known_{number}": completion.known,
                f"select_{number}": completion.select,
                f"answer_later_{number}": compiled.waiting()[1],
            }
            is_usual = f"value.__class__ in known_{number}"
            write = WRITE_OBJECT.format(**names)
        elif completion.usual is not None:
            self._needs |= {f"{name}_{number}": each for name, each in completion.usual.needs.items()}
            is_usual = completion.usual.is_usual.format(number=number)
            write = WRITE_LEAF.format(leaf=completion.usual.written.format(number=number), **names)
        else:
            return UNUSUAL_FIELD.format(found=found, **names)
        return USUAL_FIELD.format(
            found=found,
            is_usual=is_usual,
            write=indent(write, " " * 8).lstrip(),
            **names,
        )

    def _reading(self, number: int, compiled: CompiledField) -> str:
        """How the value is read, in Python."""
        name = compiled.finder.attribute
        if name is not None and all(_is_name(each) for each in name.split(".")):
            return f"source.{name}"
        self._needs[f"find_{number}"] = compiled.finder.find
        return f"find_{number}(source)"


def _is_name(text: str) -> bool:
    return text.isidentifier() and not iskeyword(text)


@lru_cache(maxsize=CACHED_FUNCTIONS)
def _code_of(text: str) -> CodeType:
    """Many objects are read alike."""
    return compile(text, "<plan>", "exec")
