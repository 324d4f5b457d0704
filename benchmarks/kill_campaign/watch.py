"""Looks again and again into the stores' files while everything goes on: what was seen committed there once must be
there in the end, whatever died in between. Records are those of `tests.history`."""

import sqlite3
import threading
import time
from typing import Any

from benchmarks.kill_campaign.records import reading
from benchmarks.kill_campaign.shop import Shop
from tests.history.files import digest

Record = dict[str, Any]
_EVERY_S = 0.25


class Watch:
    def __init__(self, shops: list[Shop]) -> None:
        self.seen: list[Record] = []
        self._shops, self._numbers = shops, {shop.name: 0 for shop in shops}
        self._began, self._stopping = time.monotonic(), threading.Event()
        self._thread = threading.Thread(target=self._run, name="watch")

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """After a last look."""
        if not self._stopping.is_set():
            self._stopping.set()
            self._thread.join()
            self._look()

    def _run(self) -> None:
        while not self._stopping.wait(_EVERY_S):
            self._look()

    def _look(self) -> None:
        for shop in self._shops:
            with reading(shop.work) as db:
                self._write_down(shop.name, db)

    def _write_down(self, node: str, db: sqlite3.Connection) -> None:
        query = "SELECT number, key, kind, order_id, body FROM outbox WHERE number > ? ORDER BY number"
        for number, key, kind, order_id, body in db.execute(query, (self._numbers[node],)):
            self._numbers[node] = number
            self.seen.append(
                {
                    "kind": "did", "t": time.monotonic() - self._began, "node": node, "key": key, "number": number,
                    "op": kind, "order": order_id, "body": digest(body),
                }
            )  # fmt: skip
