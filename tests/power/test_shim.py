"""The recorder misses nothing: what it wrote down, done again, is what lies in the folder, byte for byte."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.power import records, shim
from tests.power.disk import Disk, differences
from tests.power.records import Op


def run(built: Path, place: Path, *program: str) -> tuple[Path, Path]:
    """The folder that was recorded, and the log."""
    folder, log = place / "folder", place / "log"
    folder.mkdir()
    command = [sys.executable, *program, str(folder), str(log)]
    subprocess.run(command, env=shim.preloaded(built), check=True, timeout=60)
    return folder, log


def replayed(folder: Path, log: Path, begun_as: Path) -> Disk:
    begun_as.mkdir(exist_ok=True)
    disk = Disk(folder, begun_as)
    for record in records.read(log):
        disk.apply(record)
    return disk


def test_every_call_is_seen(built: Path, place: Path) -> None:
    folder, log = run(built, place, "-m", "tests.power.every_call")
    disk = replayed(folder, log, place / "empty")
    assert differences(disk, folder) == []
    assert len([name for name in disk.names if name]) > 35
    assert set(Op) - {Op.SAID} == {record.op for record in records.read(log)} - {Op.SAID}


def test_a_missed_write_is_noticed(built: Path, place: Path) -> None:
    folder, log = run(built, place, "-m", "tests.power.every_call")
    (folder / "appended").write_bytes(b"by somebody else")
    (folder / "stranger").touch()
    assert len(differences(replayed(folder, log, place / "empty"), folder)) == 2


TALKER = """
import socket, sys, os
from pathlib import Path
from tests.power import shim
shim.record(Path(sys.argv[1]), Path(sys.argv[2]))
here, there = socket.socketpair()
for number, say in enumerate((here.send, here.sendall, lambda data: os.write(here.fileno(), data),
                              lambda data: here.sendmsg([data]), lambda data: os.writev(here.fileno(), [data]))):
    Path(sys.argv[1], f"before {number}").touch()
    say(b"said %d" % number)
if os.fork() == 0:
    Path(sys.argv[1], "of a child").write_bytes(b"not ours to record")
    os._exit(0)
os.wait()
"""


def test_what_is_said_stands_where_it_was_said(built: Path, place: Path) -> None:
    folder, log = run(built, place, "-c", TALKER)
    kept = [record for record in records.read(log) if record.op in (Op.OPEN, Op.SAID)]
    told = [record.data.decode().removeprefix(str(folder)).lstrip("/") for record in kept]
    assert told == [text for number in range(5) for text in (f"before {number}", f"said {number}")]
    assert (folder / "of a child").exists()


def test_without_gcc_a_plain_word(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda _: None)
    with pytest.raises(shim.NoCompiler, match="make system-packages"):
        shim.build(tmp_path)
