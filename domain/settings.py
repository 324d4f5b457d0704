"""Reading a program's settings: a misspelt key is refused with the nearest name, so that it does not silently fall
back to its default; a wrong value is named with its key and with what is expected."""

import difflib
import re
from collections.abc import Iterator, Mapping, Sequence
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
_KEY_OF = "`key` in "
"""How msgspec tells of a table's own key, where any of a few may stand."""


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
        what, _, where = str(error).partition(" - at ")
        in_table = where.startswith(_KEY_OF)
        key = where.removeprefix(_KEY_OF).strip("`").removeprefix("$.").removesuffix("[...]")
        choices = _choices(key, kind, in_table)
        raise BadSetting(_in_words(what, key, choices), _meant(what, choices)) from error


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


def _in_words(what: str, key: str, choices: Sequence[str]) -> str:
    """msgspec's "Expected `int`, got `str` - at `$.port`" as a sentence that begins with the key."""
    for name, words in _TYPES.items():
        what = what.replace(name, words)
    allowed = f" (one of {', '.join(choices)})" if choices else ""
    return f"{key or 'the file'}: {what[:1].lower()}{what[1:]}{allowed}"


def _meant(what: str, choices: Sequence[str]) -> str:
    """The nearest to a misspelt "Invalid enum value 'pikking'"."""
    near = difflib.get_close_matches(what.rpartition(" ")[2].strip("'"), choices, n=1)
    return f"did you mean {near[0]}?" if near else ""


def _choices(key: str, kind: Table, in_table: bool) -> tuple[str, ...]:
    """The values of a key that has only a few, or of one in a list or table of such; `in_table`: the table's keys."""
    hint: object = kind
    for name in re.sub(r"\[\d+\]", "", key).split("."):
        table = _table_in(hint)
        hint = get_type_hints(table).get(name) if table is not None else None
    if get_origin(hint) is dict:
        hint = get_args(hint)[0 if in_table else 1]
    for part in _parts(hint):
        if isinstance(part, type) and issubclass(part, Enum):
            return tuple(str(choice.value) for choice in part)
        if get_origin(part) is Literal:
            return tuple(str(choice) for choice in get_args(part))
    return ()
