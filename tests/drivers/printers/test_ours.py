"""A printer of ours: one connection that stays, changes told at once, a silent line found out."""

import threading
import time
from collections.abc import Iterator

import pytest

from drivers.errors import PrinterUnreachable
from drivers.printers import asking, idling
from drivers.printers.addresses import open_printer
from drivers.printers.base import Evidence, Session, Use
from drivers.printers.conversation import Conversation
from drivers.printers.probe import probe
from drivers.printers.remains import Remains
from drivers.printers.status import Blocked, PrinterStatus
from drivers.printers.transports.tcp import open_tcp
from drivers.printers.waker import Waker
from drivers.printers.wire import Wire
from drivers.virtual.printer import VirtualPrinter
from tests.drivers.printers.clones import scripted, well
from tests.drivers.printers.talking import JOB, Confirmation


@pytest.fixture
def printer() -> Iterator[VirtualPrinter]:
    with VirtualPrinter() as printer:
        yield printer


@pytest.fixture
def session(printer: VirtualPrinter) -> Iterator[Session]:
    ours = open_printer(printer.address)
    probe(ours)
    with ours.connect(Use.OURS) as session:
        assert session.status() == PrinterStatus()
        yield session


@pytest.fixture
def waker() -> Iterator[Waker]:
    waker = Waker()
    yield waker
    waker.close()


def test_each_change_is_told_at_once_without_asking(
    printer: VirtualPrinter, session: Session, waker: Waker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(idling, "_ASK_S", 600.0)
    assert session.idle(0.05, waker) is None  # asks for the last time
    threading.Timer(0.1, printer.fault, ["cover_open"]).start()
    status = session.idle(100, waker)
    assert status is not None and status.blocked is Blocked.cover_open
    printer.fault(None)
    assert session.idle(100, waker) == PrinterStatus()


def test_it_still_tells_after_a_slip(
    printer: VirtualPrinter, session: Session, waker: Waker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The slip's own beginning switches it off."""
    monkeypatch.setattr(idling, "_ASK_S", 600.0)
    session.idle(0.05, waker)
    for _ in range(3):
        session.send(JOB)
        assert Confirmation(session).result() is Evidence.printed
    printer.fault("paper_out")
    status = session.idle(100, waker)
    assert status is not None and status.blocked is Blocked.paper_out


def test_who_does_not_tell_is_asked(waker: Waker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(idling, "_ASK_S", 0.2)
    paper = [b"\x12"]

    def answer(data: bytes) -> list[bytes]:
        return paper if data == b"\x10\x04\x04" else well(data)

    with scripted(answer) as address, open_printer(address).connect(Use.OURS) as session:
        session.status()
        threading.Timer(0.1, paper.__setitem__, [0, b"\x7e"]).start()
        status = session.idle(100, waker)
    assert status is not None and status.blocked is Blocked.paper_out


def test_news_for_the_printer_end_the_idling(session: Session, waker: Waker) -> None:
    threading.Timer(0.1, waker.set).start()
    began = time.monotonic()
    assert session.idle(100, waker) is None
    assert time.monotonic() - began < 50


def test_idling_ends_with_its_time(session: Session, waker: Waker) -> None:
    began = time.monotonic()
    assert session.idle(0.2, waker) is None
    assert time.monotonic() - began > 0.15


def test_a_reset_is_noticed(printer: VirtualPrinter, session: Session, waker: Waker) -> None:
    threading.Timer(0.1, printer.drop_connections).start()
    with pytest.raises(PrinterUnreachable):
        session.idle(100, waker)


def test_a_half_open_connection_is_found(
    printer: VirtualPrinter, session: Session, waker: Waker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The host behind it is gone and nothing says so: only that it answers no more."""
    for module, name, seconds in ((idling, "_ASK_S", 0.1), (idling, "_SILENCE_S", 0.3), (asking, "_ANSWER_S", 0.2)):
        monkeypatch.setattr(module, name, seconds)
    printer.mute = True
    status = session.idle(100, waker)
    assert status == PrinterStatus(Blocked.busy, answered=False)
    with pytest.raises(PrinterUnreachable):
        session.idle(100, waker)


class Unselectable:
    """As a serial port on Windows."""

    def __init__(self, wire: Wire) -> None:
        self.write, self.read, self.close = wire.write, wire.read, wire.close

    def fileno(self) -> None:
        return None


def test_a_wire_that_cannot_be_selected_is_looked_at_often(
    printer: VirtualPrinter, waker: Waker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(idling, "_ASK_S", 600.0)
    wire = Unselectable(open_tcp(printer.host, printer.port))
    with Conversation(wire, open_printer(printer.address), Use.OURS, Remains()) as session:
        session.status()
        session.idle(0.05, waker)
        printer.fault("paper_out")
        status = session.idle(100, waker)
        assert status is not None and status.blocked is Blocked.paper_out
        threading.Timer(0.1, waker.set).start()
        began = time.monotonic()
        assert session.idle(100, waker) is None
        assert time.monotonic() - began < 50
