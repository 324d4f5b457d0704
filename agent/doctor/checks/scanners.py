"""Is each scanner of ours there, and can it be read? Scanners that type into the page need nothing."""

from collections.abc import Iterator

from agent.config import ScannerSettings
from agent.doctor.case import Case, Records
from agent.doctor.findings import Finding, found
from agent.state import DeviceView
from domain.scanner_sheet import Level
from drivers.errors import ScannerGone
from drivers.scanners.base import Use
from drivers.scanners.trouble import Trouble
from drivers.scanners.trying import try_to_open


def scanners(case: Case) -> list[Finding]:
    ours = [scanner for scanner in case.settings.scanners if scanner.use is Use.OURS]
    findings = [_one(case, scanner) for scanner in ours] or [found("scanner.none")]
    return [*findings, *_graded(case)]


def _graded(case: Case) -> Iterator[Finding]:
    """What the set-up sheet said of each; those that type are known by the page that heard them."""
    if not isinstance(case.records, Records):
        return
    names = {scanner.station: scanner.name or scanner.station for scanner in case.settings.scanners}
    for station, level in case.records.scanner_grades.items():
        if level is not Level.GOOD:
            yield found(f"scanner.{level}", path=names.get(station, station))


def _one(case: Case, scanner: ScannerSettings) -> Finding:
    """One that the agent reads is not opened a second time: it is for the agent alone."""
    name = scanner.name or scanner.station
    seen = _seen(case, scanner.station)
    if seen is not None and seen.state == "ready":
        return found("scanner.ready", path=name)
    if seen is not None and seen.cause:
        return _said(Trouble(seen.cause), name, seen.problem)
    try:
        try_to_open(scanner.kind, path=scanner.path, identity=scanner.identity)
    except ScannerGone as error:
        return _said(error.trouble, name, str(error))
    return found("scanner.ready", path=name)


def _seen(case: Case, station: str) -> DeviceView | None:
    views = () if case.running is None else case.running.scanners
    return next((view for view in views if view.address == station), None)


def _said(trouble: Trouble, name: str, why: str) -> Finding:
    return found(f"scanner.{trouble}", path=name, why=why, detail=why)
