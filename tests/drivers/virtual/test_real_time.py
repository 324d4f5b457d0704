"""Commands that are carried out on receipt: DLE EOT, DLE ENQ, DLE DC4, as Epson's pages give them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.virtual.printer import VirtualPrinter
from drivers.virtual.real_time import RealTimeScanner
from tests.drivers.virtual.client import CUT, IN_TURN, LINE, SLIP, connect, connect_soon, read, silent, status
from tests.waiting import until

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


def test_it_is_obeyed_within_a_picture_and_stays_a_part_of_it(printer: VirtualPrinter) -> None:
    """Epson's note on DLE EOT: whenever its bytes are received, even as part of another command."""
    with connect(printer) as link:
        link.sendall(b"\x1dv0\x00\x01\x00\x04\x00\xff\x10\x04")
        link.sendall(b"\x01")
        assert read(link, 1) == b"\x12"
        link.sendall(CUT + IN_TURN)
        assert read(link, 1) == b"\x00"
    assert [picture.bits for picture in printer.slips[0].pictures] == [b"\xff\x10\x04\x01"]


STREAM = (
    b"a\x10\x04\x01\x10\x10\x04\x02" + CLEAR + b"\x10\x05\x02\x10\x04\x05b" + POWER_OFF + b"\x10\x14\x01\x00\x02\x10"
)
COMMANDS = [b"\x10\x04\x01", b"\x10\x04\x02", CLEAR, b"\x10\x05\x02", POWER_OFF, b"\x10\x14\x01\x00\x02"]


@given(cuts=st.sets(st.integers(1, len(STREAM) - 1)))
def test_real_time_commands_are_the_same_however_they_arrive(cuts: set[int]) -> None:
    scanner = RealTimeScanner()
    edges = [0, *sorted(cuts), len(STREAM)]
    parts = [part for start, end in zip(edges, edges[1:], strict=False) for part in scanner.split(STREAM[start:end])]
    assert [command for _, command in parts if command] == COMMANDS
    assert b"".join(data for data, _ in parts) == STREAM


def test_a_half_command_swallows_the_next_clients_bytes_where_there_is_one_parser() -> None:
    with VirtualPrinter(one_parser=True) as printer:
        with connect(printer) as link:
            link.sendall(b"one\n\x1dv0\x00\x08\x00\x02\x00" + bytes(6))
        with connect(printer) as link:
            link.sendall(b"0123456789another\n" + CUT + IN_TURN)
            assert read(link, 1) == b"\x00"
        assert printer.slips[0].lines == ["one", "another"]
        assert printer.slips[0].pictures[0].bits == bytes(6) + b"0123456789"


def test_dle_dc4_8_gives_up_a_half_command() -> None:
    with VirtualPrinter(one_parser=True) as printer:
        with connect(printer) as link:
            link.sendall(b"\x1dv0\x00\x30\x00\xff\x00" + bytes(9))
        with connect(printer) as link:
            link.sendall(CLEAR)
            assert read(link, 3) == b"\x37\x25\x00"
            link.sendall(SLIP + IN_TURN)
            assert read(link, 1) == b"\x00"
        assert [slip.lines for slip in printer.slips] == [["slip"]]


def test_a_power_loss_forgets_a_half_command() -> None:
    with VirtualPrinter(one_parser=True) as printer:
        with connect(printer) as link:
            link.sendall(b"\x1dv0\x00\x30\x00\xff\x00" + bytes(9))
            assert status(link) == "12 12 12 12"
        printer.fault("power_loss", lasts_s=0.05)
        until(lambda: len(printer.history) == 2)
        with connect_soon(printer) as link:
            link.sendall(SLIP + IN_TURN)
            assert read(link, 1) == b"\x00"
