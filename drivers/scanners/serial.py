"""Scanners on a serial line: RS-232, USB set to COM (CDC), or a pty. One thread owns the port."""

import logging
import threading
import time
from collections.abc import Callable

import serial

from drivers.errors import ScannerGone
from drivers.scanners.base import Scan, ScannerState
from drivers.scanners.framing import IDLE_S, Framer

log = logging.getLogger(__name__)

_RETRY_S = 0.5


def try_to_open(path: str) -> None:
    """Raises ScannerGone, with the system's reason as its cause. Not while a `SerialScanner` reads there."""
    try:
        serial.Serial(path).close()
    except OSError as error:
        raise ScannerGone(f"{path}: {error}") from error


class SerialScanner:
    """Comes back by itself after an unplugging. Both callbacks run in its thread."""

    def __init__(
        self,
        path: str,
        on_scan: Callable[[Scan], None],
        on_state: Callable[[ScannerState], None],
        baudrate: int = 9600,
    ) -> None:
        self._path = path
        self._on_scan, self._on_state = on_scan, on_state
        self._baudrate = baudrate
        self._framer = Framer()
        self._connected: bool | None = None
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"scanner {path}", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        if self._thread.ident is not None:
            self._thread.join()

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                self._read_until_gone()
            except ScannerGone as gone:
                self._tell(False, str(gone))
            except Exception as error:
                log.exception("scanner %s failed; it is opened again", self._path)
                self._tell(False, str(error))
            self._stopping.wait(_RETRY_S)

    def _read_until_gone(self) -> None:
        try:
            with self._open() as port:
                self._tell(True)
                while not self._stopping.is_set():
                    data = self._read(port)
                    self._deliver(self._framer.feed(data) if data else self._framer.idle())
        finally:
            self._framer.discard()

    def _open(self) -> serial.Serial:
        try:
            return serial.Serial(self._path, self._baudrate, timeout=IDLE_S)
        except OSError as error:  # serial.SerialException is one
            raise ScannerGone(f"{self._path}: {error}") from error

    def _read(self, port: serial.Serial) -> bytes:
        """What is there, or empty after IDLE_S of silence."""
        try:
            return port.read(port.in_waiting or 1)
        except OSError as error:
            raise ScannerGone(f"{self._path}: {error}") from error

    def _deliver(self, scans: list[bytes]) -> None:
        for raw in scans:
            try:
                self._on_scan(Scan(raw, self._path, time.time()))
            except Exception:
                log.exception("scanner %s: a scan could not be dealt with; reading goes on", self._path)

    def _tell(self, connected: bool, problem: str = "") -> None:
        if connected == self._connected:
            return
        self._connected = connected
        log.info("scanner %s %s", self._path, "connected" if connected else f"gone: {problem}")
        self._on_state(ScannerState(connected, time.time(), problem))
