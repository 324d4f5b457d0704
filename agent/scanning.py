"""From a scanner's thread to a verdict: the row is committed before `on_scanned` may beep."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from agent import judging
from agent.catalogue import lookup_in
from agent.errors import AgentError
from agent.files import CacheFile, WorkFile
from agent.judging import Scanned
from domain.protocol import PrinterReport
from domain.times import SECOND, Millis
from drivers.scanners.base import Scan, ScannerState
from drivers.scanners.ports import at_path
from drivers.scanners.serial import SerialScanner

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ScannerView:
    """How a scanner is, for page and report. `state` is ready, blocked or unknown."""

    path: str
    state: str = "unknown"
    cause: str = ""
    at: Millis = 0

    def report(self) -> PrinterReport:
        return PrinterReport(self.path, self.path, self.state, self.cause)


class ScannerWorker:
    """One serial scanner of ours. Callbacks run in the scanner's thread; `on_failed` hears why a scan was not kept;
    `elsewhere` says True of one that is not for the work here."""

    def __init__(
        self,
        path: str,
        work: WorkFile,
        cache: CacheFile,
        on_scanned: Callable[[Scanned], None],
        *,
        on_failed: Callable[[AgentError], None] | None = None,
        on_view: Callable[[ScannerView], None] | None = None,
        elsewhere: Callable[[Scan], bool] | None = None,
    ) -> None:
        self._work, self._lookup = work, lookup_in(cache)
        self._on_scanned, self._on_failed, self._on_view = on_scanned, on_failed, on_view
        self._elsewhere = elsewhere
        self._view = ScannerView(path)
        self._scanner = SerialScanner(path, partial(at_path, path), self._take, self._see)

    @property
    def view(self) -> ScannerView:
        return self._view

    def start(self) -> None:
        self._scanner.start()

    def stop(self) -> None:
        self._scanner.stop()

    def _take(self, scan: Scan) -> None:
        if self._elsewhere is not None and self._elsewhere(scan):
            return
        read_at = int(scan.at * SECOND)
        try:
            scanned = self._work.write(
                lambda tx: judging.scan(tx, scan.raw, scan.device, self._lookup, read_at=read_at)
            )
        except AgentError as error:
            log.error("a scan of %s was not kept: %s", scan.device, error)
            if self._on_failed is not None:
                self._on_failed(error)
            return
        self._on_scanned(scanned)

    def _see(self, state: ScannerState) -> None:
        at = int(state.since * SECOND)
        self._view = ScannerView(self._view.path, "ready" if state.connected else "blocked", state.problem, at)
        if self._on_view is not None:
            self._on_view(self._view)
