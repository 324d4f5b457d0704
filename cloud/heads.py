"""Where every log stands, in memory: told by this process's commits at once, looked up in the database every few
seconds for those of other processes. Heartbeats, streams and polls ask here; what an agent gets is read from the log.
"""

from collections.abc import Iterable
from typing import NamedTuple

from cloud.hints import Hints
from domain.protocol import Cursor, Head

SWEEP_SECONDS = 5.0


class Totals(NamedTuple):
    """Over all logs. A log that is new, moves or is compacted changes one of the first three; when the hub is restored,
    all logs become other incarnations, and the last two change."""

    logs: int = 0
    seqs: int = 0
    floors: int = 0
    least_log_id: str | None = None
    greatest_log_id: str | None = None


def stands_at(cursor: Cursor, head: Head) -> bool:
    return head.seq == cursor.seq and head.log_id == cursor.log_id


class Heads:
    """In the event loop's thread. It may be behind the database, never ahead of it."""

    def __init__(self, hints: Hints) -> None:
        self._hints = hints
        self._heads: dict[str, Head] = {}

    def of(self, logs: Iterable[str]) -> tuple[Head, ...]:
        """Sorted by log; a log nobody opened is not among them."""
        heads = self._heads
        return tuple([heads[log] for log in sorted(logs) if log in heads])

    @property
    def all(self) -> dict[str, Head]:
        """By log."""
        return dict(self._heads)

    def at(self, cursor: Cursor) -> Head | None:
        """The head where the cursor stands exactly there: nothing is to be read. Else None."""
        head = self._heads.get(cursor.log)
        return head if head is not None and stands_at(cursor, head) else None

    def totals(self) -> Totals:
        if not self._heads:
            return Totals()
        heads = self._heads.values()
        log_ids = [head.log_id for head in heads]
        seqs, floors = sum([head.seq for head in heads]), sum([head.floor for head in heads])
        return Totals(len(log_ids), seqs, floors, min(log_ids), max(log_ids))

    def learn(self, found: Iterable[Head]) -> None:
        """Wakes who follows a log that has moved. Commits of several threads may come out of order."""
        moved = [head for head in found if self._is_news(head)]
        self._heads.update((head.log, head) for head in moved)
        self._hints.publish([head.log for head in moved])

    def _is_news(self, head: Head) -> bool:
        known = self._heads.get(head.log)
        return known is None or known.log_id != head.log_id or (known.seq, known.floor) < (head.seq, head.floor)
