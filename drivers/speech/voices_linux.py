"""The voice of a Linux computer: espeak-ng, where it is installed."""

import shutil
import subprocess
from collections.abc import Sequence

from drivers.errors import BadSound, CannotSpeak
from drivers.sound import pcm
from drivers.sound.pcm import Pcm

READ = ("-b", "1", "-v", "cmn-latn-pinyin", "-s", "160")
"""UTF-8; and not the voice `cmn`, which up to 1.51 reads Chinese characters as English letters (espeak-ng #1236)."""
_PATIENCE_S = 10.0
_PROGRAM = "espeak-ng"


class SystemSpeech:
    def __init__(self) -> None:
        """Raises CannotSpeak where there is no Chinese voice."""
        path = shutil.which(_PROGRAM)
        if path is None:
            raise CannotSpeak("there is no espeak-ng on this computer", hint="Install espeak-ng.")
        self._path = path

    @property
    def name(self) -> str:
        return _PROGRAM

    def say(self, words: Sequence[str]) -> Pcm:
        command = (self._path, *READ, "--stdin", "--stdout")
        try:
            done = subprocess.run(
                command, input="".join(words).encode(), capture_output=True, timeout=_PATIENCE_S, check=True
            )
            return pcm.read(done.stdout)
        except (OSError, subprocess.SubprocessError, BadSound) as error:
            raise CannotSpeak(f"espeak-ng: {error}") from error
