"""Entries of an array of tables, such as `[[printers]]`, in a settings file's text: added, changed, removed by name
(or another key that is theirs alone).

Only the lines from an entry's header to its last key are touched; comments between entries stay where they are. What
was done is proven by reading the text again: one that is written in another way than `[[...]]` is left as it is.
"""

import re
import tomllib
from collections.abc import Mapping, Sequence
from typing import Any

from agent.config import BadConfig

Value = str | int | bool | list[str]
"""What a key is set to; a list is one of texts, such as the quiet hours."""

_HEADER = re.compile(r"\s*\[")
_EMPTY = re.compile(r"\s*(#.*)?")


def added(text: str, array: str, values: Mapping[str, Value]) -> str:
    """Behind the last entry, or at the end of the file."""
    entries, lines = _entries(text, array), text.splitlines(keepends=True)
    at = _places(lines, array)[-1][1] if entries else len(lines)
    if at and not lines[at - 1].endswith("\n"):
        lines[at - 1] += "\n"
    lines[at:at] = ["\n"] * (at > 0) + [_written(array, values)]
    return _proven(text, "".join(lines), array, [*entries, dict(values)])


def changed(text: str, array: str, name: str, values: Mapping[str, Value | None], key: str = "name") -> str:
    """The entry whose `key` is `name`; None takes a key out. Raises BadConfig where there is no such entry."""
    import tomlkit  # as in agent.settings_file

    entries, lines = _entries(text, array), text.splitlines(keepends=True)
    index = _index(entries, array, name, key)
    begin, end = _places(lines, array)[index]
    document = tomlkit.parse("".join(lines[begin:end]))
    table = document[array][0]
    for name_of_key, value in values.items():
        if value is not None:
            table[name_of_key] = value
        elif name_of_key in table:
            del table[name_of_key]
    lines[begin:end] = [tomlkit.dumps(document)]
    kept = {each: value for each, value in {**entries[index], **values}.items() if value is not None}
    return _proven(text, "".join(lines), array, [*entries[:index], kept, *entries[index + 1 :]])


def removed(text: str, array: str, name: str, key: str = "name") -> str:
    """Raises BadConfig where there is no such entry."""
    entries, lines = _entries(text, array), text.splitlines(keepends=True)
    index = _index(entries, array, name, key)
    begin, end = _places(lines, array)[index]
    if end < len(lines) and not lines[end].strip():
        end += 1  # the blank line that stood behind it
    del lines[begin:end]
    return _proven(text, "".join(lines), array, [*entries[:index], *entries[index + 1 :]])


def _written(array: str, values: Mapping[str, Value]) -> str:
    import tomlkit

    table = tomlkit.table()
    for key, value in values.items():
        table[key] = value
    tables = tomlkit.aot()
    tables.append(table)
    return tomlkit.dumps({array: tables})


def _entries(text: str, array: str) -> list[dict[str, Any]]:
    """As they are read; raises BadConfig where they are not written as tables of their own."""
    entries = tomllib.loads(text).get(array, [])
    if len(entries) != len(_places(text.splitlines(keepends=True), array)):
        raise _unfamiliar(array)
    return list(entries)


def _places(lines: Sequence[str], array: str) -> list[tuple[int, int]]:
    """Each entry's lines, from its header to behind its last key."""
    header = re.compile(rf"\s*\[\[\s*{array}\s*\]\]\s*(#.*)?\n?")
    places = []
    for begin, line in enumerate(lines):
        if header.fullmatch(line):
            end = begin + 1
            while end < len(lines) and not _HEADER.match(lines[end]):
                end += 1
            while _EMPTY.fullmatch(lines[end - 1].rstrip("\n")):
                end -= 1
            places.append((begin, end))
    return places


def _index(entries: Sequence[Mapping[str, object]], array: str, name: str, key: str) -> int:
    for index, entry in enumerate(entries):
        if entry.get(key) == name:
            return index
    raise BadConfig(f"{array}: {name!r} is not in the file", hint="somebody edited it by hand: restart the agent")


def _proven(before: str, after: str, array: str, entries: list[dict[str, Any]]) -> str:
    """The new text, if it says what it should and nothing else. Raises BadConfig."""
    wanted = {**tomllib.loads(before), array: entries}
    try:
        says = {array: [], **tomllib.loads(after)}
    except tomllib.TOMLDecodeError as error:
        raise _unfamiliar(array) from error
    if says != wanted:
        raise _unfamiliar(array)
    return after


def _unfamiliar(array: str) -> BadConfig:
    return BadConfig(f"{array}: not written as [[{array}]] tables", hint="change it in the file, by hand")
