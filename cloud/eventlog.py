"""The logs that stores follow: dense numbers from 1, given in the causing transaction (facts/sync.md D1)."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
from msgspec import structs
from sqlalchemy import Connection

from cloud import personal, tables
from cloud.heads import Totals
from cloud.statements import AnyRow, Sql, insert
from cloud.transaction import PendingEvent, Transaction
from cloud.vault import Vault
from domain.events import BODIES, CHAIN_LOGS, Event, EventBody, OrderPlaced, encode_body
from domain.personal import Personal
from domain.protocol import PAGE, Cursor, Head, Page

LOG_ID_BYTES = 16
_MUST = frozenset(kind for kind, body in BODIES.items() if body.must_understand)

_LOCK_HEADS = Sql(
    "SELECT log, log_id, head, floor FROM log_heads WHERE chain = ? AND log = ANY(?) ORDER BY log FOR UPDATE"
)
_NEW_HEAD = Sql(
    """INSERT INTO log_heads (chain, log, log_id, head, floor) VALUES (?, ?, ?, 0, 0)
    ON CONFLICT (chain, log) DO NOTHING"""
)
_MOVE_HEAD = Sql("UPDATE log_heads SET head = ? WHERE chain = ? AND log = ?")
_EVENT = insert(tables.events, "chain", "log", "seq", "kind", "v", "at", "order_id", "body", "personal")
_PLACED = Sql("UPDATE orders SET placed_seq = ? WHERE chain = ? AND order_id = ?")
_HEADS = Sql("SELECT log, log_id, head, floor FROM log_heads WHERE chain = ? AND log = ANY(?) ORDER BY log")
_ALL_HEADS = Sql("SELECT log, log_id, head, floor FROM log_heads WHERE chain = ?")
_TOTALS = Sql(
    """SELECT count(*), coalesce(sum(head), 0), coalesce(sum(floor), 0), min(log_id), max(log_id)
    FROM log_heads WHERE chain = ?"""
)
_TAIL = Sql("SELECT coalesce(sum(length(body)), 0) FROM events WHERE chain = ? AND log = ? AND seq > ?")
_PAGE = Sql(
    """SELECT seq, kind, v, at, order_id, body, personal FROM events
    WHERE chain = ? AND log = ? AND seq > ? ORDER BY seq LIMIT ?"""
)


def append(
    tx: Transaction, log: str, *bodies: EventBody, order_id: str | None = None, personal_names: Sequence[str] = ()
) -> None:
    """The events stand in the log, in this order, when the transaction commits; none does if it does not."""
    for body in bodies:
        tx.pending.append(PendingEvent(log, body, order_id, tuple(personal_names)))


def open_log(tx: Transaction, log: str) -> None:
    """A log is there, with a random incarnation, from the moment its store is."""
    _NEW_HEAD.run(tx.connection, [(tx.chain, log, tx.randomness(LOG_ID_BYTES).hex())])


def open_chain_logs(tx: Transaction) -> None:
    for log in CHAIN_LOGS:
        open_log(tx, log)


def hold(tx: Transaction, log: str) -> None:
    """Until the transaction ends nobody else appends to it. For whoever then locks nothing but more logs."""
    _lock_heads(tx, [log])


def number(tx: Transaction) -> None:
    """Gives the collected events their numbers and writes them. Called once, by `cloud.commit.finish`."""
    if not tx.pending:
        return
    by_log: dict[str, list[PendingEvent]] = defaultdict(list)
    for event in tx.pending:
        by_log[event.log].append(event)
    heads = _lock_heads(tx, sorted(by_log))
    rows: list[tuple[Any, ...]] = []
    placed = []
    for log, events in by_log.items():
        for seq, event in enumerate(events, heads[log].seq + 1):
            rows.append(_row(tx, seq, event))
            if isinstance(event.body, OrderPlaced):
                placed.append((seq, tx.chain, event.order_id))
    _EVENT.run(tx.connection, rows)
    _PLACED.run(tx.connection, placed)
    moved = [structs.replace(heads[log], seq=heads[log].seq + len(by_log[log])) for log in sorted(by_log)]
    _MOVE_HEAD.run(tx.connection, [(head.seq, tx.chain, head.log) for head in moved])
    tx.news.update((head.log, head) for head in moved)
    tx.pending.clear()


def _lock_heads(tx: Transaction, logs: list[str]) -> dict[str, Head]:
    rows = _LOCK_HEADS.rows(tx.connection, tx.chain, logs)
    if len(rows) < len(logs):
        for log in logs:
            open_log(tx, log)
        rows = _LOCK_HEADS.rows(tx.connection, tx.chain, logs)
    return {row[0]: Head(*row) for row in rows}


def _row(tx: Transaction, seq: int, event: PendingEvent) -> tuple[Any, ...]:
    body = event.body
    return (
        tx.chain,
        event.log,
        seq,
        body.kind,
        body.version,
        tx.now,
        event.order_id,
        encode_body(body),
        ",".join(event.personal),
    )


def heads(connection: Connection, chain: str, logs: Iterable[str]) -> tuple[Head, ...]:
    """Sorted by log; a log nobody opened is not among them."""
    return tuple(
        Head(log, log_id, head, floor) for log, log_id, head, floor in _HEADS.rows(connection, chain, sorted(logs))
    )


def all_heads(connection: Connection, chain: str) -> list[Head]:
    return [Head(*row) for row in _ALL_HEADS.rows(connection, chain)]


def heads_unless(connection: Connection, chain: str, known: Totals) -> list[Head]:
    """All of them; none where they stand as is known already. Ten thousand rows cost everybody else twenty
    milliseconds, their totals two."""
    return [] if _TOTALS.rows(connection, chain)[0] == known else all_heads(connection, chain)


def tail(connection: Connection, chain: str, since: Cursor) -> int | None:
    """Bytes of what came after the cursor; None where the log cannot be served from there."""
    found = heads(connection, chain, [since.log])
    if not found or found[0].log_id != since.log_id or not found[0].floor <= since.seq <= found[0].seq:
        return None
    return int(_TAIL.rows(connection, chain, since.log, since.seq)[0][0])


def page(connection: Connection, chain: str, vault: Vault, cursor: Cursor, limit: int = PAGE) -> Page:
    """What comes after the cursor, with the records about persons that can still be read.

    `reset` where the cursor is of another incarnation, ahead of the head (the hub was restored) or below the floor.
    """
    found = heads(connection, chain, [cursor.log])
    head = found[0] if found else Head(cursor.log, "", 0)
    known = cursor.log_id in ("", head.log_id)
    if not known or cursor.seq > head.seq or cursor.seq < head.floor:
        return Page(head, reset=True)
    rows = _PAGE.named(connection, chain, cursor.log, cursor.seq, limit)
    return Page(head, _events(connection, chain, vault, cursor.log, rows))


def _events(connection: Connection, chain: str, vault: Vault, log: str, rows: Sequence[AnyRow]) -> tuple[Event, ...]:
    records = personal.get_all(connection, chain, vault, [row.order_id for row in rows if row.personal])
    return tuple(
        Event(
            log=log,
            seq=row.seq,
            kind=row.kind,
            v=row.v,
            at=row.at,
            body=msgspec.Raw(row.body),
            order_id=row.order_id,
            personal=tuple(
                Personal(row.order_id, name, msgspec.Raw(body))
                for name in row.personal.split(",")
                if (body := records.get((row.order_id, name))) is not None
            ),
            must_understand=row.kind in _MUST,
        )
        for row in rows
    )
