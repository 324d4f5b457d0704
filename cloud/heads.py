"""Where every log stands, in memory: told by this process's commits at once, looked up in the database every few
seconds for those of other processes. Heartbeats, streams and polls ask here; what an agent gets is read from the log.
"""

from collections.abc import Iterable

from cloud.hints import Hints
from domain.protocol import Cursor, Head

SWEEP_SECONDS = 5.0


class Heads:
    """In the event loop's thread. It may be behind the database, never ahead of it."""

    def __init__(self, hints: Hints) -> None:
        self._hints = hints
        self._heads: dict[str, Head] = {}

    def of(self, logs: Iterable[str]) -> tuple[Head, ...]:
        """Sorted by log; a log nobody opened is not among them."""
        return tuple(head for log in sorted(logs) if (head := self._heads.get(log)) is not None)

    @property
    def all(self) -> dict[str, Head]:
        """By log."""
        return dict(self._heads)

    def at(self, cursor: Cursor) -> Head | None:
        """The head where the cursor stands exactly there: nothing is to be read. Else None."""
        head = self._heads.get(cursor.log)
        return head if head is not None and (head.log_id, head.seq) == (cursor.log_id, cursor.seq) else None

    def learn(self, found: Iterable[Head]) -> None:
        """Wakes who follows a log that has moved. Commits of several threads may come out of order."""
        moved = [head for head in found if self._is_news(head)]
        self._heads.update((head.log, head) for head in moved)
        self._hints.publish([head.log for head in moved])

    def _is_news(self, head: Head) -> bool:
        known = self._heads.get(head.log)
        return known is None or known.log_id != head.log_id or (known.seq, known.floor) < (head.seq, head.floor)
