"""Our documents as files in `out`, each laid there exactly once.

    staged/N   written and on the disk
    delivered  noted in the work file
    out/N      renamed there

Killed before the note, it is staged anew; killed after it, what is still staged is renamed. So a file that the ERP
fetched is never laid there a second time, and none is noted that never appeared.
"""

import logging
import os
from functools import partial
from pathlib import Path

from agent.erp import documents, spoken
from agent.erp.folder.layout import Layout, move
from agent.erp.mapping import FolderDocuments
from agent.files import WorkFile
from agent.whole_file import write_whole
from domain.erp import OWED, DocumentState, ErpDocument

log = logging.getLogger(__name__)


class Handing:
    """In the connector's thread. Raises OSError or StorageError: then it is tried again."""

    def __init__(self, layout: Layout, how: FolderDocuments, work: WorkFile) -> None:
        self._layout, self._how, self._work = layout, how, work

    def hand_over(self) -> int:
        """What waits goes out; returns how many files."""
        self._finish_staged()
        told = self._work.read(documents.waiting)
        for document in told:
            content = spoken.as_json(document) if self._how.format == "json" else self._csv(document)
            write_whole(self._layout.staged / self._name(document.number), content, _create)
        if told:
            self._work.write(lambda tx: documents.delivered(tx, [document.number for document in told]))
            self._finish_staged()
            log.info("%d documents lie ready for the ERP", len(told))
        return len(told)

    def follow_answers(self) -> None:
        """What the ERP took out of `out` is acknowledged, where it answers so; else what it answered is cleared."""
        if not self._layout.out_is_there:
            return
        lying = {path.name for path in self._layout.out.iterdir()}
        if self._how.acknowledge == "removal":
            for number in sorted(self._numbers(DocumentState.DELIVERED)):
                if self._name(number) not in lying and not (self._layout.staged / self._name(number)).exists():
                    self._work.write(partial(documents.acknowledge, number=number))
            return
        owed = {self._name(number) for state in OWED for number in self._numbers(state)}
        for name in lying - owed:
            if _is_ours(name):
                (self._layout.out / name).unlink(missing_ok=True)

    def _finish_staged(self) -> None:
        """What was noted is renamed; what was not is staged anew before it is."""
        noted = {self._name(number) for number in self._numbers(DocumentState.DELIVERED)}
        for path in sorted(self._layout.staged.iterdir()):
            if path.name in noted:
                move(path, self._layout.out / path.name)
            else:
                path.unlink()

    def _numbers(self, state: DocumentState) -> frozenset[int]:
        return self._work.read(lambda reading: documents.numbers(reading, state))

    def _name(self, number: int) -> str:
        return f"{number:012d}.{self._how.format}"

    def _csv(self, document: ErpDocument) -> bytes:
        return spoken.as_csv(document, self._how.encoding)


def _create(path: Path) -> int:
    """Whoever may use the folder may read it."""
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o664)


def _is_ours(name: str) -> bool:
    stem, _, ending = name.partition(".")
    return stem.isdigit() and ending in ("json", "csv")
