import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.printers.status import (
    AutoStatus,
    BlockData,
    Blocked,
    PaperSensor,
    PrinterStatus,
    RealTime,
    Reply,
    ReplyParser,
    interpret_auto_status,
    interpret_real_time,
)
from drivers.virtual.faults import Fault, auto_status, real_time_status

MIXED: list[tuple[bytes, Reply]] = [
    (b"\x12", RealTime(0x12)),
    (b"\x10\x00\x00\x00", AutoStatus(b"\x10\x00\x00\x00")),
    (b"\x7e", RealTime(0x7E)),
    (b"\x00", PaperSensor(0)),
    (b"\x0f", PaperSensor(0x0F)),
    (b"\x37\x22AB12\x00", BlockData(0x37, b"\x22AB12")),
    (b"\x3c\x00\x0c\x00", AutoStatus(b"\x3c\x00\x0c\x00")),
    (b"\x5fTM-T88\x00", BlockData(0x5F, b"TM-T88")),
]


@settings(deadline=None)
@given(order=st.permutations(MIXED), cuts=st.lists(st.integers(0, 40)))
def test_replies_are_told_apart_however_they_arrive(order: list[tuple[bytes, Reply]], cuts: list[int]) -> None:
    stream = b"".join(data for data, _ in order)
    parser, replies = ReplyParser(), []
    edges = sorted({0, len(stream), *(cut for cut in cuts if cut < len(stream))})
    for start, end in zip(edges, edges[1:], strict=False):
        replies += parser.feed(stream[start:end])
    assert replies == [reply for _, reply in order]


@settings(deadline=None)
@given(noise=st.binary(max_size=300))
def test_noise_never_stops_the_parser(noise: bytes) -> None:
    parser = ReplyParser()
    parser.feed(noise)
    parser.feed(b"\x00" * 300)
    assert parser.feed(b"\x12")[-1] == RealTime(0x12)


REPLIES = st.one_of(
    st.integers(0, 15).map(lambda bits: bytes((0x12 | (bits & 0b1100) << 3 | (bits & 0b11) << 2,))),
    st.integers(0, 255).map(lambda bits: bytes((bits & 0x6F,))),
    st.tuples(st.integers(0, 255), st.lists(st.integers(0, 255), min_size=3, max_size=3)).map(
        lambda drawn: bytes((0x10 | drawn[0] & 0x6C, *(bits & 0x6F for bits in drawn[1])))
    ),
    st.text("".join(map(chr, range(0x20, 0x7F))), min_size=4, max_size=4).map(lambda i: b"7\x22" + i.encode() + b"\0"),
    st.text("TM-8IX 0", min_size=1, max_size=20).map(lambda said: b"_" + said.encode() + b"\0"),
)


@settings(deadline=None)
@given(stream=st.lists(REPLIES, max_size=20), data=st.data())
def test_any_replies_in_any_pieces_are_the_ones_that_were_sent(stream: list[bytes], data: st.DataObject) -> None:
    """Drawn from all that the manufacturers' bit patterns allow, an unasked status between any two."""
    sent = b"".join(stream)
    cuts = data.draw(st.lists(st.integers(0, len(sent)), max_size=12))
    edges = sorted({0, len(sent), *cuts})
    parser, heard = ReplyParser(), list[bytes]()
    for start, end in zip(edges, edges[1:], strict=False):
        heard += [_bytes(reply) for reply in parser.feed(sent[start:end])]
    assert heard == stream


def _bytes(reply: Reply) -> bytes:
    match reply:
        case AutoStatus(bits):
            return bits
        case BlockData(header, said):
            return bytes((header, *said, 0))
        case RealTime(bits) | PaperSensor(bits):
            return bytes((bits,))


def test_a_stray_header_swallows_no_answer() -> None:
    assert ReplyParser().feed(b"\x37\x12\x00") == [RealTime(0x12), PaperSensor(0)]


def test_flow_control_is_no_answer() -> None:
    assert ReplyParser().feed(b"\x11\x13\x12") == [RealTime(0x12)]


FAULTS: list[tuple[Fault | None, Blocked | None]] = [
    (None, None),
    ("paper_near_end", None),
    ("paper_out", Blocked.paper_out),
    ("cover_open", Blocked.cover_open),
    ("offline", Blocked.offline),
    ("cutter", Blocked.cutter),
]


@pytest.mark.parametrize(("fault", "blocked"), FAULTS)
def test_each_fault_is_named(fault: Fault | None, blocked: Blocked | None) -> None:
    answers = {n: real_time_status(fault, n) for n in (1, 2, 3, 4)}
    near_end = fault in ("paper_near_end", "paper_out")
    assert interpret_real_time(answers) == PrinterStatus(blocked, near_end)
    assert interpret_auto_status(auto_status(fault)) == PrinterStatus(blocked, near_end)


@pytest.mark.parametrize(
    ("answers", "status"),
    [
        ({}, PrinterStatus(None, False, answered=False)),
        ({1: 0x12}, PrinterStatus()),
        ({4: 0x7E}, PrinterStatus(Blocked.paper_out, True)),
        ({1: 0x1A}, PrinterStatus(Blocked.offline)),
        ({1: 0x1A, 3: 0x32}, PrinterStatus(Blocked.error)),
        ({1: 0x1A, 2: 0x36, 4: 0x7E}, PrinterStatus(Blocked.cover_open, True)),
    ],
)
def test_what_is_known_from_some_answers(answers: dict[int, int], status: PrinterStatus) -> None:
    assert interpret_real_time(answers) == status
