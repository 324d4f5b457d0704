"""Packaged speech as far as it can be judged without ears: every clip is there, distinct, about as loud as the others,
and cut to its sound. Nobody has listened to it in a test."""

import math
from itertools import combinations
from pathlib import Path

import pytest

import drivers.speech
from drivers.sound import pcm
from drivers.sound.pcm import LOUDEST, Pcm
from drivers.speech.packaged import RATE, PackagedSpeech
from drivers.speech.vocabulary import WORDS, clip

CLIPS = Path(drivers.speech.__file__).parent / "clips"


def recorded(word: str) -> Pcm:
    return pcm.read((CLIPS / clip(word)).read_bytes())


def loudness(sound: Pcm) -> float:
    return math.sqrt(sum(sample * sample for sample in sound.samples) / len(sound.samples)) / LOUDEST


def test_each_word_has_its_clip_and_no_clip_is_left_over() -> None:
    assert {path.name for path in CLIPS.glob("*.wav")} == {clip(word) for word in WORDS}
    assert len({clip(word) for word in WORDS}) == len(WORDS)
    assert sum(path.stat().st_size for path in CLIPS.glob("*.wav")) < 750_000


@pytest.mark.parametrize("word", WORDS)
def test_a_clip_is_as_loud_as_the_others_and_not_clipped(word: str) -> None:
    sound = recorded(word)
    syllables = len(WORDS[word].split())
    assert sound.rate == RATE
    assert 0.13 * syllables < sound.seconds < 0.45 * syllables
    assert 0.13 < loudness(sound) < 0.17
    assert max(map(abs, sound.samples)) < 0.97 * LOUDEST
    edge = RATE // 50
    assert max(map(abs, sound.samples[edge:-edge])) > 4 * max(abs(sound.samples[0]), abs(sound.samples[-1]))


def test_clips_differ() -> None:
    for one, other in combinations(WORDS, 2):
        assert recorded(one).samples != recorded(other).samples, (one, other)


def test_a_sentence_is_its_words_in_their_order() -> None:
    said = PackagedSpeech().say(("美团", "新订单", "十", "二", "号"))
    parts = [recorded(word) for word in ("美团", "新订单", "十", "二", "号")]
    assert said.seconds == pytest.approx(sum(part.seconds for part in parts) + 4 * 0.035, abs=0.001)
    assert said.samples[: len(parts[0].samples)] == parts[0].samples
    assert said.samples[-len(parts[4].samples) :] == parts[4].samples


def test_a_word_nobody_recorded_is_left_out() -> None:
    speech = PackagedSpeech()
    assert speech.say(("门店三楼", "打印机", "缺纸")) == speech.say(("打印机", "缺纸"))
    assert speech.say(("？",)).seconds == 0
