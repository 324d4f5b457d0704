"""Printers on a serial line: RS-232, a USB adapter, or a USB printer set to a virtual COM port. 8 data bits, no parity,
1 stop bit.
"""

import errno
import time
from enum import StrEnum

import serial

_STALL_S = 30.0
_CHUNK = 128
_LOOK_S = 0.005
_WINDOWS_HELD = "PermissionError(13"
"""How pyserial words a COM port that another program has open; it leaves the error's number out there."""


class Flow(StrEnum):
    """How the printer says that its buffer is full; its self-test page names it."""

    NONE = "none"
    DTR = "dtr"
    """It lowers DTR, which a crossed cable brings to our DSR. Epson's and most others' factory setting."""
    RTS = "rts"
    XONXOFF = "xonxoff"


def open_serial(port: str, baud: int, flow: Flow) -> "SerialWire":
    """`port` is a device path or COM3. Another program that locks the port keeps us out, and we it."""
    try:
        line = serial.serial_for_url(
            port,
            baud,
            write_timeout=_STALL_S,
            xonxoff=flow is Flow.XONXOFF,
            rtscts=flow is Flow.RTS,
            dsrdtr=flow is Flow.DTR,
            exclusive=True,
        )
    except serial.SerialException as error:
        if _WINDOWS_HELD in str(error):
            raise OSError(errno.EBUSY, str(error)) from error
        raise
    return SerialWire(line, watches_dsr=flow is Flow.DTR)


class SerialWire:
    def __init__(self, line: serial.Serial, *, watches_dsr: bool) -> None:
        self._line = line
        self._watches_dsr = watches_dsr

    def write(self, data: bytes) -> None:
        """In small pieces, so that the write timeout is for a printer that takes nothing, not for a long slip."""
        for start in range(0, len(data), _CHUNK):
            if self._watches_dsr:
                self._wait_for_dsr()
            self._line.write(data[start : start + _CHUNK])

    def read(self, timeout: float) -> bytes:
        self._line.timeout = timeout
        return self._line.read(self._line.in_waiting or 1)

    def fileno(self) -> int | None:
        try:
            return self._line.fileno()
        except OSError:  # io.UnsupportedOperation is one: Windows
            return None

    def close(self) -> None:
        self._line.close()

    def _wait_for_dsr(self) -> None:
        """Linux has no such flow control, so it is done here: nothing more leaves before the piece before has, and the
        printer is ready. A printer announces a full buffer some 200 bytes early.
        """
        deadline = time.monotonic() + _STALL_S
        while self._line.out_waiting or not self._line.dsr:
            if time.monotonic() > deadline:
                raise TimeoutError("the printer takes no data (its DTR is low)")
            time.sleep(_LOOK_S)
