"""The tones before a sentence. They are computed, so that they fit whatever rate the speech has."""

import math
from array import array
from collections.abc import Sequence

from drivers.sound.pcm import LOUDEST, Pcm

NEWS = ((880.0, 0.14), (1174.7, 0.22))
"""Two rising tones: something came."""
ALARM = ((1046.5, 0.12), (784.0, 0.12), (1046.5, 0.12), (784.0, 0.2))
"""Up and down: something must be stopped, mended or answered."""
_STRENGTH = 0.45
_SOFT_S = 0.008
"""Each tone begins and ends in this time, or the speaker clicks."""


def chime(tones: Sequence[tuple[float, float]], rate: int) -> Pcm:
    """`tones` are pairs of hertz and seconds."""
    samples = array("h")
    for pitch, seconds in tones:
        samples.extend(_tone(pitch, seconds, rate))
    return Pcm(rate, samples)


def _tone(pitch: float, seconds: float, rate: int) -> "array[int]":
    count = round(rate * seconds)
    soft = _SOFT_S * rate
    return array(
        "h",
        (
            round(
                LOUDEST * _STRENGTH * min(1.0, at / soft, (count - at) / soft) * math.sin(math.tau * pitch * at / rate)
            )
            for at in range(count)
        ),
    )
