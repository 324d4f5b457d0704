"""The seam between a sentence and its sound."""

from collections.abc import Sequence
from typing import Protocol

from drivers.sound.pcm import Pcm


class Speech(Protocol):
    @property
    def name(self) -> str:
        """Whose voice it is, for people."""

    def say(self, words: Sequence[str]) -> Pcm:
        """`words` of one sentence in Chinese characters. Blocks while it is made. Raises CannotSpeak."""
