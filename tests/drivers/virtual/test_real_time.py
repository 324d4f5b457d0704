"""Commands that are carried out on receipt: DLE EOT, DLE ENQ, DLE DC4, as Epson's pages give them."""

import pytest

from drivers.virtual.printer import VirtualPrinter
from tests.drivers.virtual.client import CUT, IN_TURN, LINE, SLIP, connect, read, silent, status, until

POWER_OFF = b"\x10\x14\x02\x01\x08"
CLEAR = b"\x10\x14\x08\x01\x03\x14\x01\x06\x02\x08"


def test_dle_enq_1_prints_on_once_the_knife_is_free(printer: VirtualPrinter) -> None:
    printer.fault("cutter")
    with connect(printer) as link:
        link.sendall(SLIP + IN_TURN + b"\x10\x05\x01")
        assert silent(link), "the cause is not gone"
        printer.fault("cutter_freed")
        link.sendall(b"\x10\x05\x01")
        assert read(link, 1) == b"\x00"
    assert len(printer.slips) == 1


def test_dle_enq_2_clears_what_waits(printer: VirtualPrinter) -> None:
    printer.fault("cutter_freed", after_bytes=len(LINE) + 3)
    with connect(printer) as link:
        link.sendall(LINE + b"half a line\n" + CUT)
        until(lambda: printer.ails == "cutter_freed")
        link.sendall(b"\x10\x05\x02" + b"next\n" + CUT + IN_TURN)
        assert read(link, 1) == b"\x00"
        assert status(link) == "12 12 12 12"
    assert [slip.lines for slip in printer.slips] == [["0123456789", "next"]], "what was on paper stays there"


@pytest.mark.parametrize("n", [b"\x01", b"\x02"])
def test_dle_enq_does_not_help_against_an_empty_roll(printer: VirtualPrinter, n: bytes) -> None:
    printer.fault("paper_out")
    with connect(printer) as link:
        link.sendall(SLIP + b"\x10\x05" + n)
        assert status(link) == "1a 32 12 7e"
        printer.fault(None)
        printer.wait_for_slips(1)


def test_dle_dc4_1_opens_the_drawer_at_once(printer: VirtualPrinter) -> None:
    printer.fault("paper_out")
    with connect(printer) as link:
        link.sendall(b"waiting\n\x10\x14\x01\x00\x02")
        status(link)
        assert printer.drawer_kicks == 1
        printer.fault(None)
        link.sendall(b"\x1d(D\x03\x00\x14\x01\x00" + IN_TURN)
        read(link, 1)
        link.sendall(b"\x10\x14\x01\x00\x02")
        status(link)
    assert printer.drawer_kicks == 1, "GS ( D forbade it"


def test_dle_dc4_2_switches_off_where_it_was_allowed(printer: VirtualPrinter) -> None:
    """Not carried out unless GS ( D allows it (TM-T81). The notice is 3B 30 00."""
    with connect(printer) as link:
        link.sendall(POWER_OFF)
        assert status(link) == "12 12 12 12"
        link.sendall(b"\x1d(D\x03\x00\x14\x02\x31" + IN_TURN)
        assert read(link, 1) == b"\x00"
        link.sendall(b"half" + POWER_OFF)
        assert read(link, 3) == b"\x3b\x30\x00"
        link.sendall(SLIP + b"\x10\x04\x01")
        assert silent(link)
        printer.fault(None)
        assert read(link, 1) == b"\x12"
    assert [slip.lines for slip in printer.wait_for_slips(1)] == [["slip"]]


def test_dle_dc4_8_clears_both_buffers_and_says_so(printer: VirtualPrinter) -> None:
    printer.fault("paper_out")
    with connect(printer) as link:
        link.sendall(3 * SLIP + CLEAR)
        assert read(link, 3) == b"\x37\x25\x00"
        printer.fault(None)
        link.sendall(b"next\n" + CUT + IN_TURN)
        assert read(link, 1) == b"\x00"
    assert [slip.lines for slip in printer.slips] == [["next"]]


def test_dle_dc4_8_recovers_from_a_freed_knife(printer: VirtualPrinter) -> None:
    printer.fault("cutter_freed")
    with connect(printer) as link:
        link.sendall(CLEAR)
        assert read(link, 3) == b"\x37\x25\x00"
        assert status(link) == "12 12 12 12"


def test_dle_dc4_8_with_other_parameters_is_nothing(printer: VirtualPrinter) -> None:
    printer.fault("paper_out")
    with connect(printer) as link:
        link.sendall(SLIP + CLEAR[:-1] + b"\x09")
        assert silent(link)
        printer.fault(None)
        printer.wait_for_slips(1)
