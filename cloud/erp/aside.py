"""What the ERP said and was not taken, kept as it came until a person looked: the same id with another body, a store
that this hub does not have (taken when it comes)."""

import hashlib
from enum import StrEnum

import msgspec
from sqlalchemy import Connection, func, select

from cloud import tables
from cloud.columns import written
from cloud.erp.feeds import Taken
from cloud.statements import AnyRow, Sql
from cloud.transaction import Transaction
from domain.erp import FEED_KIND, ErpCount, ErpFeed, ErpReceipt, ErpSale
from domain.times import DAY, Millis

MOST = 200
"""Listed at once."""
HELD: Millis = 90 * DAY
"""For a store that does not come."""


class Why(StrEnum):
    ID_REUSED = "id_reused"
    UNKNOWN_STORE = "unknown_store"


class Entry(msgspec.Struct, frozen=True):
    """`goes_at`: it is removed then, unless its store is here before."""

    entry_id: str
    store: str
    kind: str
    document_id: str
    reason: Why
    source: str
    at: Millis
    goes_at: Millis | None


_NEW = Sql(
    """INSERT INTO erp_aside (chain, entry_id, store, kind, document_id, part, reason, body, body_hash, source, at)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (chain, store, kind, document_id, part, body_hash) DO NOTHING"""
)
_HERE = Sql(
    """SELECT * FROM erp_aside WHERE chain = ? AND ended_at IS NULL AND reason = 'unknown_store'
    AND store IN (SELECT store FROM stores WHERE chain = ?) ORDER BY at, part LIMIT 100 FOR UPDATE"""
)
_END = Sql("UPDATE erp_aside SET ended_at = ?, ended_by = ? WHERE chain = ? AND entry_id = ? AND ended_at IS NULL")
_DECODERS: dict[str, msgspec.json.Decoder[ErpFeed]] = {
    FEED_KIND[kind]: msgspec.json.Decoder(kind) for kind in (ErpSale, ErpReceipt, ErpCount)
}


def put(tx: Transaction, store: str, feed: ErpFeed, part: int, why: Why, *, source: str) -> Taken:
    """Each body once, however often it comes. What it is to whoever brought it."""
    body = msgspec.json.encode(feed)
    row = (
        tx.chain, tx.new_id(), store, FEED_KIND[type(feed)], feed.document_id, part, why.value, body,
        hashlib.sha256(body).digest(), source, tx.now,
    )  # fmt: skip
    _NEW.run(tx.connection, [row])
    return Taken.HELD if why is Why.UNKNOWN_STORE else Taken.REUSED


def of_known_stores(tx: Transaction) -> list[AnyRow]:
    """Whose store has come, in the order in which they were heard."""
    return list(_HERE.named(tx.connection, tx.chain, tx.chain))


def feed_of(row: AnyRow) -> ErpFeed:
    return _DECODERS[row.kind].decode(row.body)


def end(tx: Transaction, entry_id: str, *, by: str) -> bool:
    return _END.run(tx.connection, [(tx.now, by, tx.chain, entry_id)]) > 0


def waits(connection: Connection, chain: str) -> bool:
    """For a store that is here now."""
    a, s = tables.erp_aside.c, tables.stores.c
    query = (
        select(a.entry_id)
        .join_from(tables.erp_aside, tables.stores, (s.chain == a.chain) & (s.store == a.store))
        .where(a.chain == chain, a.ended_at.is_(None), a.reason == written(Why.UNKNOWN_STORE))
    )
    return connection.execute(query.limit(1)).first() is not None


def listed(connection: Connection, chain: str) -> tuple[Entry, ...]:
    """What nobody has looked at, the oldest first."""
    a = tables.erp_aside.c
    query = select(tables.erp_aside).where(a.chain == chain, a.ended_at.is_(None)).order_by(a.at).limit(MOST)
    return tuple(map(_entry, connection.execute(query)))


def _entry(row: AnyRow) -> Entry:
    why = Why(row.reason)
    goes_at = row.at + HELD if why is Why.UNKNOWN_STORE else None
    return Entry(row.entry_id, row.store, row.kind, row.document_id, why, row.source, row.at, goes_at)


def count(connection: Connection, chain: str) -> int:
    a = tables.erp_aside.c
    query = select(func.count()).where(a.chain == chain, a.ended_at.is_(None))
    return int(connection.execute(query).scalar_one())


def raw(connection: Connection, chain: str, entry_id: str) -> bytes | None:
    a = tables.erp_aside.c
    body = connection.execute(select(a.body).where(a.chain == chain, a.entry_id == entry_id)).scalar_one_or_none()
    return None if body is None else bytes(body)
