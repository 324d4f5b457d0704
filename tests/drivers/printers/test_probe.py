"""What a printer can prove is found out without printing, and what was known is believed while it is silent."""

from collections.abc import Iterator

import pytest

from drivers.errors import PrinterUnreachable
from drivers.printers import asking
from drivers.printers import probe as probing
from drivers.printers.addresses import open_printer
from drivers.printers.capability import Capabilities
from drivers.printers.probe import probe
from drivers.virtual.printer import VirtualPrinter
from drivers.virtual.replies import Identity
from tests.drivers.printers.clones import GS_R, scripted, well


@pytest.fixture(autouse=True)
def _hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "_ANSWER_S", 0.8)
    monkeypatch.setattr(probing, "_ANSWER_S", 0.8)


@pytest.fixture
def printer() -> Iterator[VirtualPrinter]:
    with VirtualPrinter(identity=Identity("EPSON", "TM-T82", "X2YZ001")) as printer:
        yield printer


def test_all_that_a_printer_can_do(printer: VirtualPrinter) -> None:
    assert probe(open_printer(printer.address)) == Capabilities(
        real_time=True,
        in_order=True,
        process_id=True,
        auto_status=True,
        maker="EPSON",
        model="TM-T82",
        serial="X2YZ001",
    )
    assert printer.slips == []


def test_no_id_comes_back_from_most() -> None:
    with VirtualPrinter(process_id=False) as printer:
        assert probe(open_printer(printer.address)).process_id is False


def test_a_mute_printer_is_mute(printer: VirtualPrinter) -> None:
    printer.mute = True
    assert probe(open_printer(printer.address)) == Capabilities(
        real_time=False, in_order=False, process_id=False, auto_status=False
    )


def test_what_is_known_is_believed_while_it_is_silent(printer: VirtualPrinter) -> None:
    known = open_printer(printer.address)
    before = probe(known)
    printer.mute = True
    assert probe(known) == before


def test_one_that_prints_for_somebody_else_keeps_its_good_name() -> None:
    """Its answers in turn come after the other's slip; DLE EOT it answers at once."""
    able = Capabilities(real_time=True, in_order=True, process_id=True, auto_status=True, model="TM-T82")
    with scripted(well) as address:
        printing = open_printer(address)
        printing.capabilities = able
        assert probe(printing) == able


def test_a_blocked_printer_is_not_asked_what_it_cannot_answer(printer: VirtualPrinter) -> None:
    printer.fault("paper_out")
    assert probe(open_printer(printer.address)) == Capabilities(real_time=True)


def test_one_that_was_thought_mute_is_found_able(printer: VirtualPrinter) -> None:
    thought_mute = open_printer(printer.address)
    thought_mute.capabilities = Capabilities(real_time=False, in_order=False, process_id=False, auto_status=False)
    assert probe(thought_mute).process_id


def test_one_that_answers_before_its_turn_is_found_out() -> None:
    def answer(data: bytes) -> list[bytes]:
        return [*well(data), *([b"\x00", b"\x10\x00\x00\x00"] if GS_R in data else ())]

    with scripted(answer) as address:
        assert probe(open_printer(address)).eager


def test_nothing_is_left_in_its_line_and_nothing_set() -> None:
    received = bytearray()

    def answer(data: bytes) -> list[bytes]:
        received.extend(data)
        return well(data)

    with scripted(answer) as address:
        probe(open_printer(address))
    assert received.endswith(b"\x1b@\x1c&")
    assert b"\n" not in received
    assert received.rindex(b"\x1da\x00") > received.rindex(b"\x1da\xff")


def test_an_unreachable_printer_is_said_to_be(printer: VirtualPrinter) -> None:
    printer.stop()
    with pytest.raises(PrinterUnreachable):
        probe(open_printer(printer.address))
