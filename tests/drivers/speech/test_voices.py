"""The system's voice as a real child process: what it is told, and what becomes of its failures."""

import sys
from pathlib import Path

import pytest

from drivers.errors import CannotSpeak
from drivers.speech.voices_linux import READ, SystemSpeech

SPEAKER = """\
#!{python}
import sys, wave
with wave.open(sys.stdout.buffer, "wb") as sound:
    sound.setnchannels(1); sound.setsampwidth(2); sound.setframerate(22050)
    sound.writeframes(sys.stdin.buffer.read())
open({asked!r}, "w").write(" ".join(sys.argv[1:]))
"""


@pytest.fixture
def espeak(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A voice that gives back what it was told, as samples."""
    monkeypatch.setenv("PATH", str(tmp_path))
    program = tmp_path / "espeak-ng"
    program.write_text(SPEAKER.format(python=sys.executable, asked=str(tmp_path / "asked")))
    program.chmod(0o755)
    return program


def test_the_words_are_spoken_as_one_sentence(espeak: Path) -> None:
    said = SystemSpeech().say(("美团", "新订单", "十二", "号"))
    assert said.rate == 22_050 and said.samples.tobytes().decode() == "美团新订单十二号"
    assert (espeak.parent / "asked").read_text() == " ".join((*READ, "--stdin", "--stdout"))


def test_characters_are_read_as_chinese() -> None:
    """The voice `cmn` of espeak-ng 1.51 reads them as English letters."""
    assert "cmn-latn-pinyin" in READ and "cmn" not in READ


def test_a_computer_without_a_voice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(CannotSpeak, match="no espeak-ng"):
        SystemSpeech()


@pytest.mark.parametrize("script", ["exit 1", "echo this is no sound", ":"])
def test_a_voice_that_fails(espeak: Path, script: str) -> None:
    espeak.write_text(f"#!/bin/sh\n{script}\n")
    with pytest.raises(CannotSpeak):
        SystemSpeech().say(("美团",))
