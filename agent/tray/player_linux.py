"""Playing a WAV in the session, on Linux: whichever player the desktop brought."""

import shutil
import subprocess
import tempfile
from dataclasses import dataclass

_PLAYERS = ("paplay", "pw-play", "aplay")
"""The sound server's own first: it mixes with what else the desktop plays."""
_LONGEST_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Player:
    program: str

    def play(self, wav: bytes) -> None:
        """Until its end. Raises OSError where nothing can be heard."""
        with tempfile.NamedTemporaryFile(prefix="yaolink-", suffix=".wav") as file:
            file.write(wav)
            file.flush()
            try:
                done = subprocess.run(
                    [self.program, file.name], capture_output=True, timeout=_LONGEST_SECONDS, check=False
                )
            except subprocess.TimeoutExpired as error:
                raise OSError(f"{self.program} did not end within {_LONGEST_SECONDS:g} s") from error
        if done.returncode:
            raise OSError(f"{self.program} failed: {done.stderr.decode(errors='replace').strip()}")


def find() -> Player | None:
    program = next((found for name in _PLAYERS if (found := shutil.which(name)) is not None), None)
    return None if program is None else Player(program)
