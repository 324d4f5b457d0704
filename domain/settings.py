"""Reading a program's settings: a misspelt key is refused with the nearest name, so that it does not silently fall
back to its default; a wrong value is named with its key and with what is expected."""

import difflib
import re
from collections.abc import Iterator, Mapping
from enum import Enum
from types import UnionType
from typing import Literal, TypeVar, Union, get_args, get_origin, get_type_hints

import msgspec

T = TypeVar("T", bound=msgspec.Struct)
Table = type[msgspec.Struct]

_TYPES = {
    "`str`": "a text in quotes",
    "`int`": "a whole number",
    "`array`": "tables written as [[...]]",
    "`object`": "a table",
    "Object missing required field": "missing its key",
    " | null": "",
}


class BadSetting(ValueError):
    """The message begins with the key, `hint` tells what may have been meant."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


def read(values: Mapping[str, object], kind: type[T]) -> T:
    """Raises `BadSetting`."""
    _refuse_unknown(values, kind, "")
    try:
        return msgspec.convert(values, kind)
    except msgspec.ValidationError as error:
        raise BadSetting(_in_words(str(error), kind)) from error


def _refuse_unknown(values: Mapping[str, object], kind: Table, within: str) -> None:
    for key, value in values.items():
        if key not in kind.__struct_fields__:
            near = difflib.get_close_matches(key, kind.__struct_fields__, n=1, cutoff=0.0)
            raise BadSetting(f"unknown key {within}{key}", f"did you mean {within}{near[0]}?" if near else "")
        inner = _table_in(get_type_hints(kind)[key])
        for table in value if isinstance(value, list) else [value]:
            if inner is not None and isinstance(table, dict):
                _refuse_unknown(table, inner, f"{within}{key}.")


def _table_in(hint: object) -> Table | None:
    """The struct of a table, of an optional one, and of each in an array of tables."""
    return next((part for part in _parts(hint) if isinstance(part, type) and issubclass(part, msgspec.Struct)), None)


def _parts(hint: object) -> Iterator[object]:
    yield hint
    if get_origin(hint) in (Union, UnionType, tuple, list):
        for part in get_args(hint):
            yield from _parts(part)


def _in_words(error: str, kind: Table) -> str:
    """msgspec's "Expected `int`, got `str` - at `$.port`" as a sentence that begins with the key."""
    what, _, where = error.partition(" - at ")
    for name, words in _TYPES.items():
        what = what.replace(name, words)
    key = where.strip("`").removeprefix("$.")
    return f"{key or 'the file'}: {what[:1].lower()}{what[1:]}{_allowed(key, kind)}"


def _allowed(key: str, kind: Table) -> str:
    """The values of a key that has only a few."""
    hint: object = kind
    for name in re.sub(r"\[\d+\]", "", key).split("."):
        table = _table_in(hint)
        hint = get_type_hints(table).get(name) if table is not None else None
    if isinstance(hint, type) and issubclass(hint, Enum):
        return f" (one of {', '.join(str(choice.value) for choice in hint)})"
    if get_origin(hint) is Literal:
        return f" (one of {', '.join(str(choice) for choice in get_args(hint))})"
    return ""
