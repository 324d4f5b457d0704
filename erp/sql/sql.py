"""The ERP's database as a connector: each view and the hand-over table in its own rhythm, in one thread."""

import time
from collections.abc import Callable
from functools import partial

import msgspec

from erp.books import Books, keep_flaws
from erp.mapping import Mapping
from erp.rows import Feed
from erp.sql.database import Database
from erp.sql.hand_over import HandingOver
from erp.sql.views import CountView, DocumentView

SHORTEST_S = 0.2


class _Due(msgspec.Struct):
    do: Callable[[], None]
    every: float
    at: float = 0.0


class Sql:
    name = "sql"

    def __init__(self, mapping: Mapping, database: Database, books: Books) -> None:
        self._database, self._books = database, books
        self._hand_over = None if mapping.hand_over is None else HandingOver(mapping.hand_over, database, books)
        self._due: list[_Due] = []
        for view in mapping.views:
            reader: CountView | DocumentView = (
                CountView(view, mapping.hand_over, database, books)
                if view.feed is Feed.COUNTS
                else DocumentView(view, database, books)
            )
            self._due.append(_Due(partial(self._read, reader, view.view), view.every_seconds))
        if self._hand_over is not None and mapping.hand_over is not None:
            self._due.append(_Due(self._hand_over.follow_answers, mapping.hand_over.every_seconds))

    def step(self) -> float:
        """What is due; returns how long nothing will be. Documents go whenever there are some. Raises ErpError."""
        if self._hand_over is not None:
            while self._hand_over.hand_over():
                pass
        for each in self._due:
            if each.at <= time.monotonic():
                each.do()
                each.at = time.monotonic() + each.every
        nothing = [each.at for each in self._due] or [time.monotonic() + 60]
        return max(min(nothing) - time.monotonic(), SHORTEST_S)

    def close(self) -> None:
        self._database.close()

    def _read(self, reader: DocumentView | CountView, name: str) -> None:
        """What cannot be read of it is kept for a person, once for each set of flaws."""
        if flaws := reader.read():
            keep_flaws(self._books, name, flaws)
