"""Picks and their bindings as this store keeps them; `domain.picks` decides, this writes."""

import logging
from collections.abc import Iterable
from datetime import date

import msgspec

from agent import orders, trail
from agent.engine import sqlite3
from agent.errors import NotFound
from agent.picking import opened
from agent.transactions import Reading, Topic, Transaction
from domain.picks import TO_BE_PACKED, Binding, Pick, PickState, move
from domain.times import Millis, shown
from domain.trail import StepKind

log = logging.getLogger(__name__)

_BINDING_FIELDS = ", ".join(Binding.__struct_fields__)
_TO_BE_PACKED = f"state IN ({', '.join(repr(state.value) for state in TO_BE_PACKED)})"
_BINDING_MARKS = ", ".join("?" * len(Binding.__struct_fields__))


def begin(tx: Transaction, order_id: str) -> None:
    """Every order has a pick from the start; a repeat changes nothing."""
    begun = tx.db.execute(
        "INSERT INTO picks (order_id, state) VALUES (?, ?) ON CONFLICT DO NOTHING", (order_id, PickState.ASSIGNED)
    )
    if begun.rowcount:
        trail.record(tx, order_id, StepKind.ASSIGNED)


def load(reading: Reading, order_id: str) -> Pick:
    """Raises NotFound for an order that is not here."""
    row = reading.db.execute("SELECT state FROM picks WHERE order_id = ?", (order_id,)).fetchone()
    if row is None:
        raise NotFound(f"本店没有这张订单：{order_id}")
    rows = reading.db.execute(
        f"SELECT {_BINDING_FIELDS} FROM bindings WHERE order_id = ? AND released_at IS NULL ORDER BY binding_id",
        (order_id,),
    )
    return Pick(order_id, PickState(row["state"]), orders.lines(reading, order_id), tuple(map(_binding, rows)))


def advance(tx: Transaction, pick: Pick, wanted: PickState) -> Pick:
    """One legal step, or IllegalPickMove. What a paused pick goes back to is kept with it."""
    moved = msgspec.structs.replace(pick, state=move(pick.state, wanted))
    tx.db.execute(
        "UPDATE picks SET state = ?, resumes = ?, started_at = iif(?, coalesce(started_at, ?), started_at),"
        " completed_at = iif(?, ?, completed_at) WHERE order_id = ?",
        (
            wanted,
            pick.state if wanted is PickState.PAUSED else None,
            wanted is PickState.PICKING,
            tx.now,
            wanted is PickState.PACKED,
            tx.now,
            pick.order_id,
        ),
    )
    tx.touch(Topic.ORDERS)
    tx.note(log, "the pick of order %s is %s", pick.order_id, wanted, order=pick.order_id)
    return moved


def pause(tx: Transaction, order_id: str) -> None:
    pick = load(tx, order_id)
    if pick.state in (PickState.ASSIGNED, PickState.PICKING):
        advance(tx, pick, PickState.PAUSED)
        trail.record(tx, order_id, StepKind.PAUSED)


def resume(tx: Transaction, order_id: str) -> None:
    """Goes on where the pause found it."""
    pick = load(tx, order_id)
    if pick.state is PickState.PAUSED:
        row = tx.db.execute("SELECT resumes FROM picks WHERE order_id = ?", (order_id,)).fetchone()
        advance(tx, pick, PickState(row["resumes"] or PickState.ASSIGNED))
        trail.record(tx, order_id, StepKind.RESUMED)


def bind(tx: Transaction, order_id: str, binding: Binding, *, scan_id: int | None, note: str = "") -> None:
    tx.db.execute(
        f"INSERT INTO bindings (order_id, {_BINDING_FIELDS}, scan_id, note, bound_at)"
        f" VALUES (?, {_BINDING_MARKS}, ?, ?, ?)",
        (order_id, *_row(binding), scan_id, note, tx.now),
    )
    tx.touch(Topic.ORDERS)


def put_bag(tx: Transaction, order_id: str, told: Iterable[Binding]) -> None:
    """What headquarters was told lies in the bag, and nothing else: what was put in or taken out on a disk that is gone
    was so put in or taken out."""
    missing = list(told)
    rows = tx.db.execute("SELECT * FROM bindings WHERE order_id = ? AND released_at IS NULL", (order_id,)).fetchall()
    for row in rows:
        here = next((one for one in missing if _is_same(one, row)), None)
        if here is not None:
            missing.remove(here)
        else:
            tx.db.execute("UPDATE bindings SET released_at = ? WHERE binding_id = ?", (tx.now, row["binding_id"]))
            opened.put_back(tx, _binding(row))
    for binding in missing:
        if _claim(tx, order_id, binding):
            bind(tx, order_id, binding, scan_id=None)


def _is_same(binding: Binding, row: sqlite3.Row) -> bool:
    return (binding.line_id, binding.code, binding.quantity) == (row["line_id"], row["code"], row["quantity"])


def _claim(tx: Transaction, order_id: str, binding: Binding) -> bool:
    """A pack lies in one bag: it comes out of one that is not packed yet. False where it was packed into another, too:
    a person was asked (`code_sold_twice`), and the first keeps it here."""
    if binding.code is None or binding.opened:
        return True
    tx.db.execute(
        "UPDATE bindings SET released_at = ? WHERE code = ? AND order_id <> ? AND released_at IS NULL AND opened = 0"
        f" AND order_id IN (SELECT order_id FROM picks WHERE {_TO_BE_PACKED})",
        (tx.now, binding.code, order_id),
    )
    return bound_to(tx, binding.code, order_id) is None


def _binding(row: sqlite3.Row) -> Binding:
    return msgspec.convert(dict(row), Binding, strict=False)


def _row(binding: Binding) -> tuple[object, ...]:
    """Days as SQLite keeps them here: ISO text."""
    return tuple(value.isoformat() if isinstance(value, date) else value for value in msgspec.structs.astuple(binding))


def release_last(tx: Transaction, order_id: str, line_id: int | None) -> Binding | None:
    """Takes the newest pack, of that line if one is named, out of the bag; None when there is none."""
    row = tx.db.execute(
        "UPDATE bindings SET released_at = ? WHERE binding_id = (SELECT max(binding_id) FROM bindings"
        f" WHERE order_id = ? AND released_at IS NULL AND line_id = coalesce(?, line_id)) RETURNING {_BINDING_FIELDS}",
        (tx.now, order_id, line_id),
    ).fetchone()
    tx.touch(Topic.ORDERS)
    if row is None:
        return None
    binding = _binding(row)
    opened.put_back(tx, binding)
    return binding


def release_all(tx: Transaction, order_id: str) -> tuple[Binding, ...]:
    """The order is over: its packs are to be put back on the shelf, and their codes may be sold again."""
    tx.db.execute("DELETE FROM sold WHERE source = ?", (order_id,))
    return _release(tx, order_id, None)


def release_line(tx: Transaction, order_id: str, line_id: int) -> tuple[Binding, ...]:
    """The line wants something else now: what lies there for it is to be put back."""
    return _release(tx, order_id, line_id)


def _release(tx: Transaction, order_id: str, line_id: int | None) -> tuple[Binding, ...]:
    rows = tx.db.execute(
        "UPDATE bindings SET released_at = ?, put_back = 'wanted' WHERE order_id = ? AND released_at IS NULL"
        f" AND line_id = coalesce(?, line_id) RETURNING {_BINDING_FIELDS}",
        (tx.now, order_id, line_id),
    ).fetchall()
    released = tuple(map(_binding, rows))
    for binding in released:
        opened.put_back(tx, binding)
    tx.touch(Topic.ORDERS)
    return released


def sell(tx: Transaction, pick: Pick) -> None:
    """From now on this store refuses these codes, with or without the hub. What is left of opened packs is told by
    their ledger."""
    codes = [binding.code for binding in pick.bindings if binding.code is not None and not binding.opened]
    mark_sold(tx, codes, pick.order_id)


def mark_sold(tx: Transaction, codes: list[str], source: str) -> None:
    """`source` is an order or a counter sale. The first sale of a code stays: that is what a second one is shown."""
    tx.db.executemany(
        "INSERT INTO sold (code, source, sold_at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
        [(code, source, tx.now) for code in codes],
    )


def sold_at(reading: Reading, code: str) -> str | None:
    """When this store sold it, as the clerk reads it."""
    row = reading.db.execute("SELECT sold_at FROM sold WHERE code = ?", (code,)).fetchone()
    return None if row is None else shown(Millis(row["sold_at"]))


def was_in_a_bag(reading: Reading, code: str) -> bool:
    """Of any order of this store, and be it that it was put back."""
    return reading.db.execute("SELECT 1 FROM bindings WHERE code = ? LIMIT 1", (code,)).fetchone() is not None


def codes_in_bag(reading: Reading, order_id: str) -> tuple[str, ...]:
    rows = reading.db.execute(
        "SELECT code FROM bindings WHERE order_id = ? AND released_at IS NULL AND code IS NOT NULL", (order_id,)
    )
    return tuple(row["code"] for row in rows)


def bound_to(reading: Reading, code: str, order_id: str) -> str | None:
    """Another order of this store that holds the code."""
    row = reading.db.execute(
        "SELECT order_id FROM bindings WHERE code = ? AND released_at IS NULL AND opened = 0 AND order_id <> ?",
        (code, order_id),
    ).fetchone()
    return None if row is None else str(row["order_id"])
