import io
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageOps

from drivers.virtual.code128 import read_barcode
from drivers.virtual.commands import Command, Tokenizer
from drivers.virtual.mechanism import Mechanism
from drivers.virtual.printer import VirtualPrinter
from drivers.virtual.slip import ROLL_58, ROLL_80, VirtualSlip
from tests.drivers.virtual.client import CUT, connect, read


def ink_span(picture: Image.Image) -> set[int]:
    box = ImageOps.invert(picture).getbbox()
    assert box
    return set(range(box[0], box[2]))


def interpret(data: bytes) -> VirtualSlip:
    mechanism = Mechanism(ROLL_58)
    for command in Tokenizer().feed(data + CUT):
        mechanism.execute(command)
    return mechanism.slips[-1]


def test_what_is_sent_into_a_fault_comes_out_later_once_per_try(printer: VirtualPrinter) -> None:
    """The duplicate trap of facts/devices.md §0.3: three tries, three slips."""
    printer.fault("paper_out")
    for _ in range(3):
        with connect(printer) as link:
            link.sendall(b"slip\n" + CUT)
    time.sleep(0.1)
    assert printer.slips == []
    printer.fault(None)
    assert [slip.lines for slip in printer.wait_for_slips(3)] == [["slip"]] * 3


def test_gs_r_waits_for_what_was_sent_before_it(printer: VirtualPrinter) -> None:
    printer.fault("cover_open")
    with connect(printer) as link:
        link.sendall(b"slip\n" + CUT + b"\x1dr\x01")
        link.settimeout(0.2)
        with pytest.raises(TimeoutError):
            link.recv(1)
        printer.fault(None)
        link.settimeout(30)
        assert read(link, 1) == b"\x00"
    assert len(printer.slips) == 1


def test_automatic_status_tells_each_change_until_initialised(printer: VirtualPrinter) -> None:
    with connect(printer) as link:
        link.sendall(b"\x1da\xff")
        assert read(link, 4).hex() == "10000000"
        printer.fault("paper_out")
        assert read(link, 4).hex() == "18000f00"
        printer.fault(None)
        assert read(link, 4).hex() == "10000000"
        link.sendall(b"\x1b@\x1dr\x01")
        assert read(link, 1) == b"\x00"
        printer.fault("cover_open")
        link.sendall(b"\x10\x04\x02")
        assert read(link, 1) == b"\x16"


def test_a_mute_printer_prints_and_says_nothing(printer: VirtualPrinter) -> None:
    printer.mute = True
    with connect(printer) as link:
        link.sendall(b"\x10\x04\x01slip\n" + CUT + b"\x1dr\x01")
        printer.wait_for_slips(1)
        link.settimeout(0.1)
        with pytest.raises(TimeoutError):
            link.recv(1)


def test_callbacks_tell_of_slips_and_first_bytes() -> None:
    slips: list[VirtualSlip] = []
    first_bytes: list[float] = []
    with VirtualPrinter(on_slip=slips.append, on_bytes=first_bytes.append) as printer:
        assert printer.address == f"tcp://127.0.0.1:{printer.port}"
        with connect(printer) as link:
            link.sendall(b"\x10\x04\x01")
            read(link, 1)
            assert first_bytes == []
            before = time.monotonic()
            link.sendall(b"slip\n" + CUT + b"\x1b@\x1dr\x01")
            read(link, 1)
        assert [slip.number for slip in slips] == [1]
        assert len(first_bytes) == 1
        assert before <= first_bytes[0] <= time.monotonic()


def test_a_failing_listener_does_not_stop_the_printer(caplog: pytest.LogCaptureFixture) -> None:
    def fail(slip: VirtualSlip) -> None:
        raise ValueError(f"cannot take slip {slip.number}")

    with VirtualPrinter(on_slip=fail) as printer, connect(printer) as link:
        link.sendall((b"slip\n" + CUT) * 2)
        assert len(printer.wait_for_slips(2)) == 2
    assert "cannot take slip 1" in caplog.text


def test_waiting_for_slips_that_do_not_come_ends(printer: VirtualPrinter) -> None:
    with pytest.raises(TimeoutError, match="0 slips came out, not 1"):
        printer.wait_for_slips(1, timeout=0.05)


def test_text_in_chinese_mode_and_out_of_it() -> None:
    chinese = "合计".encode("gbk")
    assert interpret(chinese + b"\n").lines == ["合计"]
    assert interpret(b"\x1c." + b"\x82\n").lines == ["é"]
    assert interpret(b"\x1c.\x1c&" + chinese + b"\n").lines == ["合计"]
    assert interpret(b"\x1c.\x1b@" + chinese + b"\n").lines == ["合计"]


def test_four_byte_characters_come_out_as_junk() -> None:
    """'¥12.50' as other libraries send it (facts/devices.md §0.5)."""
    assert interpret("¥12.50".encode("gb18030") + b"\n").lines == ["?0?612.50"]


def test_too_wide_a_line_is_broken_by_the_printer_and_a_torn_hanzi_noted() -> None:
    even = interpret("药".encode("gbk") * 17 + b"\n")
    assert even.lines == ["药" * 16, "药"]
    assert (len(even.wrapped), even.split) == (1, ())
    odd = interpret(b"a" + "药".encode("gbk") * 16 + b"\n")
    assert odd.lines == ["a" + "药" * 15, "药"]
    assert len(odd.split) == 1
    wide = interpret(b"\x1d!\x10" + b"x" * 17 + b"\n")
    assert wide.lines == ["x" * 16, "x"]


def test_half_a_slip_stays_above_the_next_one_on_its_paper() -> None:
    slip = interpret(b"\x1b@half of one\n" + b"lost\x1b@another\n")
    assert slip.lines == ["half of one", "another"]
    assert len(slip.pieces) == 2
    assert len(interpret(b"\x1b@one\n").pieces) == 1


def test_sizes_and_feeds_take_paper() -> None:
    assert interpret(b"a\n").height_mm == 30 / 8
    assert interpret(b"\x1d!\x01a\n").height_mm == 48 / 8
    assert interpret(b"\x1b3\x28a\n").height_mm == 40 / 8
    assert interpret(b"\x1b3\x28\x1b2a\n").height_mm == 30 / 8
    assert interpret(b"\x1bd\x03").height_mm == 90 / 8
    assert interpret(b"\x1bJ\x10").height_mm == 16 / 8


def test_bold_and_alignment_are_seen_on_paper() -> None:
    assert interpret(b"\x1bE\x01m\n").png() != interpret(b"m\n").png()
    left, middle, right = (Image.open(io.BytesIO(interpret(b"\x1ba" + n + b"m\n").png())) for n in (b"0", b"1", b"2"))
    assert left.size == (464, 24 + 30 + 24)
    assert ink_span(left) <= set(range(40, 52))
    assert ink_span(middle) <= set(range(226, 238))
    assert ink_span(right) <= set(range(412, 424))


def test_drawer_and_buzzer_are_counted(printer: VirtualPrinter) -> None:
    with connect(printer) as link:
        link.sendall(b"\x1bp\x00\x19\xfa\x1bB\x02\x05\x1dr\x01")
        read(link, 1)
    assert (printer.drawer_kicks, printer.beeps) == (1, 2)


def test_unknown_commands_are_noted_and_passed_over() -> None:
    slip = interpret(b"\x1b~ok\n\x1c\x7fok\n\x1d\x01\x10\x99ok\n")
    assert slip.lines[0] == "ok"
    assert [fault for fault in slip.faults if fault.startswith("unknown command")]
    assert interpret(b"\x1d(A\x02\x00\x00\x02\x1d(H\x06\x0000abcdok\n").lines == ["ok"]


def test_codes_wider_than_the_paper_are_noted() -> None:
    """python-escpos' default for a 20-digit code: set B, three dots a module (facts/devices.md §0.7)."""
    slip = interpret(b"\x1dw\x03\x1dkI\x16{B81234567890123456789")
    assert slip.faults == ("barcode wider than the paper: 81234567890123456789",)


def test_ascii_digits_in_code_set_c_give_another_code() -> None:
    assert read_barcode(b"{C12").text == "4950"


@pytest.mark.parametrize("data", [b"", b"12", b"{B", b"{Cx", b"{B{1x", b"{Bx\xff"])
def test_a_bad_barcode_is_not_printed(data: bytes) -> None:
    slip = interpret(b"\x1dkI" + bytes((len(data),)) + data)
    assert slip.codes == []
    assert slip.faults


STREAM = (
    b"\x1b@\x1c&\x1b!\x00\x1d!\x11\x1ba\x01\x1bE\x01text\n\x1bd\x02\x1bJ\x05\x1b2\x1b3\x1e\x1dh\x50\x1dw\x02\x1dH\x02\x1df\x00"
    b"\x1dkI\x04{Bab\x1dk\x04AB\x00\x1d(k\x04\x001A2\x00\x1d(k\x05\x001P0ab\x1d(k\x03\x001Q0\x1dv0\x00\x02\x00\x02\x00\x1b@\x1dV"
    b"\x10\x04\x01\x10\x14\x01\x00\x01\x1bp\x00\x01\x02\x1bB\x01\x02\x1dr\x01\x1da\xff\x1dV\x00\x1dV\x42\x05\x1bD\x08\x10\x00\x1b*\x00\x02\x00ab"
)


@settings(deadline=None)
@given(cuts=st.sets(st.integers(1, len(STREAM) - 1)))
def test_commands_are_the_same_however_they_arrive(cuts: set[int]) -> None:
    whole = merge_text(Tokenizer().feed(STREAM))
    tokenizer, commands = Tokenizer(), []
    edges = [0, *sorted(cuts), len(STREAM)]
    for start, end in zip(edges, edges[1:], strict=False):
        commands += tokenizer.feed(STREAM[start:end])
    assert merge_text(commands) == whole
    assert all(command.known for command in whole)


def merge_text(commands: list[Command]) -> list[Command]:
    merged: list[Command] = []
    for command in commands:
        if merged and command.name == merged[-1].name == "TEXT":
            merged[-1] = Command("TEXT", merged[-1].data + command.data)
        else:
            merged.append(command)
    return merged


prefixes = st.sampled_from([b"\x1b", b"\x1d", b"\x1c", b"\x10", b"\x1d(k\x03\x001", b"\x1dkI", b"\x1dv0", CUT, b""])


@settings(deadline=None)
@given(pieces=st.lists(st.tuples(prefixes, st.binary(max_size=12)), max_size=20))
def test_no_bytes_stop_the_printer(pieces: list[tuple[bytes, bytes]]) -> None:
    mechanism = Mechanism(ROLL_80)
    for command in Tokenizer().feed(b"".join(prefix + data for prefix, data in pieces)):
        mechanism.execute(command)
    mechanism.execute(Command("GS V", b"\x00"))
    assert mechanism.slips[-1].png().startswith(b"\x89PNG")
