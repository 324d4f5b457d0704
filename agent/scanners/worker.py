"""From a scanner's thread to a verdict: the row is committed before `on_scanned` may beep."""

import logging
from collections.abc import Callable
from dataclasses import dataclass

from agent.catalogue import lookup_in
from agent.config import ScannerSettings
from agent.errors import AgentError
from agent.files import CacheFile, WorkFile
from agent.judging import Scanned
from agent.scanners import known, sheet
from agent.verdicts import Told, not_kept, told
from domain.protocol import PrinterReport
from domain.times import SECOND, Millis
from drivers.scanners.base import Kind, Scan, Scanner, ScannerState
from drivers.scanners.hid import HidScanner
from drivers.scanners.serial import SerialScanner
from drivers.scanners.trouble import Trouble
from drivers.scanners.trying import place

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ScannerView:
    """How a scanner is, for page and report. `state` is ready, blocked or unknown; `path` is where it is now."""

    station: str
    name: str
    state: str = "unknown"
    trouble: Trouble | None = None
    problem: str = ""
    at: Millis = 0
    path: str = ""
    speed: int | None = None

    def report(self) -> PrinterReport:
        return PrinterReport(self.name, self.station, self.state, self.trouble or "")


@dataclass(frozen=True, slots=True)
class Hearing:
    """Who hears of scanners, all in their threads. `on_verdict`: of each scan that was judged here, or could not be
    kept. `elsewhere` says True of a scan that is not for the work here."""

    on_verdict: Callable[[Told], None]
    on_view: Callable[[object], None]
    elsewhere: Callable[[Scan], bool]


class ScannerWorker:
    """One scanner of ours."""

    def __init__(self, settings: ScannerSettings, work: WorkFile, cache: CacheFile, hearing: Hearing) -> None:
        self.settings = settings
        self._work, self._lookup, self._hearing = work, lookup_in(cache), hearing
        self._view = ScannerView(settings.station, settings.name or settings.station)
        self._scanner: Scanner | None = None

    @property
    def view(self) -> ScannerView:
        return self._view

    def start(self, known_speed: int | None = None) -> None:
        """`known_speed` is what its line was read at the last time."""
        self._scanner = self._opened(known_speed)
        self._scanner.start()

    def stop(self) -> None:
        if self._scanner is not None:
            self._scanner.stop()

    def _opened(self, known_speed: int | None) -> Scanner:
        settings, station = self.settings, self.settings.station
        where = place(settings.kind, path=settings.path, identity=settings.identity)
        if settings.kind is Kind.HID:
            return HidScanner(station, where, self._take, self._see)
        return SerialScanner(station, where, self._take, self._see, speed=settings.speed, known_speed=known_speed)

    def _take(self, scan: Scan) -> None:
        if self._hearing.elsewhere(scan):
            return
        try:
            scanned = self._judged(scan)
        except AgentError as error:
            log.error("a scan of %s was not kept: %s", scan.device, error)
            self._hearing.on_verdict(not_kept(error, scan.device))
            return
        except Exception:  # whoever scanned must hear that it was not judged, and the next scan is heard
            log.exception("a scan of %s could not be judged", scan.device)
            self._hearing.on_verdict(not_kept(AgentError("内部错误 / internal error"), scan.device))
            return
        self._hearing.on_verdict(told(scanned, scan.device))

    def _judged(self, scan: Scan) -> Scanned:
        read_at = int(scan.at * SECOND)
        return self._work.write(lambda tx: sheet.scan(tx, scan.raw, scan.device, self._lookup, read_at=read_at))

    def _see(self, state: ScannerState) -> None:
        self._view = ScannerView(
            self._view.station,
            self._view.name,
            "ready" if state.connected and state.trouble is None else "blocked",
            state.trouble,
            state.problem,
            int(state.since * SECOND),
            state.path,
            state.speed,
        )
        if state.speed is not None and self.settings.speed is None:
            self._remember(state.speed)
        self._hearing.on_view(self._view)

    def _remember(self, speed: int) -> None:
        try:
            self._work.write(lambda tx: known.keep_speed(tx, self.settings.station, speed))
        except AgentError as error:
            log.warning("the speed of scanner %s is found again next time: %s", self.settings.station, error)
