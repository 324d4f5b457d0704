"""Slips through a real CUPS of our own making, on a socket of its own, to a virtual printer on port 9100's terms."""

import time
from collections.abc import Iterator

import pytest
from msgspec.structs import replace

from drivers.errors import ConnectionLost, PrinterBlocked
from drivers.printers.addresses import open_printer
from drivers.printers.base import Evidence, Printer
from drivers.printers.status import Blocked
from drivers.printers.transports import queue as transport
from drivers.virtual.printer import VirtualPrinter
from tests.drivers.printers.talking import JOB, Confirmation
from tests.system.print_service import Cups
from tests.waiting import eventually

pytestmark = pytest.mark.system

QUEUE = "slips"
SLIP = replace(JOB, id=b"AB12")


@pytest.fixture(scope="module")
def cups(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cups]:
    cups = Cups(tmp_path_factory.mktemp("cups"))
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
        eventually(lambda: "now printing" in cups.run("lpstat", "-p", QUEUE), "the queue prints", within=15)
        cups.run("cancel", "-a", QUEUE)
        with pytest.raises(ConnectionLost):
            confirmation.result(30)
