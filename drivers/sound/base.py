"""The seam between us and the computer's loudspeaker."""

import threading
from typing import Protocol


class Player(Protocol):
    """Held by one thread."""

    @property
    def name(self) -> str:
        """What plays, for people."""

    def play(self, wav: bytes, stop: threading.Event) -> None:
        """Returns when it was played, or soon after `stop` is set. Raises CannotPlay."""
