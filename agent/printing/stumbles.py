"""Unexpected errors in a loop that must go on: each kind is logged once with its traceback, and the waits grow."""

import logging

log = logging.getLogger(__name__)

_FIRST_S, _LONGEST_S = 1.0, 30.0


class Stumbles:
    """Of one loop, named in the log; for its thread only."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._kinds: set[str] = set()
        self._in_a_row = 0

    def pause(self, error: Exception) -> float:
        """Seconds to wait before the loop tries again."""
        kind = f"{type(error).__name__}: {error}"
        if kind not in self._kinds:
            self._kinds.add(kind)
            log.error("%s: going on after an error", self._name, exc_info=error)
        self._in_a_row += 1
        pause: float = min(_FIRST_S * 2.0 ** min(self._in_a_row - 1, 5), _LONGEST_S)
        return pause

    def over(self) -> None:
        """A round went well."""
        if self._in_a_row:
            log.info("%s: well again after %d errors", self._name, self._in_a_row)
        self._kinds.clear()
        self._in_a_row = 0
