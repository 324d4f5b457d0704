"""The virtual devices of one demo store."""

from collections.abc import Callable
from dataclasses import dataclass

from drivers.virtual.printer import VirtualPrinter
from drivers.virtual.scanner import VirtualScanner
from drivers.virtual.slip import VirtualSlip


@dataclass(slots=True)
class Devices:
    """A printer of our own unless somebody brought another, and a scanner that any program may write to."""

    printer: VirtualPrinter | None
    printer_address: str
    scanner: VirtualScanner

    @classmethod
    def plug_in(cls, printer: str | None, on_slip: Callable[[VirtualSlip], None]) -> "Devices":
        virtual = None if printer else VirtualPrinter(on_slip=on_slip)
        scanner = VirtualScanner()
        return cls(virtual, printer or (virtual.address if virtual else ""), scanner)

    def unplug(self) -> None:
        self.scanner.stop()
        if self.printer is not None:
            self.printer.stop()
