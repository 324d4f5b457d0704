import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.scanners.framing import LONGEST_SCAN, Framer

ENDINGS = [b"\r", b"\n", b"\r\n", b"\t"]
codes = st.binary(min_size=1, max_size=40).map(lambda raw: bytes(byte for byte in raw if byte not in b"\r\n\t") or b"8")


@pytest.mark.parametrize("ending", ENDINGS)
def test_every_split_point(ending: bytes) -> None:
    stream = b"81234567890123456789" + ending + b"]d2010690\x1d10LOT" + ending
    for cut in range(len(stream) + 1):
        framer = Framer()
        scans = framer.feed(stream[:cut]) + framer.feed(stream[cut:])
        assert scans == [b"81234567890123456789", b"]d2010690\x1d10LOT"]
        assert framer.idle() == []


@settings(deadline=None)
@given(
    scans=st.lists(st.tuples(codes, st.sampled_from(ENDINGS)), max_size=8),
    cuts=st.sets(st.integers(0, 400)),
)
def test_any_scans_in_any_pieces(scans: list[tuple[bytes, bytes]], cuts: set[int]) -> None:
    stream = b"".join(code + ending for code, ending in scans)
    edges = [0, *sorted(cut for cut in cuts if 0 < cut < len(stream)), len(stream)]
    framer, seen = Framer(), []
    for start, end in zip(edges, edges[1:], strict=False):
        seen += framer.feed(stream[start:end])
    assert seen == [code for code, _ in scans]


@settings(deadline=None)
@given(scans=st.lists(codes, max_size=8))
def test_silence_ends_scans_without_ending(scans: list[bytes]) -> None:
    framer, seen = Framer(), []
    for code in scans:
        seen += framer.feed(code)
        seen += framer.idle()
    assert seen == scans


def test_a_scan_cut_off_by_unplugging_is_never_glued_to_the_next() -> None:
    framer = Framer()
    assert framer.feed(b"8123456") == []
    framer.discard()
    assert framer.feed(b"81234567890123456789\r") == [b"81234567890123456789"]


def test_an_absurd_length_is_dropped_up_to_its_ending() -> None:
    framer = Framer()
    for _ in range(100):
        assert framer.feed(b"x" * 1000) == []
    assert framer.feed(b"tail\r8123\r") == [b"8123"]
    assert framer.feed(b"9" * LONGEST_SCAN + b"\r") == [b"9" * LONGEST_SCAN]
    assert framer.feed(b"9" * (LONGEST_SCAN + 1) + b"\r") == []


def test_endings_alone_are_no_scans() -> None:
    framer = Framer()
    assert framer.feed(b"\r\n\r\n\t\n") == []
    assert framer.idle() == []


def test_of_a_scanner_that_sends_endings_a_scan_without_one_was_cut_off() -> None:
    """A silence in the middle splits nothing; one that lasts drops the piece, and then silence ends scans again."""
    framer = Framer()
    assert len(framer.feed(b"8001\r8002\r")) == 2
    assert framer.feed(b"8123") + framer.idle() + framer.feed(b"4567\r") == [b"81234567"]
    assert framer.feed(b"8123") == []
    assert [framer.idle() for _ in range(6)] == [[]] * 6
    assert framer.feed(b"8999\r") == [b"8999"]
    assert framer.feed(b"8000") + framer.idle() == [b"8000"]
