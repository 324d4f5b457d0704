"""Samples: joined with silence, made quieter, written so that others read them."""

import io
import math
import wave
from array import array

import pytest

from drivers.errors import BadSound
from drivers.sound import chimes, pcm
from drivers.sound.pcm import LOUDEST, Pcm


def wav(*, channels: int = 1, width: int = 2, data: bytes = b"\0\0") -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setnchannels(channels)
        sound.setsampwidth(width)
        sound.setframerate(8000)
        sound.writeframes(data)
    return file.getvalue()


def test_what_is_written_is_read_again() -> None:
    sound = Pcm(16_000, array("h", (0, 1, -1, LOUDEST, -LOUDEST)))
    assert pcm.read(pcm.write(sound)) == sound


def test_volume_is_a_share_of_what_was_recorded() -> None:
    loud = Pcm(8000, array("h", (1000, -1000)))
    assert list(pcm.read(pcm.write(loud, volume=50)).samples) == [500, -500]
    assert list(pcm.read(pcm.write(loud, volume=0)).samples) == [0, 0]


def test_parts_stand_apart_by_silence() -> None:
    part = Pcm(1000, array("h", (7, 7)))
    assert list(pcm.join(1000, (part, part), gap_ms=3).samples) == [7, 7, 0, 0, 0, 7, 7]
    assert pcm.join(1000, ()).seconds == 0
    with pytest.raises(BadSound):
        pcm.join(8000, (part,))


def test_a_length_the_writer_could_not_know_is_ignored() -> None:
    """espeak-ng writes its header before it knows how long it will speak."""
    known = wav(data=b"\1\0\2\0")
    unknown = known[:4] + b"\xff\xff\xff\x7f" + known[8:40] + b"\xff\xff\xff\x7f" + known[44:]
    assert list(pcm.read(unknown).samples) == [1, 2]


@pytest.mark.parametrize("bad", [b"", b"no sound at all", wav(channels=2, data=b"\0" * 4), wav(width=1, data=b"\0")])
def test_what_is_no_such_sound_is_refused(bad: bytes) -> None:
    with pytest.raises(BadSound):
        pcm.read(bad)


@pytest.mark.parametrize("rate", [8000, 16_000, 22_050])
def test_chimes_fit_any_rate_and_differ(rate: int) -> None:
    news, alarm = (chimes.chime(tones, rate) for tones in (chimes.NEWS, chimes.ALARM))
    for made, tones in ((news, chimes.NEWS), (alarm, chimes.ALARM)):
        assert made.seconds == pytest.approx(sum(seconds for _, seconds in tones), abs=0.001)
        assert LOUDEST / 4 < max(made.samples) < LOUDEST / 2
        assert made.samples[0] == 0, "a tone that begins at once clicks"
        assert loudness(made) > 0.2
    assert news.samples[: rate // 10] != alarm.samples[: rate // 10]


def loudness(sound: Pcm) -> float:
    return math.sqrt(sum(sample * sample for sample in sound.samples) / len(sound.samples)) / LOUDEST
