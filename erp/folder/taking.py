"""Takes one complete file of `in`: it is read, taken or refused, written down, and moved away. If the program is killed
between any two of these, the next look finishes it: documents count once by their ids, a file once by its content."""

import csv
import hashlib
import io
import logging
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import msgspec

from domain.erp import ErpCount
from domain.pieces import pieces
from erp import rows
from erp.books import Books, FileState, keep_flaws
from erp.folder import answers, csv_file
from erp.folder.disk import Disk, move
from erp.folder.layout import LONGEST_NAME, Layout, fitting, free_name
from erp.folder.looking import LARGEST_FILE, Complete, ok_of, written
from erp.mapping import BadRows, FileMapping, Mapping
from erp.rows import Feed, Flaw, Piece

log = logging.getLogger(__name__)

SOURCE = "folder"
AT_ONCE = 50
"""Sales or receipts in one transaction."""
_RECKONED = tuple("=+-@＝＋－＠")
"""With these a spreadsheet's formula begins; there are programs that take the wide ones for the others."""
_BESIDE = LONGEST_NAME - len(".new")
"""The disk writes it under such a name first."""


class Taking:
    """In the connector's thread. Raises OSError or BooksUnusable: then it is tried again."""

    def __init__(self, layout: Layout, mapping: Mapping, books: Books, disk: Disk) -> None:
        self._layout, self._mapping, self._books, self._disk = layout, mapping, books, disk

    def wants_ok(self, name: str) -> bool:
        mapping = self._mapping.file(name)
        return mapping is not None and mapping.ready == "ok"

    def take(self, file: Complete) -> FileState:
        """A file that was taken before is only moved away. What its name says of its rows is part of it: equal levels
        at another time are another count."""
        mapping = self._mapping.file(file.name)
        if said := mapping.said_by(file.name) if mapping else {}:
            file = replace(file, digest=hashlib.sha256(msgspec.json.encode(said, order="sorted") + file.raw).digest())
        before = self._books.file_state(file.digest)
        if before in (FileState.DONE, FileState.PARTLY):
            self._away(file, before)
            return before
        if answers.NAME.fullmatch(file.name):
            return self._take_answers(file)
        found, flaws, count = read_file(file, mapping)
        whole = mapping is None or mapping.bad_rows is BadRows.WHOLE
        if flaws and (whole or not found):
            return self._refuse(file, flaws, count)
        return self._taken(file, (*flaws, *self._take(found)), count)

    def leave(self, name: str, why: str) -> None:
        """It is not complete and may never be: somebody should look."""
        log.warning("the ERP's file %s is not taken: %s", written(name), why)
        keep_flaws(self._books, f"in/{written(name)}", (Flaw(0, why),))

    def _take_answers(self, file: Complete) -> FileState:
        """Good rows count, whatever stands beside them."""
        found, flaws = answers.read(file.raw)
        if not found:
            return self._refuse(file, flaws, 0)
        wrong = self._books.answer(found)
        return self._taken(file, (*flaws, *wrong), len(found))

    def _taken(self, file: Complete, flaws: tuple[Flaw, ...], count: int) -> FileState:
        state = FileState.PARTLY if flaws else FileState.DONE
        if flaws:
            self._tell(file, flaws)
        self._books.put_file(file.digest, file.name, state, count, flaws)
        log.info("the ERP's file %s was taken: %d rows, %d flaws", file.name, count, len(flaws))
        self._away(file, state)
        return state

    def _take(self, found: Sequence[Piece]) -> list[Flaw]:
        """What the ERP says twice under one id is a flaw of its document only."""
        flaws: list[Flaw] = []
        for some in pieces(found, _at_once(found)):
            flaws += self._books.take(some, SOURCE)
        return flaws

    def _refuse(self, file: Complete, flaws: tuple[Flaw, ...], count: int) -> FileState:
        self._tell(file, flaws)
        self._books.put_file(file.digest, file.name, FileState.REFUSED, count, flaws)
        log.warning("the ERP's file %s was refused: %d flaws", file.name, len(flaws))
        self._away(file, FileState.REFUSED)
        return FileState.REFUSED

    def _tell(self, file: Complete, flaws: Sequence[Flaw]) -> None:
        """Beside the file, for whoever looks into the folder."""
        text = io.StringIO(newline="")
        writer = csv.writer(text, lineterminator="\r\n")
        writer.writerow(("行", "原因", "内容"))
        writer.writerows((flaw.row or "整个文件", _plain(flaw.why), _plain(flaw.text)) for flaw in flaws)
        told = self._layout.rejected / fitting(file.path.name, f".{file.digest.hex()[:8]}.原因.csv", _BESIDE)
        self._disk.write(told, text.getvalue().encode("utf-8-sig"))

    def _away(self, file: Complete, state: FileState) -> None:
        folder = self._layout.rejected if state is FileState.REFUSED else self._layout.done
        move(file.path, free_name(folder, file.path.name, file.digest), self._disk)
        ok_of(file.path).unlink(missing_ok=True)


def read_file(file: Complete, mapping: FileMapping | None) -> tuple[tuple[Piece, ...], tuple[Flaw, ...], int]:
    """Its documents, its flaws, and how many rows it has. Changes nothing."""
    if mapping is None:
        return (), (Flaw(0, "映射文件里没有与这个文件名相符的 [[files]]"),), 0
    if len(file.raw) > LARGEST_FILE:
        return (), (Flaw(0, f"文件超过 {LARGEST_FILE >> 20} MB，请分开导出"),), 0
    table, wrong = csv_file.rows(file.raw, file.name, mapping)
    name = f"{Path(file.name).stem}-{file.digest.hex()[:12]}" if mapping.feed is Feed.COUNTS else file.name
    found, flaws = rows.read(mapping.feed, table, name, mapping.formats)
    good, absurd = rows.possible(found)
    return tuple(good), (*wrong, *flaws, *absurd), len(table)


def _plain(cell: str) -> str:
    """What the ERP wrote is shown in a spreadsheet, never reckoned."""
    return f"'{cell}" if cell.lstrip().startswith(_RECKONED) or cell[:1].isspace() else cell


def _at_once(found: Sequence[Piece]) -> int:
    """A piece of a count fills a transaction by itself."""
    return 1 if found and isinstance(found[0].feed, ErpCount) else AT_ONCE
