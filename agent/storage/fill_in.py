"""What makes a salvaged work file whole again: rows of the last backup where rows were lost, numbers that go on, logs
that are read anew."""

import logging
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from agent import orders, store
from agent.cursors import DOUBTED
from agent.engine import Connection, sqlite3
from agent.storage import orphans, salvage
from agent.transactions import Reading
from agent.vault import Vault
from domain.events import store_log
from domain.protocol import OutcomeState
from domain.slips import SlipState

log = logging.getLogger(__name__)

IN_DOUBT = "('accepted', 'held', 'not_printed', 'sending', 'confirming')"
"""Slips that may have been printed after the copy was made."""
_REFER = ("announcements", "asks", "desks", "shortages", "returns")
"""Tables of the moment: a row about an order that is lost says nothing."""


def fill_in(target: Connection, backup: Connection, tables: Iterable[str]) -> int:
    """Rows of these tables that the damaged file lost; returns how many. What they say may be out of date:
    headquarters' snapshot tells what became of the orders; a slip that was waiting is one of unknown fate."""
    ours, before = {table.name: table for table in salvage.tables(target)}, target.total_changes
    target.execute("BEGIN")
    for name in tables:
        columns = _shared(backup, name, ours[name].columns)
        rows = [tuple(row) for row in _rows(backup, name, columns)]
        if name == "outbox":
            _operations(target, columns, rows)
        else:
            _insert(target, name, columns, rows)
    target.execute("COMMIT")
    return target.total_changes - before


def given_numbers(source: Connection) -> dict[str, int]:
    """The last number that each table gave out; empty where that cannot be read."""
    try:
        rows = source.execute("SELECT name, seq FROM sqlite_sequence").fetchall()
    except (sqlite3.Error, UnicodeDecodeError) as error:
        log.info("the numbers given out cannot be read: %s", error)
        return {}
    return {row["name"]: row["seq"] for row in rows if isinstance(row["name"], str) and isinstance(row["seq"], int)}


def mend_states(db: Connection) -> None:
    """Where no program wrote them: such an operation is sent again under the key that it always had, such a slip may
    have been printed, such an order headquarters tells again."""
    for table, words, instead in (
        ("outbox", ("pending", "not_taken", *OutcomeState), "pending"),
        ("slips", SlipState, "sending"),
    ):
        marks = ", ".join("?" * len(words))
        db.execute(f"UPDATE {table} SET state = ? WHERE state NOT IN ({marks})", (instead, *words))
    reading = Reading(db, 0, Vault(None))
    for row in db.execute("SELECT * FROM orders").fetchall():
        try:
            orders.from_row(reading, row)
        except msgspec.ValidationError as error:
            log.warning("the order %s cannot be read: %s", row["order_id"], error)
            db.execute("DELETE FROM orders WHERE order_id = ?", (row["order_id"],))


def missing_numbers(db: Connection, given: Mapping[str, int]) -> int | None:
    """How many operations, at most, the outbox lost: its numbers are dense, and its oldest are removed in order."""
    row = db.execute("SELECT min(number) AS low, count(*) AS there FROM outbox").fetchone()
    return None if "outbox" not in given or not row["there"] else int(given["outbox"] - row["low"] + 1 - row["there"])


def go_on_counting(db: Connection, given: Mapping[str, int]) -> None:
    """No number that was ever given out is given out again, whether or not its row was read."""
    for table, seq in given.items():
        if db.execute("UPDATE sqlite_sequence SET seq = max(seq, ?) WHERE name = ?", (seq, table)).rowcount == 0:
            db.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)", (table, seq))


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


def _operations(target: Connection, columns: Sequence[str], rows: Iterable[tuple[object, ...]]) -> None:
    known = {row["key"] for row in target.execute("SELECT key FROM outbox")}
    key = columns.index("key")
    for row in rows:
        if row[key] not in known:
            orphans.insert(target, columns, row)


def _insert(target: Connection, name: str, columns: Sequence[str], rows: Iterable[tuple[object, ...]]) -> None:
    names, marks = ", ".join(f'"{column}"' for column in columns), ", ".join("?" * len(columns))
    before = {row["slip_id"] for row in target.execute("SELECT slip_id FROM slips")} if name == "slips" else set()
    target.executemany(f'INSERT OR IGNORE INTO "{name}" ({names}) VALUES ({marks})', rows)
    if name == "slips":
        doubted = [(slip_id,) for slip_id in _slip_ids(target) - before]
        target.executemany(f"UPDATE slips SET state = 'sending' WHERE slip_id = ? AND state IN {IN_DOUBT}", doubted)


def _slip_ids(target: Connection) -> set[str]:
    return {str(row["slip_id"]) for row in target.execute("SELECT slip_id FROM slips")}


def _shared(source: Connection, name: str, columns: Sequence[str]) -> list[str]:
    there = {str(row["name"]) for row in source.execute(f'PRAGMA table_info("{name}")')}
    return [column for column in columns if column in there]


def _rows(source: Connection, name: str, columns: Sequence[str]) -> Iterable[sqlite3.Row]:
    names = ", ".join(f'"{column}"' for column in columns)
    return source.execute(f'SELECT {names} FROM "{name}"') if columns else ()
