"""A small ERP as a process of its own, until it is killed: it sells over its counter, receives, counts, books our
documents by their ids, and says everything to the hub until that has answered.

python -m tests.cloud.shell.fake_erp DATABASE HUB_URL TOKEN SEED
"""

import json
import random
import sqlite3
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx

STORE, SKU, BEGINS_WITH = "S1", "M1", 100
SCHEMA = """
CREATE TABLE IF NOT EXISTS shelf (on_hand INTEGER, sequence INTEGER);
CREATE TABLE IF NOT EXISTS booked (document_id TEXT PRIMARY KEY, number INTEGER, kind TEXT, times INTEGER);
CREATE TABLE IF NOT EXISTS feeds (
    place INTEGER PRIMARY KEY, path TEXT, body TEXT, moved INTEGER, sent INTEGER DEFAULT 0);
"""


def opened(path: Path) -> sqlite3.Connection:
    db = sqlite3.connect(path, isolation_level=None, timeout=10)
    db.executescript(SCHEMA)
    if db.execute("SELECT count(*) FROM shelf").fetchone()[0] == 0:
        db.execute("INSERT INTO shelf VALUES (?, 1)", (BEGINS_WITH,))
    return db


class Erp:
    def __init__(self, db: sqlite3.Connection, hub: httpx.Client, choice: random.Random) -> None:
        self.db, self.hub, self.choice = db, hub, choice

    def live(self) -> None:
        while True:
            for step in (self.book, self.sell, self.receive, self.count, self.tell, self.repeat):
                try:
                    step()
                except httpx.TransportError:
                    time.sleep(0.05)  # no answer means unknown: it is said again
            time.sleep(0.01)

    def book(self) -> None:
        answer = self.hub.get("/erp/documents").raise_for_status().json()
        for document in answer["documents"]:
            self._book(document)
            self.hub.post("/erp/documents/acknowledge", json={"documents": [{"number": document["number"]}]})

    def _book(self, document: dict[str, Any]) -> None:
        out = {"out": -1, "in": 1, "apart": 0}
        moved = sum(out[line["way"]] * line["quantity"] for line in document["lines"])
        with self.db:
            self.db.execute("BEGIN IMMEDIATE")
            row = (document["document_id"], document["number"], document["kind"])
            new = self.db.execute("INSERT INTO booked VALUES (?, ?, ?, 1) ON CONFLICT DO NOTHING", row).rowcount
            if new:
                self.db.execute("UPDATE shelf SET on_hand = on_hand + ?", (moved,))

    def sell(self) -> None:
        if self.choice.random() < 0.3:
            self._move("/erp/sales", "POS", -1)

    def receive(self) -> None:
        if self.choice.random() < 0.1:
            self._move("/erp/receipts", "RK", 3)

    def _move(self, path: str, name: str, moved: int) -> None:
        with self.db:
            self.db.execute("BEGIN IMMEDIATE")
            self.db.execute("UPDATE shelf SET on_hand = on_hand + ?, sequence = sequence + 1", (moved,))
            (sequence,) = self.db.execute("SELECT sequence FROM shelf").fetchone()
            lines = [{"sku": SKU, "quantity": abs(moved)}]
            body = {"store": STORE, "document_id": f"{name}-{sequence}", "sequence": sequence, "lines": lines}
            self._say(path, body, moved)

    def count(self) -> None:
        with self.db:
            self.db.execute("BEGIN IMMEDIATE")
            on_hand, sequence = self.db.execute("SELECT on_hand, sequence FROM shelf").fetchone()
            (contains,) = self.db.execute("SELECT coalesce(max(number), 0) FROM booked").fetchone()
            body = {
                "store": STORE, "document_id": f"C-{sequence}-{contains}", "as_of": sequence + 1, "contains": contains,
                "levels": [{"sku": SKU, "quantity": on_hand}],
            }  # fmt: skip
            self._say("/erp/counts", body, 0)

    def _say(self, path: str, body: dict[str, Any], moved: int) -> None:
        row = (path, json.dumps(body), moved)
        self.db.execute("INSERT INTO feeds (path, body, moved) VALUES (?, ?, ?)", row)

    def tell(self) -> None:
        """In any order."""
        waiting = self.db.execute("SELECT place, path, body FROM feeds WHERE sent = 0").fetchall()
        self.choice.shuffle(waiting)
        for place, path, body in waiting:
            answer = self.hub.post(path, json={"documents": [json.loads(body)]})
            if answer.status_code == 200:
                self.db.execute("UPDATE feeds SET sent = 1 WHERE place = ?", (place,))

    def repeat(self) -> None:
        row = self.db.execute("SELECT path, body FROM feeds WHERE sent = 1 ORDER BY random() LIMIT 1").fetchone()
        if row is not None:
            self.hub.post(row[0], json={"documents": [json.loads(row[1])]})


def main() -> None:
    path, url, token, seed = sys.argv[1:]
    with (
        closing(opened(Path(path))) as db,
        httpx.Client(base_url=url, headers={"Authorization": f"Bearer {token}"}, trust_env=False, timeout=5) as hub,
    ):
        print("HERE", flush=True)
        Erp(db, hub, random.Random(int(seed))).live()


if __name__ == "__main__":
    main()
