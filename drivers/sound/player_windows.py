"""Playing through Windows' own PlaySound. Only while it waits for the end does it say whether anything was heard; so it
waits in a thread of its own, and we may leave it at any time."""

import ctypes
import sys
import threading
import winsound

from drivers.errors import CannotPlay

assert sys.platform == "win32"  # for mypy, which knows winsound only there

_LOOK_S = 0.05


class SystemPlayer:
    @property
    def name(self) -> str:
        return "winsound"

    def play(self, wav: bytes, stop: threading.Event) -> None:
        if ctypes.windll.winmm.waveOutGetNumDevs() == 0:
            raise CannotPlay("Windows has no sound device", hint=_HINT)
        playing = _Playing(wav)
        playing.start()
        while playing.is_alive() and not stop.wait(_LOOK_S):
            pass
        if stop.is_set():
            winsound.PlaySound(None, winsound.SND_PURGE)
        elif playing.failure is not None:
            raise CannotPlay(f"Windows does not play: {playing.failure}", hint=_HINT) from playing.failure


_HINT = "Is there a loudspeaker, and is the Windows Audio service running?"


class _Playing(threading.Thread):
    """One sound, to its end."""

    def __init__(self, wav: bytes) -> None:
        super().__init__(name="sound", daemon=True)
        self._wav = wav
        self.failure: RuntimeError | None = None

    def run(self) -> None:
        try:
            winsound.PlaySound(self._wav, winsound.SND_MEMORY | winsound.SND_NODEFAULT)
        except RuntimeError as error:
            self.failure = error
