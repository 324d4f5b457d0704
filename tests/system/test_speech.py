"""espeak-ng as this system has it: it reads Chinese as Chinese, and the clips that ship are what it said."""

import subprocess

import pytest

from drivers.speech.vocabulary import WORDS, clip
from drivers.speech.voices_linux import READ, SystemSpeech
from installer.recording.clips import CLIPS, record

pytestmark = pytest.mark.system


def phonemes(*options: str) -> str:
    command = ("espeak-ng", *options, "-q", "-x", "美团新订单十二号")
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def test_characters_are_read_as_mandarin() -> None:
    said = phonemes(*READ)
    assert "(en)" not in said, "spelt as English"
    assert "ua35n" in said, "团 rises"


def test_a_sentence_is_spoken() -> None:
    said = SystemSpeech().say(("美团", "新订单", "十", "二", "号"))
    assert 1.5 < said.seconds < 5 and max(said.samples) > 5000


@pytest.mark.parametrize("word", ["美团", "新订单", "十"])
def test_the_clips_are_what_was_recorded(word: str) -> None:
    assert record(WORDS[word]) == (CLIPS / clip(word)).read_bytes()
