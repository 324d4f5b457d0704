"""Our documents as files in `out`, each laid there exactly once.

    staged/N   written and on the disk
    delivered  noted in the books
    out/N      renamed there

If the program is killed before the note, the document is staged anew; if after it, what is still staged is renamed. So
a file that the ERP fetched is never laid there a second time, and none is noted that never appeared.
"""

import logging
from collections.abc import Set

from domain.erp import OWED, DocumentState, ErpDocument
from erp import spoken
from erp.books import Answer, Books
from erp.folder.disk import Disk, move
from erp.folder.layout import Layout
from erp.mapping import FolderDocuments

log = logging.getLogger(__name__)


class Handing:
    """Lives in the connector's thread. Its methods raise OSError or BooksUnusable: then they are tried again."""

    def __init__(self, layout: Layout, how: FolderDocuments, books: Books, disk: Disk) -> None:
        self._layout, self._how, self._books, self._disk = layout, how, books, disk

    def hand_over(self) -> int:
        """What waits goes out; returns how many files."""
        self._finish_staged()
        told = self._books.waiting()
        for document in told:
            content = spoken.as_json(document) if self._how.format == "json" else self._csv(document)
            self._disk.write(self._layout.staged / self._name(document.number), content)
        if told:
            self._books.delivered([document.number for document in told])
            self._finish_staged()
            log.info("%d documents lie ready for the ERP", len(told))
        return len(told)

    def follow_answers(self, elsewhere: Set[int]) -> None:
        """What the ERP took out of `out` is acknowledged, where it answers so; else what it answered is cleared.
        Those `elsewhere` never lay here."""
        if not self._layout.out_is_there:
            return
        lying = {path.name for path in self._layout.out.iterdir()}
        if self._how.acknowledge == "removal":
            for number in sorted(self._books.numbers(DocumentState.DELIVERED).keys() - elsewhere):
                name = self._name(number)
                if name not in lying and not (self._layout.staged / name).exists():
                    self._books.answer((Answer(number, booked=True),))
            return
        owed = {self._name(number) for state in OWED for number in self._books.numbers(state)}
        for name in lying - owed:
            if _is_ours(name):
                (self._layout.out / name).unlink(missing_ok=True)

    def _finish_staged(self) -> None:
        """What was noted is renamed; what was not is staged anew before it is."""
        noted = {self._name(number) for number in self._books.numbers(DocumentState.DELIVERED)}
        for path in sorted(self._layout.staged.iterdir()):
            if path.name in noted:
                move(path, self._layout.out / path.name, self._disk)
            else:
                path.unlink()

    def _name(self, number: int) -> str:
        return f"{number:012d}.{self._how.format}"

    def _csv(self, document: ErpDocument) -> bytes:
        return spoken.as_csv(document, self._how.encoding)


def _is_ours(name: str) -> bool:
    stem, _, ending = name.partition(".")
    return stem.isdigit() and ending in ("json", "csv")
