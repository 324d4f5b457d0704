"""The owner of one scanner: one thread reads its line and nothing else, another tells what was read. So a slow disk
never makes two scans one, and the time of a scan is when it came."""

import logging
import threading
import time
from collections.abc import Callable
from contextlib import closing
from queue import SimpleQueue

from drivers.errors import ScannerGone
from drivers.scanners.base import Line, Scan, ScannerState
from drivers.scanners.framing import Framer
from drivers.scanners.trouble import Trouble

log = logging.getLogger(__name__)

_RETRY_S = 0.5
_SETTLE_S = 2.0
"""A line that never falls silent is read after so long all the same."""


class LineScanner:
    """Comes back by itself after an unplugging. Both callbacks run in one thread, in the order of what happened."""

    def __init__(
        self,
        device: str,
        open_line: Callable[[], Line],
        on_scan: Callable[[Scan], None],
        on_state: Callable[[ScannerState], None],
    ) -> None:
        """`device` names it in its scans; `open_line` raises ScannerGone, and may be called each half second."""
        self._device, self._open_line = device, open_line
        self._on_scan, self._on_state = on_scan, on_state
        self._framer = Framer()
        self._told: tuple[bool, Trouble | None, str, int | None] | None = None
        self._queue: SimpleQueue[Scan | ScannerState | None] = SimpleQueue()
        self._stopping = threading.Event()
        self._reading = threading.Thread(target=self._read_on, name=f"scanner {device}", daemon=True)
        self._telling = threading.Thread(target=self._tell_on, name=f"scans of {device}", daemon=True)

    def start(self) -> None:
        self._telling.start()
        self._reading.start()

    def stop(self) -> None:
        self._stopping.set()
        if self._reading.ident is not None:
            self._reading.join()
            self._queue.put(None)
            self._telling.join()

    def _read_on(self) -> None:
        while not self._stopping.is_set():
            try:
                self._read_until_gone()
            except ScannerGone as gone:
                self._see(ScannerState(False, time.time(), str(gone), gone.trouble))
            except Exception as error:
                if self._see(ScannerState(False, time.time(), str(error), Trouble.FAILING)):
                    log.exception("scanner %s failed; it is opened again and again", self._device)
            self._stopping.wait(_RETRY_S)

    def _read_until_gone(self) -> None:
        try:
            with closing(self._open_line()) as line:
                self._settle(line)
                self._see_line(line)
                while not self._stopping.is_set():
                    data = line.read()
                    self._put(self._framer.feed(data) if data else self._framer.idle())
                    self._see_line(line)
        finally:
            self._framer.discard()

    def _settle(self, line: Line) -> None:
        """What was on its way when the line was opened has lost its head."""
        until = time.monotonic() + _SETTLE_S
        while line.read() and time.monotonic() < until and not self._stopping.is_set():
            pass

    def _put(self, scans: list[bytes]) -> None:
        for raw in scans:
            self._queue.put(Scan(raw, self._device, time.time()))

    def _see_line(self, line: Line) -> None:
        problem = f"{line.path}: only noise, the speed is being looked for" if line.trouble is Trouble.SPEED else ""
        self._see(ScannerState(True, time.time(), problem, line.trouble, line.path, line.speed))

    def _see(self, state: ScannerState) -> bool:
        """Whether that is news."""
        now = (state.connected, state.trouble, state.path, state.speed)
        if now == self._told:
            return False
        self._told = now
        self._queue.put(state)
        return True

    def _tell_on(self) -> None:
        while (happened := self._queue.get()) is not None:
            try:
                self._tell(happened)
            except Exception:
                log.exception("scanner %s: something could not be dealt with; reading goes on", self._device)

    def _tell(self, happened: Scan | ScannerState) -> None:
        if isinstance(happened, Scan):
            self._on_scan(happened)
            return
        how = f"is read at {happened.path}" if happened.connected else "is not there"
        log.info("scanner %s %s%s", self._device, how, f": {happened.problem}" if happened.problem else "")
        self._on_state(happened)
