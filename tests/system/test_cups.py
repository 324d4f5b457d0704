"""Slips through a real CUPS of our own making, on a socket of its own, to a virtual printer on port 9100's terms."""

import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from drivers.errors import ConnectionLost, PrinterBlocked
from drivers.printers.addresses import open_printer
from drivers.printers.base import Evidence, Printer
from drivers.printers.status import Blocked
from drivers.printers.transports import queue as transport
from drivers.virtual.printer import VirtualPrinter
from tests.drivers.printers.talking import JOB, Confirmation

pytestmark = pytest.mark.system

QUEUE = "slips"
SLIP = replace(JOB, id=b"AB12")
DAEMON = """
Listen {folder}/cups.sock
Browsing Off
WebInterface No
ErrorPolicy retry-job
JobRetryInterval 1
<Location />
  Order allow,deny
  Allow all
</Location>
"""
FILES = """
SystemGroup root
ServerRoot {folder}
RequestRoot {folder}/spool
CacheDir {folder}/cache
StateDir {folder}/state
AccessLog {folder}/access_log
ErrorLog {folder}/error_log
PageLog {folder}/page_log
"""


class Cups:
    def __init__(self, folder: Path) -> None:
        for name, text in (("cupsd.conf", DAEMON), ("cups-files.conf", FILES)):
            (folder / name).write_text(text.format(folder=folder))
        self.socket = folder / "cups.sock"
        daemon = shutil.which("cupsd") or "/usr/sbin/cupsd"
        configured = ("-c", folder / "cupsd.conf", "-s", folder / "cups-files.conf")
        self._process = subprocess.Popen([daemon, "-f", *configured])
        wait_until(self.socket.exists)

    def run(self, program: str, *arguments: str) -> str:
        environment = os.environ | {"CUPS_SERVER": str(self.socket), "LC_ALL": "C"}
        done = subprocess.run([program, *arguments], env=environment, capture_output=True, text=True, check=True)
        return done.stdout

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait(10)


@pytest.fixture(scope="module")
def cups(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cups]:
    folder = tmp_path_factory.mktemp("cups")
    for parent in (folder, *folder.parents[:2]):  # the printing account must reach its files
        parent.chmod(0o755)
    cups = Cups(folder)
    yield cups
    cups.stop()


@pytest.fixture
def paper(cups: Cups) -> Iterator[VirtualPrinter]:
    with VirtualPrinter() as paper:
        cups.run("lpadmin", "-p", QUEUE, "-E", "-v", f"socket://{paper.host}:{paper.port}", "-m", "raw")
        cups.run("cupsenable", QUEUE)
        yield paper
        cups.run("cancel", "-a", QUEUE)


@pytest.fixture
def printer(cups: Cups, paper: VirtualPrinter, monkeypatch: pytest.MonkeyPatch) -> Printer:
    monkeypatch.setenv("CUPS_SERVER", str(cups.socket))
    return open_printer(f"cups://{QUEUE}")


def test_a_slip_comes_out_untouched(printer: Printer, paper: VirtualPrinter) -> None:
    with printer.connect() as session:
        assert session.status().blocked is None
        session.send(SLIP)
        assert Confirmation(session, SLIP).result() is Evidence.sent
    assert paper.wait_for_slips(1)[0].lines == ["第一行", "第二行", "-" * 48, "第四行"]


def test_a_stopped_queue_gets_nothing(printer: Printer, cups: Cups) -> None:
    cups.run("cupsdisable", QUEUE)
    with printer.connect() as session:
        assert session.status().blocked is Blocked.offline
        with pytest.raises(PrinterBlocked):
            session.send(SLIP)


def test_a_queue_that_stops_gives_the_slip_back_proven_unprinted(
    printer: Printer, cups: Cups, paper: VirtualPrinter
) -> None:
    with printer.connect() as session:
        session.status()
        cups.run("cupsdisable", QUEUE)
        session.send(SLIP)
        with pytest.raises(PrinterBlocked):
            Confirmation(session, SLIP).result()
    assert QUEUE not in cups.run("lpstat", "-o", QUEUE)
    cups.run("cupsenable", QUEUE)
    time.sleep(1)
    assert paper.slips == []


def test_a_printer_that_is_off_is_told_and_waited_for(
    printer: Printer, paper: VirtualPrinter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transport, "_SLOW_S", 1.0)
    paper.fault("power_loss")
    with printer.connect() as session:
        session.status()
        session.send(SLIP)
        confirmation = Confirmation(session, SLIP)
        confirmation.wait_for_status(Blocked.offline)
        paper.fault(None)
        assert confirmation.result(30) is Evidence.sent
    assert len(paper.wait_for_slips(1)) == 1


def test_a_job_somebody_cancelled_on_its_way_leaves_the_fate_unknown(
    printer: Printer, paper: VirtualPrinter, cups: Cups
) -> None:
    """lpstat would say of it what it says of a printed one."""
    paper.fault("power_loss")
    with printer.connect() as session:
        session.status()
        session.send(SLIP)
        confirmation = Confirmation(session, SLIP)
        wait_until(lambda: "now printing" in cups.run("lpstat", "-p", QUEUE))
        cups.run("cancel", "-a", QUEUE)
        with pytest.raises(ConnectionLost):
            confirmation.result(30)


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 15
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)
