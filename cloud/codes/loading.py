"""Lists of codes that headquarters loads: recalled ones, banned ones. The same file again changes nothing."""

import csv
import io
from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import Annotated

import msgspec

from cloud import audit
from cloud.audit import OPERATOR
from cloud.codes import lists
from cloud.codes.lists import Counted
from cloud.errors import HubError
from cloud.transaction import Transaction
from cloud.writer import Writer
from domain.code_lists import LOADED, CodeList, ListedCode
from domain.codes import LONGEST, as_scanned

AT_ONCE = 10_000
"""Codes in one request and one transaction: orders come in between."""
_Text = Annotated[str, msgspec.Meta(min_length=1, max_length=LONGEST)]


class WantedCodes(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`why` goes into the audit: the notice's number."""

    codes: Annotated[tuple[_Text, ...], msgspec.Meta(max_length=AT_ONCE)]
    why: Annotated[str, msgspec.Meta(max_length=200)] = ""


class Changed(msgspec.Struct, frozen=True):
    """How many of the codes were not on the list before, or are off it only now."""

    codes: int


class BadCodes(HubError):
    """The file or the list cannot be used; the message says where."""


def load(tx: Transaction, of: CodeList, wanted: WantedCodes, *, by: str) -> Changed:
    """Raises `BadCodes` for a list that headquarters does not load."""
    codes = _begin(tx, of, wanted)
    known = lists.listed(tx, of, codes)
    new = [ListedCode(code) for code in codes if code not in known]
    lists.put(tx, of, new)
    if new:
        audit.append(tx, "", by, "codes.listed", of, f"{len(new)} codes {wanted.why}".strip())
    return Changed(len(new))


def unload(tx: Transaction, of: CodeList, wanted: WantedCodes, *, by: str) -> Changed:
    """As far as this list goes they may be sold again. Raises `BadCodes`."""
    gone = sorted(lists.listed(tx, of, _begin(tx, of, wanted)))
    lists.drop(tx, of, gone)
    if gone:
        audit.append(tx, "", by, "codes.unlisted", of, f"{len(gone)} codes {wanted.why}".strip())
    return Changed(len(gone))


def _begin(tx: Transaction, of: CodeList, wanted: WantedCodes) -> list[str]:
    if of not in LOADED:
        raise BadCodes(f"the list {of} is kept by the hub itself", hint=f"one of: {', '.join(LOADED)}")
    lists.hold_log(tx)
    return sorted(set(map(as_scanned, wanted.codes)))


class CodeLists:
    """The same without any HTTP, for the API."""

    def __init__(self, writer: Writer, chain: str) -> None:
        self._writer, self._chain = writer, chain

    async def counted(self) -> Counted:
        return await self._writer.read(partial(lists.counted, chain=self._chain))

    async def load(self, of: CodeList, wanted: WantedCodes) -> Changed:
        """Raises `BadCodes`."""
        return await self._writer.run(partial(load, of=of, wanted=wanted, by=OPERATOR))

    async def unload(self, of: CodeList, wanted: WantedCodes) -> Changed:
        """Raises `BadCodes`."""
        return await self._writer.run(partial(unload, of=of, wanted=wanted, by=OPERATOR))


def read_file(path: Path) -> list[str]:
    """One code a line; of a table its column `code` or 追溯码, else its first. Raises `BadCodes`."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise BadCodes(f"{path} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise BadCodes(f"{path} is not UTF-8", hint="save it as UTF-8 (CSV)") from error
    return list(_codes_of(path, csv.reader(io.StringIO(text))))


def _codes_of(path: Path, rows: Iterable[list[str]]) -> Iterator[str]:
    place = 0
    for number, row in enumerate(rows, 1):
        cells = [cell.strip() for cell in row]
        if number == 1 and (head := [at for at, cell in enumerate(cells) if cell.lower() in ("code", "追溯码")]):
            place = head[0]
        elif any(cells):
            yield _checked(path, number, cells[place] if place < len(cells) else "")


def _checked(path: Path, number: int, code: str) -> str:
    if not code or len(code) > LONGEST or not any(letter.isdigit() for letter in code):
        raise BadCodes(f"{path}, line {number}: {code[:40]!r} is no code")
    if "e+" in code.lower() and code.lower().replace("e+", "").replace(".", "").isdigit():
        raise BadCodes(f"{path}, line {number}: {code!r} was rewritten by a spreadsheet", hint="make the column text")
    return code
