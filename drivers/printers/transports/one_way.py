"""Printers that nothing ever comes back from: a pipe, a file, a device that can only be written.

They are asked nothing: a question would only be more bytes in the file.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass

from msgspec.structs import replace

from drivers.errors import ConnectionLost, PrinterUnreachable
from drivers.printers.base import Closing, Evidence, Job, Printer
from drivers.printers.capability import Capabilities
from drivers.printers.status import PrinterStatus
from drivers.printers.waker import Waker
from drivers.printers.wire import Wire


@dataclass(frozen=True, slots=True)
class OneWay:
    """Marks a wire as one that cannot be read."""

    wire: Wire


class OneWaySession(Closing):
    def __init__(self, wire: Wire, printer: Printer) -> None:
        self._wire, self._printer = wire, printer

    def status(self) -> PrinterStatus:
        return PrinterStatus(answered=False)

    def send(self, job: Job) -> None:
        try:
            self._wire.write(job.data)
        except OSError as error:
            raise ConnectionLost(f"lost {self._printer.address} while it took a slip: {error}") from error

    def confirm(self, job: Job, *, on_status: Callable[[PrinterStatus], None], stop: threading.Event) -> Evidence:
        return Evidence.sent

    def idle(self, seconds: float, waker: Waker) -> PrinterStatus | None:
        waker.wait(seconds)
        return None

    def send_command(self, data: bytes) -> None:
        try:
            self._wire.write(data)
        except OSError as error:
            raise PrinterUnreachable(f"lost {self._printer.address}: {error}") from error

    def probe(self) -> Capabilities:
        self._printer.capabilities = replace(
            self._printer.capabilities, real_time=False, in_order=False, process_id=False, auto_status=False
        )
        return self._printer.capabilities

    def close(self) -> None:
        self._wire.close()
