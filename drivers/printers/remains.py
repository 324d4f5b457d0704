"""What a conversation that broke leaves behind.

Half a command: many printers take the rest of it from whatever comes next, and a slip whose head is gone still ends
with the questions that prove it. So the rest is sent first: zeros, which outside a command mean nothing. And answers
that are still to come (`overdue.py`).
"""

import time

FILLING = bytes(2304)
"""Longer than any command of ours; pictures are cut into slices for its sake (`raster.py`)."""
_PATIENCE_S = 120.0
"""After that, one that answered once is thought to be another printer by now."""


class Remains:
    """Of one printer, over its conversations. At first nobody knows: the program may have died in the middle of a
    slip."""

    def __init__(self) -> None:
        self.half_command = self.answers = True
        self._waited_from: float | None = None

    def of_slip(self) -> None:
        """One begins; what it leaves, its end will say."""
        self.half_command = self.answers = True
        self._waited_from = None

    def none(self) -> None:
        """It came through."""
        self.half_command = self.answers = False

    def wait_for_answers(self) -> bool:
        """Whether it is worth it still."""
        if self._waited_from is None:
            self._waited_from = time.monotonic()
        return time.monotonic() < self._waited_from + _PATIENCE_S
