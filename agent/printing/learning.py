"""What a printer's conversations teach is kept as soon as they do, so that after a restart one that is held by another
program is busy, and not taken for a mute one."""

import logging

from agent.errors import StorageError
from agent.files import WorkFile
from agent.printing import known
from agent.printing.known import Known
from drivers.printers.base import Printer

log = logging.getLogger(__name__)


class Learning:
    """`recall` comes before the first connect; `look` is for the printer's thread and never fails it."""

    def __init__(self, name: str, printer: Printer, work: WorkFile) -> None:
        self._name, self._printer, self._work = name, printer, work
        self._kept = printer.capabilities

    def recall(self, kept: Known) -> None:
        capabilities = kept.at(self._printer.address).capabilities
        if capabilities is not None:
            self._printer.capabilities = self._kept = capabilities

    def look(self) -> None:
        now = self._printer.capabilities
        if now == self._kept:
            return
        try:
            self._work.write(lambda tx: known.learn(tx, self._name, self._printer.address, now))
        except StorageError as error:
            log.warning("what printer %s can do is not kept yet: %s", self._name, error)
        else:
            self._kept = now
