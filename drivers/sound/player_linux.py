"""Playing through whichever sound program this computer has. `aplay` comes first: a service has no session in which
PulseAudio or PipeWire would answer."""

import shutil
import subprocess
import tempfile
import threading
import time
from collections.abc import Sequence

from drivers.errors import CannotPlay
from drivers.sound import pcm

PROGRAMS: tuple[tuple[str, ...], ...] = (("aplay", "-q"), ("paplay", "/dev/stdin"), ("pw-play", "/dev/stdin"))
"""Each reads the WAV from its standard input."""
_PATIENCE_S = 10.0
"""Longer than the sound itself: then the program hangs on a device that somebody else holds."""
_LOOK_S = 0.05


class SystemPlayer:
    def __init__(self) -> None:
        """Raises CannotPlay where there is no program that plays."""
        self._programs = [program for program in PROGRAMS if shutil.which(program[0]) is not None]
        if not self._programs:
            raise CannotPlay(
                "there is no aplay, paplay or pw-play on this computer", hint="Install alsa-utils (it brings aplay)."
            )

    @property
    def name(self) -> str:
        return self._programs[0][0]

    def play(self, wav: bytes, stop: threading.Event) -> None:
        """The first program that works stays the first."""
        failures = []
        for program in list(self._programs):
            try:
                _run(program, wav, stop)
            except CannotPlay as error:
                failures.append(str(error))
                continue
            self._programs.remove(program)
            self._programs.insert(0, program)
            return
        raise CannotPlay("; ".join(failures))


def _run(program: Sequence[str], wav: bytes, stop: threading.Event) -> None:
    with tempfile.TemporaryFile() as source, tempfile.TemporaryFile() as said:
        source.write(wav)
        source.seek(0)
        try:
            process = subprocess.Popen(program, stdin=source, stdout=subprocess.DEVNULL, stderr=said)
        except OSError as error:
            raise CannotPlay(f"{program[0]}: {error}") from error
        ended = _wait(process, stop, pcm.read(wav).seconds + _PATIENCE_S)
        if not ended and not stop.is_set():
            raise CannotPlay(f"{program[0]} does not come to an end: does another program hold the sound device?")
        if ended and process.returncode != 0:
            said.seek(0)
            words = said.read().decode(errors="replace").strip().splitlines()
            raise CannotPlay(f"{program[0]}: {words[-1] if words else f'ended with {process.returncode}'}")


def _wait(process: subprocess.Popen[bytes], stop: threading.Event, seconds: float) -> bool:
    """False when it was ended by us."""
    deadline = time.monotonic() + seconds
    while process.poll() is None:
        if stop.wait(_LOOK_S) or time.monotonic() > deadline:
            process.kill()
            process.wait()
            return False
    return True
