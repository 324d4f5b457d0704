"""Sees every commit of an agent's files as it happens, and writes down what it did: new operations, applied events."""

from concurrent.futures import Future
from typing import Any

from agent.apply import Applied
from agent.snapshots.loading import Replaced
from agent.transactions import Topic
from domain.protocol import Cursor
from tests.history.files import digest
from tests.simulation.recording import Recorder
from tests.simulation.storage import VirtualCache, VirtualWork


class Witness:
    def __init__(self, node: str, recorder: Recorder) -> None:
        self._node, self._recorder = node, recorder
        self._numbers, self._has_news = 0, True
        self._cursors: dict[str, tuple[str, int]] = {}

    def follow(self, work: VirtualWork, cache: VirtualCache) -> None:
        """From the beginning of a life: what is in the files by now was seen, or came with an image."""
        self._work = work
        self._numbers = work.connection.execute("SELECT coalesce(max(number), 0) FROM outbox").fetchone()[0]
        for file in (work, cache):
            rows = file.connection.execute("SELECT log, log_id, seq FROM cursors")
            self._cursors |= {row["log"]: (row["log_id"], row["seq"]) for row in rows}
        work.watch = self._saw_work
        work.after_commit(self._of_commit)
        cache.watch = self._saw

    def _of_commit(self, topics: frozenset[Topic]) -> None:
        self._has_news = self._has_news or Topic.OUTBOX in topics

    def _saw_work(self, answer: "Future[Any]") -> None:
        if self._has_news:
            self._has_news = False
            self._record_new()
        self._saw(answer)

    def _record_new(self) -> None:
        rows = self._work.connection.execute(
            "SELECT key, number, kind, order_id, body FROM outbox WHERE number > ? ORDER BY number", (self._numbers,)
        )
        for row in rows:
            self._numbers = row["number"]
            self._recorder.record(
                "did", node=self._node, key=row["key"], number=row["number"], op=row["kind"], order=row["order_id"],
                body=digest(row["body"]),
            )  # fmt: skip

    def _saw(self, answer: "Future[Any]") -> None:
        if answer.exception() is not None:
            return
        match answer.result():
            case Applied(cursor=at, applied=applied, quarantined=set_aside):
                self._moved(at, applied + set_aside, reset=False)
            case Replaced(cursor=at):
                self._moved(at, 0, reset=True)

    def _moved(self, at: Cursor, events: int, *, reset: bool) -> None:
        _, before = self._cursors.get(at.log, ("", 0))
        if events or reset or at.seq != before:
            self._recorder.record(
                "applied", node=self._node, log=at.log, log_id=at.log_id, before=before, after=at.seq, events=events,
                reset=reset,
            )  # fmt: skip
        self._cursors[at.log] = (at.log_id, at.seq)
