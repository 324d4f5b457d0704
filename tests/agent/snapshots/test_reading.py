"""A snapshot is whole or of no use: whatever was torn, cut, changed or is from the future leaves all as it was."""

import gzip
import random
from pathlib import Path

import msgspec
import pytest

from agent.snapshots.reading import Snapshot, SnapshotUnusable
from domain.events import Event, OrderPlaced, RecallPut
from domain.protocol import SnapshotTrailer
from tests.agent.core.hub import LOG, NOON, order
from tests.agent.snapshots.making import KEY, finished, header, packed

WHOLE = packed(header(), *(OrderPlaced(order(f"o{number}")) for number in range(1, 30)))


def unusable(folder: Path, content: bytes) -> SnapshotUnusable:
    path = folder / "snapshot.gz"
    path.write_bytes(content)
    with pytest.raises(SnapshotUnusable) as raised:
        Snapshot(path, KEY).check()
    return raised.value


def test_a_whole_one_is_read(tmp_path: Path) -> None:
    path = tmp_path / "snapshot.gz"
    path.write_bytes(WHOLE)
    snapshot = Snapshot(path, KEY)
    assert snapshot.check() == header()
    assert [event.seq for event in snapshot.events()] == list(range(1, 30))


def test_one_without_rows_is_read(tmp_path: Path) -> None:
    path = tmp_path / "snapshot.gz"
    path.write_bytes(packed(header()))
    assert Snapshot(path, KEY).check() == header()
    assert list(Snapshot(path, KEY).events()) == []


@pytest.mark.parametrize("length", [0, 1, 10, 100, len(WHOLE) // 2, len(WHOLE) - 9, len(WHOLE) - 1])
def test_one_that_was_cut_is_spoilt(tmp_path: Path, length: int) -> None:
    assert unusable(tmp_path, WHOLE[:length]).spoilt


def test_one_with_a_changed_byte_is_spoilt(tmp_path: Path) -> None:
    dice = random.Random(5)
    for place in (dice.randrange(10, len(WHOLE)) for _ in range(40)):
        changed = bytearray(WHOLE)
        changed[place] ^= 1 << dice.randrange(8)
        assert unusable(tmp_path, bytes(changed)).spoilt


def test_lines_that_were_left_out_or_added_are_noticed(tmp_path: Path) -> None:
    lines = gzip.decompress(WHOLE).splitlines(keepends=True)
    for wrong in (lines[:5] + lines[6:], [*lines[:6], lines[5], *lines[6:]], lines[:-1], [*lines, lines[-1]]):
        assert unusable(tmp_path, gzip.compress(b"".join(wrong))).spoilt
    false = msgspec.json.encode(SnapshotTrailer(28, msgspec.json.decode(lines[-1], type=SnapshotTrailer).sha256))
    assert unusable(tmp_path, gzip.compress(b"".join(lines[:-1]) + false)).spoilt


@pytest.mark.parametrize(("kind", "v"), [("order.teleported", 1), (RecallPut.kind, 99)])
def test_one_from_the_future_is_kept_for_later(tmp_path: Path, kind: str, v: int) -> None:
    unknown = msgspec.json.encode(Event(LOG, 1, kind, v, NOON, msgspec.Raw(b"{}")))
    content = finished([msgspec.json.encode(header()) + b"\n", unknown + b"\n"])
    error = unusable(tmp_path, content)
    assert not error.spoilt, "its bytes are sound: another program may understand them"
    assert f"{kind} v{v}" in str(error)


def test_what_a_changed_byte_makes_unknown_is_spoilt_not_unknown(tmp_path: Path) -> None:
    """Else nobody would ever fetch it again."""
    changed = gzip.decompress(WHOLE).replace(b"order.placed", b"crder.placed", 1)
    assert unusable(tmp_path, gzip.compress(changed)).spoilt
