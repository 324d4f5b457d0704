"""One session at a time, and what is said of a printer that cannot be opened."""

import errno
import os
import threading
import time

import pytest

from drivers.errors import PrinterUnreachable
from drivers.printers.status import Blocked
from drivers.printers.transports import wired
from drivers.printers.transports.wired import WiredPrinter
from drivers.printers.wire import Wire


class DeadWire:
    def write(self, data: bytes) -> None: ...

    def read(self, timeout: float) -> bytes:
        return b""

    def fileno(self) -> int | None:
        return None

    def close(self) -> None: ...


def refusing(error: OSError) -> WiredPrinter:
    def refuse() -> Wire:
        raise error

    return WiredPrinter("usb://0416:5011", refuse)


@pytest.mark.parametrize(
    ("number", "reason"),
    [
        (errno.EBUSY, Blocked.busy),
        (errno.EAGAIN, Blocked.busy),
        (errno.ENODEV, Blocked.unreachable),
        (errno.EACCES, Blocked.unreachable),
    ],
)
def test_a_printer_held_by_another_program_is_busy(number: int, reason: Blocked) -> None:
    with pytest.raises(PrinterUnreachable) as refused:
        refusing(OSError(number, os.strerror(number))).connect()
    assert refused.value.reason is reason


def test_a_forbidden_device_says_what_to_do() -> None:
    with pytest.raises(PrinterUnreachable) as refused:
        refusing(PermissionError(errno.EACCES, "Permission denied")).connect()
    assert "dialout" in refused.value.hint


def test_the_second_waits_for_the_first() -> None:
    """Whoever opens it: a look from the page and the printer's own thread know nothing of each other."""
    first, second = WiredPrinter("serial:///dev/x", DeadWire), WiredPrinter("serial:///dev/x", DeadWire)
    session = first.connect()
    started = time.monotonic()
    threading.Timer(0.3, session.close).start()
    second.connect().close()
    assert time.monotonic() - started > 0.2


def test_the_second_does_not_wait_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wired, "_PATIENCE_S", 0.1)
    session = WiredPrinter("serial:///dev/y", DeadWire).connect()
    with pytest.raises(PrinterUnreachable) as refused:
        WiredPrinter("serial:///dev/y", DeadWire).connect()
    assert refused.value.reason is Blocked.busy
    session.close()
    session.close()  # twice is no harm
    WiredPrinter("serial:///dev/y", DeadWire).connect().close()


def test_what_cannot_be_opened_keeps_nobody_out() -> None:
    for _ in range(2):
        with pytest.raises(PrinterUnreachable):
            refusing(OSError(errno.ENODEV, "gone")).connect()
