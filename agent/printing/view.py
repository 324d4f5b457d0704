"""How a printer is, for page, tray and report."""

from dataclasses import dataclass

from domain.protocol import PrinterReport
from domain.times import Millis


@dataclass(frozen=True, slots=True)
class PrinterView:
    """`state` is ready, blocked or unknown; `at` when that was seen. `waiting` are the slips that it should print and
    that are due, `paused` says that a person wants none sent to it."""

    name: str
    address: str
    state: str = "unknown"
    cause: str = ""
    paper_near_end: bool = False
    last_slip: str = ""
    at: Millis = 0
    paused: bool = False
    waiting: int = 0

    def report(self, model: str = "") -> PrinterReport:
        return PrinterReport(
            self.name, self.address, self.state, self.cause, self.paper_near_end, self.paused, self.waiting, model
        )
