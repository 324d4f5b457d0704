"""What makes a salvaged work file one that the agent can work with: numbers that go on, states that programs know,
trails that hang together, logs that are read anew."""

import logging
from collections.abc import Callable, Mapping

import msgspec

from agent import orders, slips, store
from agent.cursors import DOUBTED
from agent.engine import Connection, sqlite3
from agent.storage.fill_in import IN_DOUBT
from agent.storage.looking_in import UNREADABLE
from agent.storage.salvage import Copied
from agent.transactions import Reading
from agent.vault import Vault
from domain.events import store_log
from domain.protocol import OutcomeState
from domain.slips import SlipState

log = logging.getLogger(__name__)

_REFER = ("announcements", "asks", "desks", "shortages", "returns")
"""Tables of the moment: a row about an order that is lost says nothing."""


def given_numbers(source: Connection) -> dict[str, int]:
    """The last number that each table gave out; empty where that cannot be read."""
    try:
        rows = source.execute("SELECT name, seq FROM sqlite_sequence").fetchall()
    except UNREADABLE as error:
        log.info("the numbers given out cannot be read: %s", error)
        return {}
    return {row["name"]: row["seq"] for row in rows if isinstance(row["name"], str) and isinstance(row["seq"], int)}


def missing_numbers(db: Connection, given: Mapping[str, int]) -> int | None:
    """How many operations, at most, the outbox lost: its numbers are dense, and its oldest are removed in order."""
    row = db.execute("SELECT min(number) AS low, count(*) AS there FROM outbox").fetchone()
    return None if "outbox" not in given or not row["there"] else int(given["outbox"] - row["low"] + 1 - row["there"])


def go_on_counting(db: Connection, given: Mapping[str, int]) -> None:
    """No number that was ever given out is given out again, whether or not its row was read."""
    for table, seq in given.items():
        if db.execute("UPDATE sqlite_sequence SET seq = max(seq, ?) WHERE name = ?", (seq, table)).rowcount == 0:
            db.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)", (table, seq))


def doubt_what_looks_whole(db: Connection, copied: dict[str, Copied], given: Mapping[str, int]) -> None:
    """A tree whose root stands in another's place reads without an error. The newest slips and operations are never
    removed, and no pick is without its order."""
    for name in ("slips", "outbox"):
        newest = db.execute(f"SELECT coalesce(max(number), 0) FROM {name}").fetchone()[0]
        if copied[name].whole and newest < given.get(name, 0):
            copied[name] = msgspec.structs.replace(copied[name], gaps=1, lost=None)
    homeless = "SELECT 1 FROM {} WHERE order_id IS NOT NULL AND order_id NOT IN (SELECT order_id FROM orders) LIMIT 1"
    if any(db.execute(homeless.format(name)).fetchone() for name in ("picks", "slips", "bindings")):
        copied["orders"] = msgspec.structs.replace(copied["orders"], gaps=1, lost=None)


def mend_states(db: Connection) -> bool:
    """What no program wrote: such an operation is sent again under the key that it always had, a slip in such a state
    may have been printed, an order or slip that cannot be read at all is dropped. True: some were."""
    for table, words, instead in (
        ("outbox", ("pending", "not_taken", *OutcomeState), "pending"),
        ("slips", SlipState, "sending"),
    ):
        marks = ", ".join("?" * len(words))
        db.execute(f"UPDATE {table} SET state = ? WHERE state NOT IN ({marks})", (instead, *words))
    reading = Reading(db, 0, Vault(None))
    bad_orders = _drop_unreadable(db, "orders", "order_id", lambda row: orders.from_row(reading, row))
    bad_slips = _drop_unreadable(db, "slips", "slip_id", slips.from_row)
    return bad_orders or bad_slips


def drop_what_refers_to_nothing(db: Connection) -> None:
    """Picks, bindings and slips of a lost order stay: headquarters tells the order again."""
    for name in _REFER:
        db.execute(f"DELETE FROM {name} WHERE order_id NOT IN (SELECT order_id FROM orders)")
    db.execute(
        f"UPDATE slips SET state = 'sending' WHERE state IN {IN_DOUBT}"
        " AND order_id IS NOT NULL AND order_id NOT IN (SELECT order_id FROM orders)"
    )


def mend_trail_heads(db: Connection) -> None:
    """A head that was lost, or is older than the steps, is that of the last step. Headquarters passes over steps that
    it knows."""
    db.execute(
        "INSERT INTO trail_heads (order_id, seq, hash, told) SELECT order_id, seq, hash, 0 FROM trail t"
        " WHERE seq = (SELECT max(seq) FROM trail s WHERE s.order_id = t.order_id)"
        " ON CONFLICT DO UPDATE SET seq = excluded.seq, hash = excluded.hash WHERE excluded.seq > seq"
    )


def read_logs_anew(reading: Reading, *, lost_slips: bool) -> None:
    """The next contact with headquarters is a first one: a snapshot of every log, as another incarnation of this
    agent."""
    db, own = reading.db, store.identity(reading).store
    db.execute("DELETE FROM facts WHERE name = 'incarnation'")
    if own:
        db.execute("INSERT OR REPLACE INTO cursors (log, log_id, seq) VALUES (?, ?, 0)", (store_log(own), DOUBTED))
    if lost_slips:
        db.execute("INSERT OR REPLACE INTO facts (name, value) VALUES ('slips_lost_before', ?)", (str(reading.now),))


def _drop_unreadable(db: Connection, table: str, key: str, read: Callable[[sqlite3.Row], object]) -> bool:
    dropped = False
    for row in db.execute(f"SELECT * FROM {table}").fetchall():
        try:
            read(row)
        except msgspec.ValidationError as error:
            log.warning("%s %s cannot be read: %s", table, row[key], error)
            db.execute(f"DELETE FROM {table} WHERE {key} = ?", (row[key],))
            dropped = True
    return dropped
