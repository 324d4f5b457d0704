"""Judges an image of a store's disk: whether a computer may find it so after the power came back.

The files are read with plain SQL. They must be sound, hold everything that was told, with every cursor exactly where
its effects are, and an outbox that is a beginning of what it became later. A share of the images also goes through the
agent's own start: checks, recovery, keys.
"""

import asyncio
import base64
import json
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from agent import store
from agent.config import SecretsPlace
from agent.device_key import DeviceKey, DeviceKeys
from agent.engine import sqlite3
from agent.files import CACHE, WORK, CacheFile, WorkFile, system_clock
from agent.recovery import take_up
from agent.secrets import FILE, SERVICE, open_secrets
from agent.storage.opening import open_work, prepare
from benchmarks.power_loss.promises import Promised
from benchmarks.power_loss.worlds import STORE, World
from tests.history.files import digest

DATA = "data"
_VERSION = "power"
_BEYOND_JUDGING = frozenset({"agent.log", f"{DATA}/reserve", f"{DATA}/logs"})
Rows = list[tuple[Any, ...]]


def wanted(name: str) -> bool:
    """Logs and the room kept free are no data."""
    return not any(name == other or name.startswith(f"{other}/") for other in _BEYOND_JUDGING)


@dataclass(frozen=True, slots=True)
class Later:
    """How it went on: what the store did, and what the hub told it, by log and number (None: no order, no product)."""

    outbox: Rows
    orders: list[tuple[int, str]]
    products: list[tuple[int, str]]

    @classmethod
    def of(cls, world: World) -> "Later":
        with _opened(world.hub_file) as db:
            placed = db.execute(
                "SELECT seq, order_id FROM events WHERE log = ? AND kind = 'order.placed'", (f"store:{STORE}",)
            ).fetchall()
            put = db.execute("SELECT seq, body FROM events WHERE log = 'catalogue' AND kind = 'product.put'").fetchall()
        products = [(seq, msgspec.json.decode(body)["product"]["sku"]) for seq, body in put]
        with _opened(world.to_read(STORE) / DATA / WORK) as db:
            return cls(_outbox(db), placed, products)


def flaws(image: Path, *, later: Later, promised: Promised, started: bool) -> Iterator[str]:
    """What is wrong with the image, in words; nothing where all is well. `started`: the agent was started on it, and
    may have gone another way since than the recorded one. May raise sqlite3.Error, which means a bad image too."""
    work, cache = image / DATA / WORK, image / DATA / CACHE
    if work.exists():
        with _opened(work) as db:
            yield from _of_work(db, later, promised, started)
    elif promised.count:
        yield "the work file is gone"
    if cache.exists():
        with _opened(cache) as db:
            yield from _unsound(db)
            yield from _cursor(db, "catalogue", "SELECT sku FROM products", later.products, promised)
    elif any(log == "catalogue" for log, _ in promised.logs):
        yield "the cache is gone"
    if gone := {backup for backup in promised.backups if not (image / DATA / backup).exists()}:
        yield f"{len(gone)} backups that were made"
    if missing := promised.keys - _keys(image / DATA / FILE):
        yield f"{len(missing)} device keys that the hub was told of"


def _of_work(db: sqlite3.Connection, later: Later, promised: Promised, started: bool) -> Iterator[str]:
    yield from _unsound(db)
    yield from _cursor(db, f"store:{STORE}", "SELECT order_id FROM orders", later.orders, promised)
    outbox = _outbox(db)
    if not started and outbox != later.outbox[: len(outbox)]:
        yield "the outbox is not a beginning of what it became"
    if [number for number, *_ in outbox] != list(range(1, len(outbox) + 1)):
        yield "operations are missing between others"
    here = {number: key for number, key, *_ in outbox}
    if missing := promised.operations.items() - here.items():
        yield f"{len(missing)} operations that the hub was told"
    scans = {scan_id: (bytes(raw).decode(), rule) for scan_id, raw, rule in db.execute(_SCANS)}
    if unheard := promised.scans.items() - scans.items():
        yield f"{len(unheard)} verdicts that were heard"
    if unknown := promised.papers - {code for (code,) in db.execute(_SENT)}:
        yield f"{len(unknown)} orders whose slips a printer was sent, and nobody knows"
    sold = b"".join(body for (body,) in db.execute("SELECT body FROM outbox WHERE kind = 'sale.recorded'"))
    if unsold := {sale for sale in promised.sales if sale.encode() not in sold}:
        yield f"{len(unsold)} sales that the page took"


_SCANS = "SELECT scan_id, raw, rule FROM scans"
_SENT = "SELECT code FROM orders JOIN slips USING (order_id) WHERE slips.state NOT IN ('accepted', 'held')"


def _cursor(
    db: sqlite3.Connection, log: str, effects: str, later: list[tuple[int, str]], promised: Promised
) -> Iterator[str]:
    row = db.execute("SELECT log_id, seq FROM cursors WHERE log = ?", (log,)).fetchone()
    log_id, seq = ("", 0) if row is None else row
    told = max((at for (name, _), at in promised.logs.items() if name == log), default=0)
    if seq < told:
        yield f"the cursor of {log} stands at {seq}, and the hub was told {told}"
    if {effect for (effect,) in db.execute(effects)} != {effect for at, effect in later if at <= seq}:
        yield f"the cursor of {log} stands at {seq}, its effects elsewhere"
    if seq and (log, log_id) not in promised.logs and told:
        yield f"{log} is another incarnation"


def _unsound(db: sqlite3.Connection) -> Iterator[str]:
    said = db.execute("PRAGMA integrity_check(1)").fetchone()[0]
    if said != "ok":
        yield f"not sound: {said}"


def _outbox(db: sqlite3.Connection) -> Rows:
    rows = db.execute("SELECT number, key, kind, body FROM outbox ORDER BY number").fetchall()
    return [(number, key, kind, digest(body)) for number, key, kind, body in rows]


def _keys(path: Path) -> set[str]:
    """Public halves of the keys that are kept, in both ways of writing them."""
    if not path.exists():
        return set()
    kept = json.loads(path.read_text(encoding="utf-8")).get(SERVICE, {})
    seeds = [seed for name in ("device-keys", "pairing-key") for seed in kept.get(name, "").split() if seed != "none"]
    public = [DeviceKey(bytes.fromhex(seed)).public_key for seed in seeds]
    return {key.hex() for key in public} | {base64.b64encode(key).decode() for key in public}


@contextmanager
def _opened(path: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(f"file:{path}?mode=rw", uri=True, isolation_level=None)) as db:
        yield db


def start(image: Path) -> str:
    """What the agent's own start says against it."""
    data = image / DATA
    data.mkdir(exist_ok=True)
    happened, paired, keys = asyncio.run(_start(data))
    if happened or list(data.glob("*.damaged.*")):
        return f"the agent set a file aside: {happened}"
    if paired and not keys:
        return "the agent is paired and has no key"
    return ""


async def _start(data: Path) -> tuple[str, bool, bool]:
    kept = open_secrets(SecretsPlace.FILE, data)
    prepared = prepare(data, system_clock)
    master_key = kept.master_key(may_make=not (data / WORK).exists())
    work = await open_work(data, system_clock, lambda: WorkFile(data / WORK, master_key=master_key), _VERSION)
    with work, CacheFile(data / CACHE) as cache:
        await take_up(cache, _VERSION)
        identity = work.read(store.identity)
    happened = ", ".join(f"{one.kind} {one.wrong}" for one in prepared.happened)
    return happened, identity.paired, bool(DeviceKeys(kept).all())
