"""The mapping file: how this chain's ERP names its columns, files, views and tables (docs/erp.md tells every key).

The settings only say where it is: a store's is written once for a chain and is the same in all its stores.
"""

import re
import tomllib
from enum import StrEnum
from pathlib import Path
from typing import Literal

import msgspec

from domain.settings import BadSetting
from domain.settings import read as read_settings
from erp.errors import BadMapping
from erp.rows import FIELDS, NEEDED, WORDS, Feed, Formats

LONGEST_NAME = 200
_IDENTIFIER = re.compile(r"[\w$#]+(\.[\w$#]+){0,2}")
"""Of a view or table, with its schema and database: never anything else in a statement of ours."""
COLUMNS_OF_DOCUMENTS = (
    "number", "document_id", "kind", "store", "at", "order_id", "channel", "channel_order_id", "shown_id", "reason",
    "body",
)  # fmt: skip


class BadRows(StrEnum):
    """What becomes of a file with a bad row."""

    WHOLE = "whole"
    """Nothing of it is taken."""
    LINES = "lines"
    """Its good documents are taken, the others are written down beside it."""


class RowMapping(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How rows of one feed are written; `days` and `times` in further formats than those we know."""

    feed: Feed
    columns: dict[str, str]
    days: tuple[str, ...] = ()
    times: tuple[str, ...] = ()

    @property
    def formats(self) -> Formats:
        return Formats(self.days, self.times)


class FileMapping(RowMapping, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """`name` is a regular expression over the whole file name; its groups `as_of` and `contains` stand for columns."""

    name: str
    encoding: Literal["auto", "utf-8", "gbk"] = "auto"
    delimiter: str = ","
    bad_rows: BadRows = BadRows.WHOLE
    ready: Literal["stable", "ok"] = "stable"
    """Complete when it no longer grows, or when NAME.ok stands beside it."""

    def said_by(self, name: str) -> dict[str, str]:
        """What the file's name says, for each of its rows."""
        match = re.fullmatch(self.name, name)
        return {key: value for key, value in match.groupdict().items() if value} if match else {}


class FolderDocuments(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How documents are laid into the folder's `out`."""

    format: Literal["json", "csv"] = "json"
    acknowledge: Literal["file", "removal"] = "file"
    encoding: Literal["utf-8", "gbk"] = "utf-8"


class ViewMapping(RowMapping, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """`by` is the column by which new rows are found: an id that grows, or the time of the last change. `window` is how
    far back each reading begins again: ids are given before the commit that shows them (facts/sync.md §1.3)."""

    view: str
    by: str = ""
    window: int = 1000
    every_seconds: int = 15


class HandOver(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The ERP's table into which documents are written, one row each, and the columns where it answers: `state` says
    `booked` or `refused` by one of these words."""

    table: str
    columns: dict[str, str]
    state: str
    reason: str = ""
    reference: str = ""
    booked: tuple[str, ...] = ("1", "booked")
    refused: tuple[str, ...] = ("2", "refused")
    every_seconds: int = 5


class Mapping(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    files: tuple[FileMapping, ...] = ()
    documents: FolderDocuments | None = None
    views: tuple[ViewMapping, ...] = ()
    hand_over: HandOver | None = None

    def file(self, name: str) -> FileMapping | None:
        """The first whose pattern is the whole name."""
        return next((each for each in self.files if re.fullmatch(each.name, name)), None)


def load(path: Path, *, of_chain: bool = False) -> Mapping:
    """`of_chain`: headquarters', where every row says its store. Raises BadMapping, which names file and key."""
    try:
        return parse(path.read_text(encoding="utf-8-sig"), of_chain=of_chain)
    except OSError as error:
        raise BadMapping(f"{path} cannot be read: {error.strerror}", hint="[erp] mapping in the settings") from error
    except UnicodeDecodeError as error:
        raise BadMapping(f"{path} is not UTF-8: {error}") from error
    except BadMapping as error:
        raise BadMapping(f"{path}: {error}", hint=error.hint) from error


def parse(text: str, *, of_chain: bool = False) -> Mapping:
    """Raises BadMapping."""
    try:
        mapping = read_settings(tomllib.loads(text), Mapping)
    except tomllib.TOMLDecodeError as error:
        raise BadMapping(f"cannot be read: {error}") from error
    except BadSetting as error:
        raise BadMapping(str(error), hint=error.hint) from error
    for file in mapping.files:
        _check_file(file, of_chain)
    for view in mapping.views:
        _check_view(view, of_chain)
    if mapping.hand_over is not None:
        _check_hand_over(mapping.hand_over)
    return mapping


def _check_file(file: FileMapping, of_chain: bool) -> None:
    try:
        groups = re.compile(file.name).groupindex.keys()
    except re.error as error:
        raise BadMapping(f"files.name: {file.name!r} is no regular expression: {error}") from error
    _check_columns("files.columns", file.feed, file.columns, set(groups), of_chain)
    if len(file.delimiter) != 1:
        raise BadMapping(f"files.delimiter: {file.delimiter!r} is not one character", hint='"\\t" is a tab')


def _check_view(view: ViewMapping, of_chain: bool) -> None:
    _check_columns("views.columns", view.feed, view.columns, set(), of_chain)
    _check_identifiers("views", view.view, *view.columns.values(), *filter(None, [view.by]))
    if view.feed is not Feed.COUNTS and not view.by:
        raise BadMapping("views.by: which column says what is new?", hint="an id that grows, or the time of change")
    if view.window < 0 or view.every_seconds < 1:
        raise BadMapping("views: window and every_seconds are not below nothing")


def _check_hand_over(hand_over: HandOver) -> None:
    wrong = hand_over.columns.keys() - set(COLUMNS_OF_DOCUMENTS)
    if wrong or not {"number", "document_id", "body"} <= hand_over.columns.keys():
        known = ", ".join(COLUMNS_OF_DOCUMENTS)
        raise BadMapping(f"hand_over.columns: number, document_id and body at least, of {known}")
    answers = filter(None, [hand_over.state, hand_over.reason, hand_over.reference])
    _check_identifiers("hand_over", hand_over.table, *hand_over.columns.values(), *answers)


def _check_columns(where: str, feed: Feed, columns: dict[str, str], groups: set[str], of_chain: bool) -> None:
    if not of_chain and "store" in columns.keys() | groups:
        raise BadMapping(f"{where}: a store's own feeds name no store", hint="that is for hub.toml")
    if wrong := sorted(columns.keys() - set(FIELDS[feed])):
        raise BadMapping(f"{where}: {feed} has no {wrong[0]}", hint=f"it has {', '.join(FIELDS[feed])}")
    needed = ("store", *NEEDED[feed]) if of_chain else NEEDED[feed]
    if lacking := [name for name in needed if name not in columns.keys() | groups]:
        raise BadMapping(f"{where}: {feed} needs {', '.join(lacking)}", hint=WORDS[lacking[0]])


def _check_identifiers(where: str, *names: str) -> None:
    for name in names:
        if not _IDENTIFIER.fullmatch(name) or len(name) > LONGEST_NAME:
            raise BadMapping(f"{where}: {name!r} is no name of a table or column", hint="letters, digits, _ and dots")
