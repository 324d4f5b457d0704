"""The doctor where no agent runs: faults that keep it from running, and what happens meanwhile."""

import errno
import os
import shutil
import socket
import sqlite3
import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest
import pytest_asyncio

from agent.config import PrinterSettings, Settings
from agent.doctor.case import Case, Records
from agent.doctor.checks import disk as disk_check
from agent.doctor.checks import scanners as scanners_check
from agent.doctor.examination import examine
from agent.doctor.findings import Finding, Level, found
from agent.local_client import NotYours
from agent.set_aside import Counts
from agent.stopped_logs import Stopped
from agent.surroundings import ServiceState
from agent.system import surroundings
from domain.events import OrderPlaced, store_log
from domain.slips import SlipKind
from domain.times import DAY, HOUR
from drivers.errors import ScannerGone
from drivers.scanners.base import Kind
from drivers.scanners.trouble import Trouble
from drivers.virtual.printer import VirtualPrinter
from drivers.virtual.scanner import VirtualScanner
from tests.agent.core.hub import order
from tests.agent.shell.conftest import running
from tests.agent.shell.doctoring import alone, case_of, is_bad
from tests.agent.shell.fake_hub import FakeHub
from tests.awaiting import seen

pytestmark = pytest.mark.asyncio(loop_scope="module")

LOG = store_log("S1")


@pytest_asyncio.fixture(loop_scope="module")
async def stopped(settings: Settings, hub: FakeHub, keyring_as_found: None) -> Settings:
    """A paired store with one order, whose agent does not run any more."""
    async with running(settings) as agent:
        await agent.pair(hub)
        await hub.tell(LOG, OrderPlaced(order("o1")))
        await seen(agent.order, bool)
    return settings


async def test_a_stopped_store_says_only_that(stopped: Settings, hub: FakeHub, china: None) -> None:
    findings = await alone(stopped)
    assert {id for id, finding in findings.items() if finding.level is not Level.OK} == {"service.stopped"}
    assert {"credential.ok", "answer.ok", "database.ok", "printer.ready", "scanner.ready", "port.free"} <= set(findings)
    assert "agent.log" in findings["service.stopped"].do.zh


async def test_a_damaged_database(stopped: Settings) -> None:
    path = stopped.folder / "work.db"
    content = bytearray(path.read_bytes())
    content[4096:12288] = os.urandom(8192)
    path.write_bytes(content)
    finding = (await alone(stopped))["database.damaged"]
    assert is_bad(finding) and "work.db" in finding.what.zh and "不要删除" in finding.do.zh


async def test_a_file_that_is_no_database(stopped: Settings) -> None:
    (stopped.folder / "cache.db").write_bytes(b"hello" * 2000)
    (stopped.folder / "cache.db-wal").unlink(missing_ok=True)
    assert is_bad((await alone(stopped))["database.damaged"])


async def test_a_database_of_a_newer_version(stopped: Settings) -> None:
    with sqlite3.connect(stopped.folder / "work.db") as db:
        row = db.execute("SELECT * FROM _sqlite_migrations WHERE migration_set = 'work'").fetchone()
        db.execute("INSERT INTO _sqlite_migrations VALUES (?, ?, ?, ?)", (900, "work", "from the future", row[3]))
    db.close()
    assert is_bad((await alone(stopped))["database.newer"])


async def test_a_missing_credential(stopped: Settings) -> None:
    (stopped.folder / "secrets.json").unlink()
    assert is_bad((await alone(stopped))["credential.missing"])


async def test_a_secrets_file_that_others_can_read(stopped: Settings) -> None:
    (stopped.folder / "secrets.json").chmod(0o644)
    finding = (await alone(stopped))["credential.unusable"]
    assert is_bad(finding) and "chmod" in finding.do.en


async def test_a_port_that_is_taken(stopped: Settings) -> None:
    with socket.create_server(("127.0.0.1", stopped.page_port)):
        finding = (await alone(stopped))["port.taken"]
    assert is_bad(finding) and f"pid {os.getpid()}" in finding.what.zh


@pytest.mark.parametrize("fault", ["paper_out", "cover_open", "cutter", "offline"])
async def test_a_printer_that_cannot_print(stopped: Settings, printer: VirtualPrinter, fault: Any) -> None:
    printer.fault(fault)
    assert is_bad((await alone(stopped))["printer.blocked"])


async def test_a_printer_that_is_gone(stopped: Settings, printer: VirtualPrinter) -> None:
    printer.stop()
    finding = (await alone(stopped))["printer.unreachable"]
    assert is_bad(finding) and printer.address in finding.what.en


async def test_printers_that_tell_nothing_or_little(stopped: Settings, printer: VirtualPrinter) -> None:
    printer.fault("paper_near_end")
    assert (await alone(stopped))["printer.near_end"].level is Level.LOOK
    printer.fault(None)
    printer.mute = True
    assert (await alone(stopped))["printer.mute"].level is Level.LOOK
    wrong = msgspec.structs.replace(stopped, printers=(PrinterSettings("前台", "lpt1"),))
    assert is_bad((await alone(wrong))["printer.bad_address"])


async def test_slips_that_no_printer_takes(stopped: Settings) -> None:
    [one] = stopped.printers
    some = msgspec.structs.replace(one, prints=(SlipKind.PICKING, SlipKind.REFUND, SlipKind.TEST))
    finding = (await alone(msgspec.structs.replace(stopped, printers=(some,))))["printer.unserved"]
    assert is_bad(finding) and finding.what.zh.endswith("顾客联、停止单")
    assert "printer.unserved" not in await alone(stopped)


async def test_a_scanner_that_is_gone(stopped: Settings, scanner: VirtualScanner) -> None:
    scanner.unplug()
    assert is_bad((await alone(stopped))["scanner.missing"])


@pytest.mark.parametrize(
    ("trouble", "id"),
    [
        (Trouble.FORBIDDEN, "scanner.forbidden"),
        (Trouble.TAKEN, "scanner.taken"),
        (Trouble.AMBIGUOUS, "scanner.ambiguous"),
        (Trouble.UNSUPPORTED, "scanner.unsupported"),
        (Trouble.FAILING, "scanner.failing"),
    ],
)
async def test_a_scanner_that_cannot_be_opened(
    stopped: Settings, monkeypatch: pytest.MonkeyPatch, trouble: Trouble, id: str
) -> None:
    def refuse(kind: Kind, *, path: str, identity: str) -> None:
        raise ScannerGone(path, trouble)

    monkeypatch.setattr(scanners_check, "try_to_open", refuse)
    assert is_bad((await alone(stopped))[id])


async def test_a_full_disk(stopped: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """A real one is in tests/system/test_full_disk.py."""

    def full(_: Path) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(disk_check, "_try_to_write", full)
    assert is_bad((await alone(stopped))["disk.full"])


async def test_a_disk_with_little_room(stopped: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    left = shutil.disk_usage(stopped.folder)._replace(free=100 << 20)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: left)
    finding = (await alone(stopped))["disk.low"]
    assert finding.level is Level.LOOK and "100.0 MB" in finding.what.zh


async def test_a_disk_with_no_room_for_new_orders(stopped: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    left = shutil.disk_usage(stopped.folder)._replace(free=60 << 20)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: left)
    assert is_bad((await alone(stopped))["disk.scarce"])


async def test_a_disk_that_will_be_full_soon(stopped: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """The store's file grew by its size in ten days; what is left is as much again."""
    size = (stopped.folder / "work.db").stat().st_size
    left = shutil.disk_usage(stopped.folder)._replace(free=size)
    monkeypatch.setattr(disk_check, "DISK_LOW", 0)
    monkeypatch.setattr(disk_check, "DISK_SCARCE", 0)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: left)
    case = case_of(stopped)
    assert isinstance(case.records, Records)
    grown = replace(case.records, first_order_at=case.clock() - 10 * DAY)
    findings = await alone(stopped, records=grown)
    assert "10" in findings["disk.growing"].what.en


async def test_an_unsafe_sqlite(stopped: Settings) -> None:
    finding = (await alone(stopped, safe_with_readers=False, sqlite_version="3.40.1"))["sqlite.unsafe"]
    assert finding.level is Level.LOOK and "3.40.1" in finding.what.zh


async def test_no_order_for_long(stopped: Settings) -> None:
    case = case_of(stopped)
    later = await alone(stopped, clock=lambda: case.clock() + 30 * HOUR)
    assert later["orders.long"].level is Level.LOOK and "30" in later["orders.long"].what.zh


STOPPED = Stopped("catalogue", 4, "stop_sale.put", 1, "unknown kind: stop_sale.put v1", 1_795_233_600_000)


async def test_an_old_outbox_and_events_set_aside(stopped: Settings) -> None:
    case = case_of(stopped)
    assert isinstance(case.records, Records)
    behind = replace(case.records, outbox_depth=7, outbox_oldest_at=case.clock() - HOUR, aside=Counts(2, 3, (STOPPED,)))
    findings = await alone(stopped, records=behind)
    assert "7" in findings["outbox.old"].what.zh and "2" in findings["quarantine.some"].what.en
    assert "3" in findings["undelivered.some"].what.zh
    assert findings["log.stopped"].level is Level.BAD and "stop_sale.put v1" in findings["log.stopped"].what.zh


async def test_another_time_zone(stopped: Settings, monkeypatch: pytest.MonkeyPatch, china: None) -> None:
    monkeypatch.setenv("TZ", "Europe/Moscow")
    time.tzset()
    finding = (await alone(stopped))["time_zone.other"]
    assert finding.level is Level.LOOK and "+0300" in finding.what.en


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        (ServiceState(False, True, "systemd: failed", "start it", "enable it"), {"service.stopped"}),
        (ServiceState(True, True, "systemd: active", "start it", "enable it"), {"service.unanswered"}),
        (
            ServiceState(True, False, "x", "s", "e", restarts=9),
            {"service.unanswered", "service.not_automatic", "service.restarts"},
        ),
    ],
)
async def test_the_service_as_the_system_sees_it(
    stopped: Settings, monkeypatch: pytest.MonkeyPatch, state: ServiceState, expected: set[str]
) -> None:
    monkeypatch.setattr(surroundings, "service_state", lambda: state)
    assert {id for id in await alone(stopped) if id.startswith("service.")} == expected


async def test_an_account_that_may_not_ask(stopped: Settings) -> None:
    findings = await alone(stopped, unanswered=NotYours("page.token is not yours to read"))
    assert findings["service.not_yours"].level is Level.LOOK


async def test_before_the_first_start_there_is_nothing_to_find(settings: Settings) -> None:
    findings = await alone(settings)
    assert "database.none" in findings and "hub.unknown" in findings and not settings.folder.exists()


# ---- the examination itself


async def test_a_check_that_hangs_or_fails_holds_up_nobody(settings: Settings) -> None:
    over, ended = threading.Event(), threading.Event()

    def hangs(_: Case) -> list[Finding]:
        over.wait(100)
        ended.set()
        return []

    def fails(_: Case) -> list[Finding]:
        raise ValueError("a mistake of ours")

    def works(_: Case) -> list[Finding]:
        return [found("printer.none")]

    findings = await examine(case_of(settings), [hangs, fails, works], limit_seconds=2.0)
    assert not ended.is_set()
    over.set()
    assert [finding.id for finding in findings] == ["doctor.slow", "doctor.failed", "printer.none"]
    assert "hangs" in findings[0].what.zh and "a mistake of ours" in findings[1].detail
