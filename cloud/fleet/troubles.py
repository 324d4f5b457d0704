"""What of a store's agent a person should look at: pure rules over its last report and how it stands."""

from collections.abc import Iterator, Sequence
from enum import StrEnum

import msgspec

from domain.protocol import FindingReport, PrinterReport, Report
from domain.thresholds import BACKUP_OLD, CLOCK_OFF, DISK_LOW, DISK_SCARCE, MOST_UNSENT
from domain.times import MINUTE, SECOND, Millis

DARK_AFTER: Millis = 2 * MINUTE
"""A restarted computer is back by then."""
MOST_BEHIND: Millis = 6 * MINUTE
"""In the store's own log: what concerns no order, as stock, is told with the next report, in five minutes at most."""
MOST_BEHIND_CHAIN: Millis = 10 * MINUTE
"""In the chain's logs. Every pack sold anywhere adds to one of them, and how far an agent on an open stream is there is
known from its reports alone: one in five minutes, give or take one."""
BACKUP = "backup"
"""The name of the job."""

_TOLD_BESIDE = (
    *("printer.", "scanner.", "disk.", "quarantine.", "log.", "undelivered.", "backup.", "outbox.", "clock.", "line."),
)
"""Where the ids of findings begin that say what the report says itself, up to an hour younger."""

_OF_ERP = ("erp.connector", "erp.stuck", "erp.refused")


class Level(StrEnum):
    """How badly a person is needed, the worst first."""

    BAD = "bad"
    LOOK = "look"
    ABSENT = "absent"
    """No agent works there, and somebody knows it."""
    WELL = "well"


LEVELS = tuple(Level)


class Kind(StrEnum):
    """What may be wrong, what is most urgent first."""

    FROZEN = "frozen"
    DARK = "dark"
    STOPPED = "stopped"
    """A log stands still before an event that must be understood."""
    DISK_SCARCE = "disk_scarce"
    UNSENT = "unsent"
    BEHIND = "behind"
    PRINTER = "printer"
    DIAGNOSIS = "diagnosis"
    SET_ASIDE = "set_aside"
    UNDELIVERED = "undelivered"
    QUARANTINED = "quarantined"
    ERP = "erp"
    """Its doctor says that the ERP cannot be reached, does not answer, or refused."""
    DISK_LOW = "disk_low"
    JOBS = "jobs"
    BACKUP = "backup"
    CLOCK = "clock"
    PRINTER_PAUSED = "printer_paused"
    SCANNER = "scanner"
    REVOKED = "revoked"
    UNPAIRED = "unpaired"


_URGENCY = {kind: place for place, kind in enumerate(Kind)}


class Trouble(msgspec.Struct, frozen=True):
    """`count` and `since` where the kind has them; `what` names devices, jobs or logs."""

    level: Level
    kind: Kind
    count: int = 0
    since: Millis | None = None
    what: tuple[str, ...] = ()


def worst_first(troubles: Iterator[Trouble]) -> tuple[Trouble, ...]:
    return tuple(sorted(troubles, key=urgency))


def urgency(trouble: Trouble) -> tuple[int, int]:
    return LEVELS.index(trouble.level), _URGENCY[trouble.kind]


def of_report(report: Report, now: Millis, *, online: bool) -> Iterator[Trouble]:
    """`online`: what an agent has to send, or has not heard, is trouble only where it could."""
    if report.stopped:
        yield Trouble(Level.BAD, Kind.STOPPED, len(report.stopped), what=report.stopped)
    oldest = by_our_clock(report, report.outbox_oldest_at)
    if online and oldest is not None and now - oldest > MOST_UNSENT:
        yield Trouble(Level.BAD, Kind.UNSENT, report.outbox_depth, oldest)
    if report.undelivered:
        yield Trouble(Level.LOOK, Kind.UNDELIVERED, report.undelivered)
    if quarantined := report.quarantined - len(report.stopped):
        yield Trouble(Level.LOOK, Kind.QUARANTINED, quarantined)
    if report.clock_offset is not None and abs(report.clock_offset) > CLOCK_OFF:
        yield Trouble(Level.LOOK, Kind.CLOCK, abs(report.clock_offset) // SECOND)
    yield from _of_disk(report.disk_free)
    yield from _of_devices(report.printers, report.scanners)
    yield from _of_jobs(report, now)
    if erp := tuple(finding.id for finding in report.findings if finding.id in _OF_ERP):
        yield Trouble(Level.LOOK, Kind.ERP, len(erp), what=erp)
    bad = [finding for finding in report.findings if finding.level == "bad" and not _is_told_beside(finding)]
    if bad:
        yield Trouble(Level.BAD, Kind.DIAGNOSIS, len(bad), what=tuple(finding.id for finding in bad))


def _of_disk(free: int | None) -> Iterator[Trouble]:
    if free is None or free >= DISK_LOW:
        return
    scarce = free < DISK_SCARCE
    yield Trouble(Level.BAD if scarce else Level.LOOK, Kind.DISK_SCARCE if scarce else Kind.DISK_LOW)


def _of_devices(printers: Sequence[PrinterReport], scanners: Sequence[PrinterReport]) -> Iterator[Trouble]:
    """A printer that another program holds comes free by itself (design.md §7)."""
    blocked = [each.name for each in printers if each.state == "blocked" and each.cause != "busy" and not each.paused]
    paused = [each.name for each in printers if each.paused]
    broken = [each.name for each in scanners if each.state == "blocked"]
    found = ((Level.BAD, Kind.PRINTER, blocked), (Level.LOOK, Kind.PRINTER_PAUSED, paused))
    for level, kind, names in (*found, (Level.LOOK, Kind.SCANNER, broken)):
        if names:
            yield Trouble(level, kind, len(names), what=tuple(names))


def _of_jobs(report: Report, now: Millis) -> Iterator[Trouble]:
    failed = tuple(job.name for job in report.jobs if job.outcome in ("failed", "hangs"))
    if failed:
        yield Trouble(Level.LOOK, Kind.JOBS, len(failed), what=failed)
    backup = by_our_clock(report, backup_at(report))
    if backup is not None and now - backup > BACKUP_OLD:
        yield Trouble(Level.LOOK, Kind.BACKUP, since=backup)


def backup_at(report: Report) -> Millis | None:
    return next((job.well_at for job in report.jobs if job.name == BACKUP), None)


def by_our_clock(report: Report, at: Millis | None) -> Millis | None:
    """What the agent dated by its own."""
    return None if at is None else at - (report.clock_offset or 0)


def _is_told_beside(finding: FindingReport) -> bool:
    return finding.id.startswith(_TOLD_BESIDE)
