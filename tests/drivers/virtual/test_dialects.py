"""What cheaper printers leave unanswered, and what they answer wrongly."""

import pytest

from drivers.virtual.dialect import DIALECTS
from drivers.virtual.printer import VirtualPrinter
from tests.drivers.virtual.client import CUT, IN_TURN, SLIP, connect, read, silent

QUESTIONS = {
    "real-time": (b"\x10\x04\x01", b"\x12"),
    "in order": (IN_TURN, b"\x00"),
    "process id": (b"\x1d(H\x06\x0000abcd", b"\x37\x22abcd\x00"),
    "identity": (b"\x1dIB", b"\x5fYAOLINK\x00"),
    "automatic": (b"\x1da\xff", b"\x10\x00\x00\x00"),
}
ANSWERED = {
    "full": {"real-time", "in order", "process id", "identity", "automatic"},
    "no-process-id": {"real-time", "in order", "identity", "automatic"},
    "real-time-only": {"real-time"},
    "in-order-only": {"in order"},
    "mute": set[str](),
    "eager": {"real-time", "in order", "identity"},
}


@pytest.mark.parametrize("name", sorted(DIALECTS))
def test_what_is_answered(name: str) -> None:
    with VirtualPrinter(dialect=DIALECTS[name]) as printer, connect(printer) as link:
        for question, (asked, answer) in QUESTIONS.items():
            link.sendall(asked)
            if question in ANSWERED[name]:
                assert read(link, len(answer)) == answer
            else:
                assert silent(link, 0.05)
        link.sendall(SLIP)
        assert len(printer.wait_for_slips(1)) == 1


def test_an_eager_one_answers_out_of_turn() -> None:
    with VirtualPrinter(dialect=DIALECTS["eager"]) as printer:
        printer.fault("cover_open")
        with connect(printer) as link:
            link.sendall(SLIP + IN_TURN)
            assert read(link, 1) == b"\x00"
        assert printer.slips == []


def test_automatic_status_tells_of_the_chosen_items_only(printer: VirtualPrinter) -> None:
    with connect(printer) as link:
        link.sendall(b"\x1da\x08")
        assert read(link, 4).hex() == "10000000"
        printer.fault("cover_open")
        printer.fault("paper_near_end")
        assert read(link, 4).hex() == "10000300"
        link.sendall(b"\x1da\x00" + IN_TURN)
        assert read(link, 1) == b"\x03"
        printer.fault(None)
        assert silent(link)


def test_a_process_id_comes_back_once_all_before_it_is_printed(printer: VirtualPrinter) -> None:
    """GS ( H function 48, as Epson's page gives question and answer."""
    printer.fault("paper_out")
    with connect(printer) as link:
        link.sendall(b"slip\n" + CUT + b"\x1d(H\x06\x0000ab~ ")
        assert silent(link)
        printer.fault(None)
        assert read(link, 7) == b"\x37\x22ab~ \x00"
        assert len(printer.slips) == 1


@pytest.mark.parametrize(("d", "answer"), [(b"1", "37 23 00"), (b"\x02", "37 23 60 00"), (b"2", "37 23 60 00")])
def test_going_offline_is_told_where_it_was_asked_for(printer: VirtualPrinter, d: bytes, answer: str) -> None:
    """GS ( H function 49; the cause is the model's own."""
    with connect(printer) as link:
        link.sendall(b"\x1d(H\x03\x0010" + d + IN_TURN)
        assert read(link, 1) == b"\x00"
        printer.fault("paper_near_end")
        printer.fault("paper_out")
        assert read(link, len(bytes.fromhex(answer))).hex(" ") == answer


def test_it_says_who_it_is(printer: VirtualPrinter) -> None:
    with connect(printer) as link:
        link.sendall(b"\x1dIA\x1dIB\x1dIC\x1dID\x1dI\x02" + IN_TURN)
        expected = b"\x5f1.00\x00\x5fYAOLINK\x00\x5fVP-80\x00\x5fV000001\x00\x03\x00"
        assert read(link, len(expected)) == expected
