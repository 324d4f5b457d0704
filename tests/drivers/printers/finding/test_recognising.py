"""What listens there, and that nothing is disturbed by our looking."""

import socket

import pytest

from drivers.printers.finding.recognising import Kind, recognise
from drivers.virtual.printer import VirtualPrinter
from tests.drivers.printers.finding.conftest import bystander
from tests.ports import free_port

QUESTION = b"\x10\x04\x01"


def test_a_slip_printer_says_its_name(printer: VirtualPrinter) -> None:
    seen = recognise(printer.host, printer.port)
    assert seen is not None
    assert seen.kind is Kind.SLIP_PRINTER
    assert seen.model and seen.maker and seen.serial


def test_a_printer_out_of_paper_is_a_printer_all_the_same(printer: VirtualPrinter) -> None:
    printer.fault("paper_out")
    seen = recognise(printer.host, printer.port)
    assert seen is not None and seen.kind is Kind.SLIP_PRINTER


def test_looking_prints_nothing(printer: VirtualPrinter) -> None:
    for _ in range(3):
        recognise(printer.host, printer.port)
    with socket.create_connection((printer.host, printer.port)) as link:
        link.sendall(b"\x1dV\x00")  # cut what is on the paper
        assert printer.wait_for_slips(1)[0].text.strip() == ""


def test_a_printer_that_cannot_answer_is_told_apart_from_none(printer: VirtualPrinter) -> None:
    printer.mute = True
    seen = recognise(printer.host, printer.port)
    assert seen is not None and seen.kind is Kind.MUTE


def test_nobody_there() -> None:
    assert recognise("127.0.0.1", free_port()) is None


@pytest.mark.parametrize("answer", [b"HTTP/1.1 400 Bad Request\r\n\r\n400 Bad Request", b"ERR unknown\n"])
def test_a_web_server_is_no_printer_and_gets_nothing_that_could_print(answer: bytes) -> None:
    """As Go's does (node_exporter on 9100): it waits for the rest of the request, and complains when there is none."""
    with bystander("127.0.0.1", answer=answer) as server:
        seen = recognise(server.host, server.port)
        assert seen is not None and seen.kind is Kind.SOMETHING_ELSE
        assert b"".join(server.received) == QUESTION


def test_who_speaks_first_is_no_printer_and_gets_nothing_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("drivers.printers.finding.recognising._UNASKED_S", 3.0)
    with bystander("127.0.0.1", greeting=b"220 mail ready\r\n") as server:
        seen = recognise(server.host, server.port)
        assert seen is not None and seen.kind is Kind.SOMETHING_ELSE
        assert server.received == []


def test_a_printer_that_tells_its_status_unasked_is_one() -> None:
    with bystander("127.0.0.1", greeting=b"\x10\x00\x00\x00") as server:
        seen = recognise(server.host, server.port)
        assert seen is not None and seen.kind is Kind.SLIP_PRINTER


def test_an_office_printer_is_not_asked_anything(monkeypatch: pytest.MonkeyPatch) -> None:
    """One that speaks IPP too; here on a port of its own, for 631 may be this computer's own print system."""
    with bystander("127.0.0.3") as raw, bystander("127.0.0.3") as ipp:
        monkeypatch.setattr("drivers.printers.finding.recognising._IPP_PORT", ipp.port)
        monkeypatch.setattr("drivers.printers.finding.recognising._is_this_computer", lambda host: False)
        seen = recognise(raw.host, raw.port)
        assert seen is not None and seen.kind is Kind.OFFICE_PRINTER
        assert raw.received == []
