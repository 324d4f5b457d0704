"""Playing through real child processes: what they get, what they say, and when they are ended."""

import threading
import time
from array import array
from collections.abc import Callable
from pathlib import Path

import pytest

from drivers.errors import CannotPlay
from drivers.sound import pcm
from drivers.sound.pcm import Pcm
from drivers.sound.player_linux import PROGRAMS, SystemPlayer

SOUND = pcm.write(Pcm(8000, array("h", range(400))))
Install = Callable[[str, str], None]


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Install:
    """Puts programs on a path that holds nothing else of the kind."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))

    def put(name: str, script: str) -> None:
        (folder / name).write_text(f"#!/bin/sh\nPATH=/usr/bin:/bin\n{script}\n")
        (folder / name).chmod(0o755)

    return put


def test_the_program_gets_the_whole_sound(install: Install, tmp_path: Path) -> None:
    install("aplay", f"cat > {tmp_path}/heard; echo $* > {tmp_path}/asked")
    player = SystemPlayer()
    player.play(SOUND, threading.Event())
    assert (tmp_path / "heard").read_bytes() == SOUND
    assert (tmp_path / "asked").read_text() == "-q\n" and player.name == "aplay"


@pytest.mark.parametrize("program", [program[0] for program in PROGRAMS])
def test_each_program_finds_it_where_it_is_told(install: Install, tmp_path: Path, program: str) -> None:
    """`cat` does as they do: it reads the file it is given (an option is none), or its standard input."""
    install(program, f'[ "$1" = -q ] && shift; cat "$@" > {tmp_path}/heard')
    SystemPlayer().play(SOUND, threading.Event())
    assert (tmp_path / "heard").read_bytes() == SOUND


def test_without_any_program_there_is_no_player(install: Install) -> None:
    with pytest.raises(CannotPlay, match="no aplay, paplay or pw-play") as caught:
        SystemPlayer()
    assert "alsa-utils" in caught.value.hint


def test_another_program_helps_and_stays_the_first(install: Install, tmp_path: Path) -> None:
    install("aplay", f"echo asked >> {tmp_path}/aplay; echo 'ALSA: no such card' >&2; exit 1")
    install("paplay", "cat >/dev/null")
    player = SystemPlayer()
    player.play(SOUND, threading.Event())
    player.play(SOUND, threading.Event())
    assert player.name == "paplay" and (tmp_path / "aplay").read_text().count("asked") == 1


def test_a_failure_carries_the_programs_own_words(install: Install) -> None:
    install("aplay", "echo first >&2; echo 'audio open error: No such device' >&2; exit 1")
    install("pw-play", "exit 3")
    with pytest.raises(CannotPlay, match="aplay: audio open error: No such device; pw-play: ended with 3"):
        SystemPlayer().play(SOUND, threading.Event())


def test_it_stops_in_the_middle_of_a_word(install: Install) -> None:
    install("aplay", "exec sleep 200")
    stop = threading.Event()
    threading.Timer(0.2, stop.set).start()
    begun = time.monotonic()
    SystemPlayer().play(SOUND, stop)
    assert time.monotonic() - begun < 100


def test_a_program_that_hangs_is_ended(install: Install, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("drivers.sound.player_linux._PATIENCE_S", 0.2)
    install("aplay", "exec sleep 30")
    with pytest.raises(CannotPlay, match="does not come to an end"):
        SystemPlayer().play(SOUND, threading.Event())
