"""The set-up sheet: a scan of it is about the scanner and no pick. How each code was read is kept, and the page says
what to change (`domain.scanner_sheet`)."""

from collections.abc import Iterable

import msgspec

from agent import judging
from agent.bars import HEIGHT, bars
from agent.catalogue import Lookup
from agent.config import Language
from agent.judging import Scanned
from agent.pages.words import Words
from agent.receiving import at_scanners as goods
from agent.receiving import pages
from agent.scanners import known
from agent.scanners.known import SheetRead
from agent.transactions import Transaction
from domain.codes import Part, TestCode
from domain.rules import Rule, Verdict
from domain.scanner_sheet import CONTENTS, Grade, SheetScan, examine, grade
from domain.times import Millis
from drivers.printers.data_matrix import data_matrix

_CHINESE, _ENGLISH = Words(Language.CHINESE), Words(Language.ENGLISH)


class Drawn(msgspec.Struct, frozen=True):
    """One code of the sheet for the screen: the path of an SVG with one unit a module, which is so many pixels wide: a
    whole number, or bars of one width come out in two."""

    part: Part
    path: str
    width: int
    height: int
    pixels: int


def scan(
    tx: Transaction,
    raw: bytes,
    station: str,
    lookup: Lookup,
    *,
    read_at: Millis | None = None,
    order_id: str | None = None,
    typed: bool = False,
) -> Scanned:
    """As `judging.scan`, which never sees a code of the sheet."""
    read = examine(raw.decode("utf-8", "replace"))
    if read is None and pages.takes_goods(tx, station):
        return goods.read(tx, raw, station, lookup, read_at=read_at)
    if read is None:
        return judging.scan(tx, raw, station, lookup, read_at=read_at, order_id=order_id, typed=typed)
    known.keep_read(tx, station, SheetRead(read.part, raw, tx.now if read_at is None else read_at))
    return Scanned(None, TestCode(read.part), _verdict(read), None)


def graded(reads: Iterable[SheetRead]) -> Grade:
    """Of one scanner."""
    examined = (examine(read.raw.decode("utf-8", "replace")) for read in reads)
    return grade(scan for scan in examined if scan is not None)


def on_screen() -> tuple[Drawn, ...]:
    return tuple(_drawn(part) for part in Part)


def _verdict(read: SheetScan) -> Verdict:
    return Verdict(Rule.TAKEN if read.whole else Rule.UNREADABLE, _said(read, _CHINESE), english=_said(read, _ENGLISH))


def _said(read: SheetScan, words: Words) -> str:
    how = "；".join(words(f"fault.{fault}") for fault in read.faults) if read.faults else words("sheet_whole")
    return f"{words(f'sheet.{read.part}')}：{how}"


def _drawn(part: Part) -> Drawn:
    if part is not Part.SEPARATORS:
        path, width = bars(CONTENTS[part])
        return Drawn(part, path, width, HEIGHT, pixels=2)
    modules = data_matrix(CONTENTS[part], gs1=True)
    dark = ((row, column) for row, line in enumerate(modules) for column, is_dark in enumerate(line) if is_dark)
    side = len(modules) + 2 * _QUIET_MATRIX
    path = "".join(f"M{column + _QUIET_MATRIX} {row + _QUIET_MATRIX}h1v1h-1z" for row, column in dark)
    return Drawn(part, path, side, side, pixels=5)


_QUIET_MATRIX = 3
"""Modules of white on each side; one would do on paper."""
