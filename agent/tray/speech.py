"""Saying aloud what the store is to hear, where this session has a player: the service gives the turn and the sound.

A session that says so every few seconds is the store's voice; one whose player fails says nothing for a while, so that
the service or the page speaks instead.
"""

import logging
import threading
from typing import Protocol

from agent.tray.connection import Connection, SaidNo
from agent.tray.hand import NoService

log = logging.getLogger(__name__)

PAUSE_SECONDS = 2.0
MUTE_SECONDS = 300.0


class Player(Protocol):
    def play(self, wav: bytes) -> None:
        """Until its end. Raises OSError where nothing can be heard."""


class Speech:
    def __init__(self, connection: Connection, player: Player, *, mute_seconds: float = MUTE_SECONDS) -> None:
        self._connection, self._player, self._mute_seconds = connection, player, mute_seconds
        self._stopped = threading.Event()

    def run(self) -> None:
        while not self._stopped.is_set():
            try:
                pause = self._turn()
            except Exception:  # the top of this loop: a voice that fell silent would not be missed
                log.exception("the voice goes on after an error")
                pause = self._mute_seconds
            self._stopped.wait(pause)

    def stop(self) -> None:
        self._stopped.set()

    def _turn(self) -> float:
        """One sentence, if there is one to say. Returns the seconds until the next look."""
        try:
            id = self._connection.here()
            if id is None:
                return PAUSE_SECONDS
            self._player.play(self._connection.sound(id))
            self._connection.spoken(id)
        except (NoService, SaidNo) as error:  # gone, or somebody has seen it meanwhile
            log.debug("nothing is said: %s", error)
            return PAUSE_SECONDS
        except OSError as error:
            log.warning("this session makes no sound, for %g s it does not try: %s", self._mute_seconds, error)
            return self._mute_seconds
        return 0.0
