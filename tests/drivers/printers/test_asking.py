"""An answer to DLE EOT does not say what it answers: late ones must not be taken for others."""

import select
import socket
import time
from collections.abc import Iterator

import pytest

from drivers.printers import asking
from drivers.printers.addresses import open_printer
from drivers.printers.capability import Capabilities
from drivers.printers.status import Blocked, PrinterStatus
from drivers.printers.transports.tcp import TcpWire
from drivers.printers.transports.wired import WiredPrinter
from drivers.virtual.printer import VirtualPrinter
from tests.drivers.printers.clones import scripted, well


@pytest.fixture(autouse=True)
def _hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "_ANSWER_S", 0.5)


def test_a_late_answer_is_not_taken_for_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its memory was full: it was offline when it read the first question, and is well when it reads the second."""
    monkeypatch.setattr(asking, "_QUIET_S", 1.0)
    asked: list[bytes] = []

    def answer(data: bytes) -> Iterator[bytes]:
        asked.append(data)
        if len(asked) == 2:
            yield b"\x1a"
            time.sleep(0.05)
        if len(asked) > 1:
            yield from well(data)

    with scripted(answer) as address:
        printer = open_printer(address)
        printer.capabilities = Capabilities(real_time=True)
        with printer.connect() as session:
            assert session.status() == PrinterStatus(Blocked.busy, answered=False)
            assert session.status() == PrinterStatus()


class Sleeper(TcpWire):
    """After each question its computer sleeps; the answer is there when it wakes."""

    def write(self, data: bytes) -> None:
        super().write(data)
        assert select.select([self.fileno()], [], [], 30)[0]


def test_an_answer_that_came_while_this_computer_slept_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "_ANSWER_S", 0.0)
    with VirtualPrinter() as printer:

        def open_wire() -> Sleeper:
            return Sleeper(socket.create_connection((printer.host, printer.port)))

        with WiredPrinter(printer.address, open_wire).connect() as session:
            assert session.status() == PrinterStatus()


def test_a_question_that_it_does_not_know_costs_little_the_second_time() -> None:
    asked: list[bytes] = []

    def answer(data: bytes) -> list[bytes]:
        asked.append(data)
        return [] if data == b"\x10\x04\x02" else [b"\x7e"] if data == b"\x10\x04\x04" else well(data)

    with scripted(answer) as address, open_printer(address).connect() as session:
        session.status()
        assert session.status().blocked is Blocked.paper_out
    assert [question[2] for question in asked] == [1, 2, 1, 3, 4, 2]


def test_one_that_reads_nothing_is_asked_seldom() -> None:
    """What piles up is all answered in the end."""
    asked: list[bytes] = []

    def answer(data: bytes) -> list[bytes]:
        asked.append(data)
        return []

    with scripted(answer) as address:
        printer = open_printer(address)
        printer.capabilities = Capabilities(real_time=True)
        with printer.connect() as session:
            for _ in range(7):
                session.status()
    assert len(asked) == 4


def test_no_answer_is_told_from_any_cause() -> None:
    """Never "out of paper"."""
    with scripted(lambda data: []) as address, open_printer(address).connect() as session:
        assert session.status() == PrinterStatus(None, False, answered=False)


def test_one_that_only_tells_by_itself_is_as_it_said_last() -> None:
    with scripted(lambda data: [b"\x18\x00\x0c\x00"]) as address, open_printer(address).connect() as session:
        assert session.status().blocked is Blocked.paper_out
