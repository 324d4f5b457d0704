"""Scanners on a serial line: RS-232, USB set to COM (CDC), or a pty. 8 data bits, no parity, 1 stop bit."""

import errno
from collections.abc import Callable

import serial

from drivers.errors import ScannerGone
from drivers.scanners.attached import Device
from drivers.scanners.base import IDLE_S, Line, Scan, ScannerState
from drivers.scanners.owner import LineScanner
from drivers.scanners.speeds import SPEEDS, SpeedFinder
from drivers.scanners.trouble import Trouble
from drivers.scanners.tuning import TuningLine
from drivers.system import claim

_TROUBLES = {
    errno.ENOENT: Trouble.MISSING,
    errno.ENODEV: Trouble.MISSING,
    errno.ENXIO: Trouble.MISSING,
    errno.EACCES: Trouble.FORBIDDEN,
    errno.EPERM: Trouble.FORBIDDEN,
    errno.EBUSY: Trouble.TAKEN,
    errno.EAGAIN: Trouble.TAKEN,
}
_OF_WINDOWS = {"FileNotFoundError(": Trouble.MISSING, "PermissionError(": Trouble.TAKEN}
"""How pyserial words it there, where it leaves the error's number out."""


class SerialLine:
    """An open port that nobody else reads. DTR and RTS are up: many scanners send only then."""

    trouble: Trouble | None = None

    def __init__(self, path: str, speed: int | None = None) -> None:
        """Raises ScannerGone."""
        self.path, self.speed = path, speed
        try:
            self._port = serial.Serial(path, speed or SPEEDS[0], timeout=IDLE_S, exclusive=True)
        except OSError as error:  # serial.SerialException is one
            raise ScannerGone(f"{path}: {error}", _trouble(error)) from error
        try:
            claim.claim(self._port)
        except OSError as error:
            self._port.close()
            raise ScannerGone(f"{path}: {error}", _trouble(error)) from error

    def read(self) -> bytes:
        try:
            return self._port.read(self._port.in_waiting or 1)
        except OSError as error:
            raise ScannerGone(f"{self.path}: {error}", Trouble.MISSING) from error

    def tune(self, speed: int) -> None:
        """What was read at the old speed and not yet taken is worth nothing. Raises ScannerGone."""
        try:
            self._port.baudrate = speed
            self._port.reset_input_buffer()
        except OSError as error:
            raise ScannerGone(f"{self.path}: {error}", Trouble.FAILING) from error
        self.speed = speed

    def close(self) -> None:
        claim.let_go(self._port)
        self._port.close()


class SerialScanner(LineScanner):
    """Finds the speed of its line by itself unless it is set. See `LineScanner`."""

    def __init__(
        self,
        device: str,
        place: Callable[[], Device],
        on_scan: Callable[[Scan], None],
        on_state: Callable[[ScannerState], None],
        *,
        speed: int | None = None,
        known_speed: int | None = None,
        open_line: Callable[[str, int | None], SerialLine] = SerialLine,
    ) -> None:
        """`device` names it in its scans; `place` says where it is now, or raises ScannerGone. `speed` is a person's
        word, `known_speed` what worked the last time."""
        self._place, self._speed, self._line_at = place, speed, open_line
        self._finder = SpeedFinder(known_speed)
        super().__init__(device, self._open, on_scan, on_state)

    def _open(self) -> Line:
        device = self._place()
        if self._speed is not None or not device.speed_matters:
            return self._line_at(device.path, self._speed)
        return TuningLine(self._line_at(device.path, self._finder.speed), self._finder)


def _trouble(error: OSError) -> Trouble:
    if error.errno in _TROUBLES:
        return _TROUBLES[error.errno]
    return next((trouble for said, trouble in _OF_WINDOWS.items() if said in str(error)), Trouble.FAILING)
