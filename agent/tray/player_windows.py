"""Playing a WAV in the session, on Windows."""

import sys
import winsound
from dataclasses import dataclass

assert sys.platform == "win32"  # for the type checker: winsound is empty elsewhere


@dataclass(frozen=True, slots=True)
class Player:
    def play(self, wav: bytes) -> None:
        """Until its end. Raises OSError where nothing can be heard."""
        try:
            winsound.PlaySound(wav, winsound.SND_MEMORY | winsound.SND_NODEFAULT)
        except RuntimeError as error:
            raise OSError(f"Windows cannot play it: {error}") from error


def find() -> Player | None:
    return Player()
