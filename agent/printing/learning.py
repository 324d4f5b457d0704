"""What a printer's conversations teach is kept as soon as they do, so that after a restart one that is held by another
program is busy, and not taken for a mute one. One that nobody has asked yet is asked, once, when it has nothing to do.
"""

import logging

from agent.errors import StorageError
from agent.files import WorkFile
from agent.printing import known
from agent.printing.known import Known
from agent.printing.trying import hear_all
from agent.printing.view import PrinterView
from drivers.errors import DriverError
from drivers.printers.base import Printer

log = logging.getLogger(__name__)


class Learning:
    """`recall` comes before the first connect; the rest is for the printer's thread and never fails it."""

    def __init__(self, name: str, printer: Printer, work: WorkFile) -> None:
        self._name, self._printer, self._work = name, printer, work
        self._kept = printer.capabilities
        self._asked = False

    def recall(self, kept: Known) -> None:
        of_it = kept.at(self._printer.address)
        self._asked = of_it.probed_at is not None
        if of_it.capabilities is not None:
            self._printer.capabilities = self._kept = of_it.capabilities

    @property
    def model(self) -> str:
        """As it calls itself, empty where it does not."""
        now = self._printer.capabilities
        return " ".join(filter(None, (now.maker, now.model)))

    def look(self) -> None:
        """After each thing that was said."""
        now = self._printer.capabilities
        if now != self._kept:
            try:
                self._work.write(lambda tx: known.learn(tx, self._name, self._printer.address, now))
                self._kept = now
            except StorageError as error:
                log.warning("what printer %s can do is not kept yet: %s", self._name, error)

    def should_ask(self, view: PrinterView) -> bool:
        """Once: whoever is told to ask does."""
        if self._asked or view.waiting or view.cause or view.state == "blocked":
            return False
        self._asked = True
        return True

    def ask(self, printer: Printer) -> None:
        """An errand. One that went away meanwhile is asked the next time."""
        try:
            told = hear_all(printer)
            self._work.write(lambda tx: known.probed(tx, self._name, told.address, told.capabilities, told.identity))
            self._kept = told.capabilities
        except (DriverError, StorageError) as error:
            self._asked = False
            log.info("printer %s could not be asked what it can prove: %s", self._name, error)
