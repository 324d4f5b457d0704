"""Sound as 16-bit mono samples; WAV only at its edges."""

import io
import sys
import wave
from array import array
from collections.abc import Iterable
from dataclasses import dataclass

from drivers.errors import BadSound

LOUDEST = 32_767


@dataclass(frozen=True, slots=True)
class Pcm:
    """`rate` in samples per second."""

    rate: int
    samples: "array[int]"

    @property
    def seconds(self) -> float:
        return len(self.samples) / self.rate


def read(wav: bytes) -> Pcm:
    """Raises BadSound for what is no 16-bit mono WAV. A length that a pipe's writer could not know is ignored."""
    try:
        with wave.open(io.BytesIO(wav)) as sound:
            if (sound.getsampwidth(), sound.getnchannels()) != (2, 1):
                raise BadSound(f"{8 * sound.getsampwidth()} bits, {sound.getnchannels()} channels: not 16-bit mono")
            frames = sound.readframes(sound.getnframes())
            rate = sound.getframerate()
    except (wave.Error, EOFError) as error:
        raise BadSound(f"no WAV: {error}") from error
    return Pcm(rate, from_bytes(frames))


def from_bytes(frames: bytes) -> "array[int]":
    samples = array("h", frames[: len(frames) // 2 * 2])
    if sys.byteorder == "big":
        samples.byteswap()
    return samples


def write(pcm: Pcm, *, volume: int = 100) -> bytes:
    """As a WAV file, `volume` in percent of what was recorded."""
    samples = array("h", (sample * volume // 100 for sample in pcm.samples)) if volume < 100 else pcm.samples[:]
    if sys.byteorder == "big":
        samples.byteswap()
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(pcm.rate)
        sound.writeframes(samples.tobytes())
    return file.getvalue()


def join(rate: int, parts: Iterable[Pcm], *, gap_ms: int = 0) -> Pcm:
    """One after the other with silence between. All must have this rate."""
    gap = silence(rate, gap_ms)
    joined = array("h")
    for part in parts:
        if part.rate != rate:
            raise BadSound(f"{part.rate} samples per second among {rate}")
        if joined:
            joined.extend(gap)
        joined.extend(part.samples)
    return Pcm(rate, joined)


def silence(rate: int, ms: int) -> "array[int]":
    return array("h", bytes(2 * (rate * ms // 1000)))
