"""Judges an image of the hub's disk, as `of_agent` judges one of a store."""

import contextlib
import io
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agent.engine import sqlite3
from benchmarks.power_loss.promises import Promised
from benchmarks.power_loss.worlds import World
from cloud import commands, config, secrets
from cloud.high_water import MARKS, fallen_behind, read_marks
from tests.history.files import digest, of_hub

FILE = "hub.db"
Rows = list[tuple[Any, ...]]


def wanted(name: str) -> bool:
    return not name.startswith("snapshots/")


@dataclass(frozen=True, slots=True)
class Later:
    """Every event that was ever written, by log and number."""

    events: dict[tuple[str, int], str]
    channel_secrets: dict[str, str]

    @classmethod
    def of(cls, world: World) -> "Later":
        with closing(sqlite3.connect(world.hub_file)) as db:
            return cls(_events(db), secrets.load(world.to_read("hub")).channels)


def flaws(image: Path, *, later: Later, promised: Promised, started: bool) -> Iterator[str]:
    """In words; none where all is well, whether it was started since or not. May raise sqlite3.Error, which says the
    same."""
    with closing(sqlite3.connect(f"file:{image / FILE}?mode=rw", uri=True, isolation_level=None)) as db:
        said = db.execute("PRAGMA integrity_check(1)").fetchone()[0]
        if said != "ok":
            yield f"not sound: {said}"
        yield from _of_logs(db, image, later, promised)
        orders = {order_id for (order_id,) in db.execute("SELECT order_id FROM orders")}
        if missing := promised.orders - orders:
            yield f"{len(missing)} orders that were answered"
        operations = db.execute("SELECT key, number FROM operations").fetchall()
        if missing := promised.outcomes - {key for key, _ in operations}:
            yield f"{len(missing)} operations that were answered"
        if sorted(number for _, number in operations) != list(range(1, len(operations) + 1)):
            yield "operations are missing between others"
    imbalances = [record for record in of_hub(image / FILE) if record["kind"] == "imbalance"]
    if imbalances:
        yield f"stock is not its ledger's sum: {imbalances[0]}"
    if secrets.load(image).channels != later.channel_secrets:
        yield "a channel's secret"


def _of_logs(db: sqlite3.Connection, image: Path, later: Later, promised: Promised) -> Iterator[str]:
    heads = {log: (log_id, head) for log, log_id, head in db.execute("SELECT log, log_id, head FROM log_heads")}
    events = _events(db)
    if events.items() - later.events.items():
        yield "an event that reads otherwise later"
    if len(events) != sum(head for _, head in heads.values()):
        yield "events and heads disagree"
    for (log, log_id), seq in promised.logs.items():
        if heads.get(log, ("", 0))[0] != log_id or heads[log][1] < seq:
            yield f"{log} stands at {heads.get(log)}, and stores were told {seq}"
    if why := fallen_behind(read_marks(image / MARKS), heads):
        yield f"the hub would take itself for restored: {why}"


def _events(db: sqlite3.Connection) -> dict[tuple[str, int], str]:
    rows = db.execute("SELECT log, seq, kind, order_id, body FROM events").fetchall()
    return {(log, seq): digest(f"{kind} {order_id} ".encode() + bytes(body)) for log, seq, kind, order_id, body in rows}


def start(image: Path) -> str:
    """What the hub's own start and proof say against it."""
    settings = config.load(image / "hub.toml")
    with commands.opened(settings):
        pass
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        proven = commands.verify_audit(settings)
    return said.getvalue() if proven else ""
