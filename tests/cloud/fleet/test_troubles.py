"""What of a report a person should look at."""

import msgspec
import pytest

from cloud.fleet.troubles import Kind, Level, Trouble, of_report, worst_first
from domain.protocol import FindingReport, JobReport, PrinterReport, Report
from domain.times import DAY, HOUR, MINUTE, SECOND

NOW = 1_790_000_000_000
WELL = Report(
    "device-1", "boot", "1.0", NOW - MINUTE, (), 3, NOW - MINUTE,
    printers=(PrinterReport("前台", "tcp://x", "ready"), PrinterReport("收银", "tcp://y", "blocked", "busy")),
    clock_offset=-20 * SECOND, disk_free=20 << 30, jobs=(JobReport("backup", outcome="ok", well_at=NOW - DAY),),
    findings=(FindingReport("time_zone.other", "look", "时区", "zone"),), diagnosed_at=NOW - HOUR,
)  # fmt: skip


def troubles(**changed: object) -> tuple[Trouble, ...]:
    return worst_first(of_report(msgspec.structs.replace(WELL, **changed), NOW, online=True))


def test_a_store_that_is_well_says_nothing() -> None:
    assert troubles() == ()


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"stopped": ("catalogue",), "quarantined": 1}, [(Level.BAD, Kind.STOPPED, 1)]),
        ({"outbox_depth": 4, "outbox_oldest_at": NOW - 11 * MINUTE}, [(Level.BAD, Kind.UNSENT, 4)]),
        ({"undelivered": 2}, [(Level.LOOK, Kind.UNDELIVERED, 2)]),
        ({"quarantined": 1}, [(Level.LOOK, Kind.QUARANTINED, 1)]),
        ({"clock_offset": -31 * SECOND}, [(Level.LOOK, Kind.CLOCK, 31)]),
        ({"disk_free": 400 << 20}, [(Level.LOOK, Kind.DISK_LOW, 0)]),
        ({"disk_free": 60 << 20}, [(Level.BAD, Kind.DISK_SCARCE, 0)]),
        ({"printers": (PrinterReport("前台", "x", "blocked", "paper_out"),)}, [(Level.BAD, Kind.PRINTER, 1)]),
        ({"printers": (PrinterReport("前台", "x", "ready", paused=True),)}, [(Level.LOOK, Kind.PRINTER_PAUSED, 1)]),
        ({"scanners": (PrinterReport("枪", "x", "blocked", "missing"),)}, [(Level.LOOK, Kind.SCANNER, 1)]),
        ({"jobs": (JobReport("check", outcome="hangs"),)}, [(Level.LOOK, Kind.JOBS, 1)]),
        ({"jobs": (JobReport("backup", outcome="ok", well_at=NOW - 4 * DAY),)}, [(Level.LOOK, Kind.BACKUP, 0)]),
        ({"findings": (FindingReport("port.taken", "bad", "端口", "port"),)}, [(Level.BAD, Kind.DIAGNOSIS, 1)]),
        ({"findings": (FindingReport("erp.stuck", "look", "单据", "documents"),)}, [(Level.LOOK, Kind.ERP, 1)]),
        ({"findings": (FindingReport("erp.aside", "look", "文件", "files"),)}, []),
        ({"findings": (FindingReport("printer.blocked", "bad", "缺纸", "paper"),)}, []),
    ],
)  # fmt: skip
def test_each_trouble_is_told_once(changed: dict[str, object], told: list[tuple[Level, Kind, int]]) -> None:
    assert [(one.level, one.kind, one.count) for one in troubles(**changed)] == told


def test_what_a_dark_store_has_to_send_waits_for_the_line() -> None:
    waiting = msgspec.structs.replace(WELL, outbox_oldest_at=NOW - DAY)
    assert list(of_report(waiting, NOW, online=False)) == []
    assert list(of_report(waiting, NOW, online=True)) != []


def test_what_a_fast_clock_dates_is_read_by_ours() -> None:
    """Eleven minutes old by a clock that is ten minutes ahead: it was written a minute ago by ours."""
    ahead = 10 * MINUTE
    fresh = troubles(clock_offset=ahead, outbox_oldest_at=NOW + ahead - 9 * MINUTE)
    late = troubles(clock_offset=ahead, outbox_oldest_at=NOW + ahead - 11 * MINUTE)
    assert [one.kind for one in fresh] == [Kind.CLOCK]
    assert [one.kind for one in late] == [Kind.UNSENT, Kind.CLOCK]
