"""Making a sentence into sound, and the sound heard through this computer. Slow work: called in a thread.

A computer that cannot make sound is never silent about it: `trouble` says why, and the log once.
"""

import logging
import threading
from collections.abc import Callable, Sequence

from agent.config import VoiceSettings, VoiceSpeech
from domain.times import MINUTE, Clock, Millis
from drivers.errors import CannotPlay, CannotSpeak
from drivers.sound import chimes, pcm
from drivers.sound.base import Player
from drivers.sound.pcm import Pcm
from drivers.speech.base import Speech
from drivers.speech.packaged import PackagedSpeech
from drivers.system import player, voices

log = logging.getLogger(__name__)

TRY_AGAIN: Millis = MINUTE
"""After a failure; a loudspeaker may be plugged in."""
_CHIME_GAP_MS = 120
UNHEARD = pcm.write(Pcm(16_000, pcm.silence(16_000, 50)))


class Speaker:
    """Its views may be read from any thread."""

    def __init__(
        self,
        settings: Callable[[], VoiceSettings],
        clock: Clock,
        *,
        open_player: Callable[[], Player] = player.SystemPlayer,
        open_speech: Callable[[], Speech] = voices.SystemSpeech,
    ) -> None:
        self._settings, self._clock = settings, clock
        self._open_player, self._open_speech = open_player, open_speech
        self._packaged = PackagedSpeech()
        self._system: Speech | None = None
        self._player: Player | None = None
        self._try_at: Millis = 0
        self._tried = False
        self.trouble = ""
        """Why this service can make no sound; empty while it can."""
        self.speech_trouble = ""
        """Why packaged speech is heard although the system's was chosen."""

    def ready(self) -> bool:
        """Could a sentence be played now? Looks again a while after a failure."""
        now = self._clock()
        if self.trouble and self._try_at - TRY_AGAIN <= now < self._try_at:
            return False
        try:
            self._player = self._player or self._open_player()
        except CannotPlay as error:
            self._failed(error)
            return False
        return True

    def try_out(self) -> None:
        """Plays a moment of silence, once: that this computer is mute must not be learnt from the first order."""
        if not self._tried:
            self._tried = True
            self.play(UNHEARD, threading.Event())

    def wav(self, words: Sequence[str], *, alarm: bool) -> bytes:
        """Chime and sentence, as loud as the settings say."""
        speech = self._say(words)
        chime = chimes.chime(chimes.ALARM if alarm else chimes.NEWS, speech.rate)
        return pcm.write(pcm.join(speech.rate, (chime, speech), gap_ms=_CHIME_GAP_MS), volume=self._settings().volume)

    def play(self, wav: bytes, stop: threading.Event) -> bool:
        """False when it could not be heard here."""
        if not self.ready() or self._player is None:
            return False
        try:
            self._player.play(wav, stop)
        except CannotPlay as error:
            self._failed(error)
            return False
        if self.trouble:
            log.info("sound works again")
        self.trouble = ""
        return True

    def _failed(self, error: CannotPlay) -> None:
        if str(error) != self.trouble:
            log.warning("this computer cannot make sound: %s", error)
        self.trouble, self._try_at, self._player = str(error), self._clock() + TRY_AGAIN, None

    def _say(self, words: Sequence[str]) -> Pcm:
        if self._settings().speech is VoiceSpeech.PACKAGED:
            self.speech_trouble = ""
            return self._packaged.say(words)
        try:
            self._system = self._system or self._open_speech()
            said = self._system.say(words)
        except CannotSpeak as error:
            if str(error) != self.speech_trouble:
                log.warning("packaged speech is used: %s", error)
            self.speech_trouble, self._system = str(error), None
            return self._packaged.say(words)
        self.speech_trouble = ""
        return said
