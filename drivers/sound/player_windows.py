"""Playing through Windows' own PlaySound. It plays from a file beside us, so that it can be ended at any time."""

import os
import sys
import tempfile
import threading
import winsound
from pathlib import Path

from drivers.errors import CannotPlay
from drivers.sound import pcm

assert sys.platform == "win32"  # for mypy, which knows winsound only there

_AFTER_S = 0.2
"""Until the last samples have left the sound card."""


class SystemPlayer:
    @property
    def name(self) -> str:
        return "winsound"

    def play(self, wav: bytes, stop: threading.Event) -> None:
        handle, name = tempfile.mkstemp(suffix=".wav")
        path = Path(name)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(wav)
            winsound.PlaySound(name, winsound.SND_FILENAME | winsound.SND_ASYNC | winsound.SND_NODEFAULT)
            stop.wait(pcm.read(wav).seconds + _AFTER_S)
            winsound.PlaySound(None, winsound.SND_PURGE)
        except (RuntimeError, OSError) as error:
            raise CannotPlay(
                f"Windows does not play: {error}",
                hint="Is there a loudspeaker, and is the Windows Audio service running?",
            ) from error
        finally:
            path.unlink(missing_ok=True)
