"""Every fault, now and at any byte, met by a raw socket."""

import time
from contextlib import suppress

import pytest

from drivers.virtual.faults import FAULTS, MOMENTARY, Fault
from drivers.virtual.other_program import FOREIGN
from drivers.virtual.printer import VirtualPrinter
from drivers.virtual.slip import ROLL_58
from tests.drivers.virtual.client import CUT, IN_TURN, LINE, SLIP, connect, connect_soon, read, silent, status
from tests.waiting import until


@pytest.mark.parametrize(
    ("fault", "answers"),
    [
        (None, "12 12 12 12"),
        ("paper_out", "1a 32 12 7e"),
        ("cover_open", "1a 16 12 12"),
        ("offline", "1a 12 12 12"),
        ("cutter", "1a 52 1a 12"),
        ("cutter_freed", "1a 52 1a 12"),
        ("head_hot", "1a 52 52 12"),
        ("paper_near_end", "12 12 12 1e"),
        ("stalled", "12 12 12 12"),
    ],
)
def test_status_is_answered_at_once_also_while_blocked(
    printer: VirtualPrinter, fault: Fault | None, answers: str
) -> None:
    printer.fault(fault)
    with connect(printer) as link:
        link.sendall(b"waiting\n")
        assert status(link) == answers


STOPPING: list[Fault] = ["paper_out", "cover_open", "offline", "cutter", "cutter_freed", "head_hot", "stalled"]


@pytest.mark.parametrize("fault", STOPPING)
@pytest.mark.parametrize("at", [1, 3, 13, 30, len(SLIP) + 4])
def test_a_stop_at_any_byte_withholds_the_answer_until_it_is_mended(
    printer: VirtualPrinter, fault: Fault, at: int
) -> None:
    """`at` lies in ESC @, in a line, between lines, and in the cut."""
    data = b"\x1b@" + 3 * LINE + CUT + IN_TURN
    printer.fault(fault, after_bytes=min(at, len(data) - 4))
    with connect(printer) as link:
        link.sendall(data)
        until(lambda: printer.ails == fault)
        assert silent(link)
        assert printer.slips == []
        printer.fault(None)
        assert read(link, 1) == b"\x00"
    assert [slip.lines for slip in printer.slips] == [["0123456789"] * 3]


def test_a_fault_mends_itself_after_its_time(printer: VirtualPrinter) -> None:
    began = time.monotonic()
    printer.fault("paper_out", lasts_s=0.2)
    with connect(printer) as link:
        link.sendall(SLIP + IN_TURN)
        assert read(link, 1) == b"\x00"
    assert time.monotonic() - began >= 0.2
    assert [fault for _, fault in printer.history] == ["paper_out", None]


def test_near_the_end_of_the_roll_it_prints_on_and_says_so(printer: VirtualPrinter) -> None:
    printer.fault("paper_near_end")
    with connect(printer) as link:
        link.sendall(SLIP + IN_TURN)
        assert read(link, 1) == b"\x03"
    assert len(printer.slips) == 1


def test_power_loss_drops_the_buffer_and_tears_off_half_a_slip() -> None:
    with VirtualPrinter(ROLL_58, speed=100) as printer:
        printer.fault("power_loss", after_bytes=2 * len(LINE) + 5)
        with connect(printer) as link:
            link.sendall(4 * LINE + CUT + IN_TURN)
            until(lambda: printer.ails == "power_loss")
            assert silent(link)
            with pytest.raises(ConnectionRefusedError):
                connect(printer)
            printer.fault(None)
            with pytest.raises(ConnectionResetError):
                link.recv(1)
        with connect(printer) as link:
            link.sendall(SLIP + IN_TURN)
            assert read(link, 1) == b"\x00"
        assert [slip.lines for slip in printer.slips] == [["slip"]]
        assert [(slip.lines, slip.torn) for slip in printer.torn] == [(["0123456789"] * 2, True)]
        assert printer.torn[0].png().startswith(b"\x89PNG")


def test_power_loss_between_slips_leaves_no_paper(printer: VirtualPrinter) -> None:
    printer.fault("power_loss", lasts_s=0.05)
    until(lambda: printer.ails is None)
    assert printer.torn == []


def test_mute_from_a_byte_on_it_prints_and_says_nothing(printer: VirtualPrinter) -> None:
    printer.fault("mute", after_bytes=3)
    with connect(printer) as link:
        assert status(link) == "12 12 12 12"
        link.sendall(SLIP + IN_TURN + b"\x10\x04\x01")
        printer.wait_for_slips(1)
        assert silent(link)
        printer.fault(None)
        assert status(link) == "12 12 12 12"


def test_discarded_from_a_byte_on(printer: VirtualPrinter) -> None:
    printer.fault("discards", after_bytes=len(LINE))
    with connect(printer) as link:
        link.sendall(2 * LINE + CUT + IN_TURN + b"\x10\x04\x01")
        until(lambda: printer.ails == "discards")
        assert silent(link)
        printer.fault(None)
        with pytest.raises(ConnectionResetError):
            link.recv(1)
    with connect(printer) as link:
        link.sendall(CUT + IN_TURN)
        assert read(link, 1) == b"\x00"
    assert [slip.lines for slip in printer.slips] == [["0123456789"]]


def test_never_reads_and_prints_late(printer: VirtualPrinter) -> None:
    printer.fault("never_reads", after_bytes=2)
    with connect(printer) as link:
        link.sendall(SLIP + IN_TURN + b"\x10\x04\x01")
        assert silent(link)
        assert printer.slips == []
    printer.fault(None)
    assert [slip.lines for slip in printer.wait_for_slips(1)] == [["slip"]]


def test_a_slow_one_takes_its_time() -> None:
    with VirtualPrinter(slow=400) as printer, connect(printer) as link:
        printer.fault("slow_drain")
        began = time.monotonic()
        link.sendall(b"x" * 100 + b"\n" + CUT + IN_TURN)
        assert read(link, 1) == b"\x00"
        assert time.monotonic() - began >= 0.2


def test_a_slow_one_with_a_full_buffer_takes_nothing() -> None:
    with VirtualPrinter(slow=10_000, buffer=64, speed=10) as printer, connect(printer) as link:
        printer.fault("slow_drain")
        link.sendall(20 * LINE)
        until(lambda: printer.bytes_received >= 64)
        time.sleep(0.3)
        assert printer.bytes_received <= 64 + 2 * len(LINE)


def test_a_stalled_one_prints_late(printer: VirtualPrinter) -> None:
    printer.fault("stalled")
    with connect(printer) as link:
        link.sendall(SLIP)
        assert status(link) == "12 12 12 12"
    assert printer.slips == []
    printer.fault(None)
    printer.wait_for_slips(1)


@pytest.mark.parametrize("at", [1, 5, len(SLIP) - 1, len(SLIP)])
@pytest.mark.parametrize("fault", ["reset", "close"])
def test_cut_off_after_a_byte(printer: VirtualPrinter, fault: Fault, at: int) -> None:
    printer.fault(fault, after_bytes=at)
    with connect(printer) as link:
        assert status(link) == "12 12 12 12", "questions are no bytes of a slip"
        link.sendall(SLIP[:at])
        if fault == "reset":
            with pytest.raises(ConnectionResetError):
                link.recv(1)
        else:
            assert link.recv(1) == b""
    assert len(printer.slips) == (at == len(SLIP))
    with connect(printer) as link:
        assert status(link) == "12 12 12 12"


def test_taken_by_another_program_it_prints_that_ones_slip_first() -> None:
    with VirtualPrinter() as printer:
        first = connect(printer)
        assert status(first) == "12 12 12 12"
        printer.fault("taken")
        until(lambda: printer.ails == "taken")
        assert status(first) == "12 12 12 12", "who was there first is served on"
        first.sendall(SLIP)
        first.close()
        with connect(printer) as link:
            link.sendall(SLIP + b"\x10\x04\x01")
            assert silent(link)
            assert [slip.text for slip in printer.wait_for_slips(2)] == ["slip", FOREIGN]
            printer.fault(None)
            assert read(link, 1) == b"\x12"
        assert [slip.text for slip in printer.wait_for_slips(3)] == ["slip", FOREIGN, "slip"]


def test_taken_where_others_are_refused() -> None:
    with VirtualPrinter(others="refused") as printer:
        printer.fault("taken")
        printer.wait_for_slips(1)
        with pytest.raises(ConnectionRefusedError):
            connect(printer)
        printer.fault(None)
        until(lambda: printer.ails is None)
        with connect(printer) as link:
            assert status(link) == "12 12 12 12"


@pytest.mark.parametrize("fault", FAULTS)
def test_every_fault_can_be_met_and_mended(printer: VirtualPrinter, fault: Fault) -> None:
    printer.fault(fault, after_bytes=3)
    with connect(printer) as link, suppress(OSError):
        link.sendall(b"abcdef\n" + CUT)
        until(lambda: printer.ails == fault or fault in MOMENTARY)
    printer.fault(None)
    until(lambda: printer.ails is None)
    with connect_soon(printer) as link:
        link.sendall(b"\x1b@" + CUT + IN_TURN)
        assert read(link, 1) == b"\x00"


def test_mending_forgets_a_fault_to_come(printer: VirtualPrinter) -> None:
    printer.fault("paper_out", after_bytes=5)
    printer.fault(None)
    with connect(printer) as link:
        link.sendall(SLIP + IN_TURN)
        assert read(link, 1) == b"\x00"
