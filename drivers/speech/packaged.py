"""Speech from clips that ship with the program: always there, on every computer alike."""

from collections.abc import Sequence
from functools import cache
from importlib.resources import files

from drivers.sound import pcm
from drivers.sound.pcm import Pcm
from drivers.speech.vocabulary import WORDS, clip

RATE = 16_000
_GAP_MS = 35


class PackagedSpeech:
    name = "packaged clips"

    def say(self, words: Sequence[str]) -> Pcm:
        """A word that was never recorded (the name somebody gave a printer) is left out."""
        return pcm.join(RATE, (_clip(word) for word in words if word in WORDS), gap_ms=_GAP_MS)


@cache
def _clip(word: str) -> Pcm:
    return pcm.read((files(__package__) / "clips" / clip(word)).read_bytes())
