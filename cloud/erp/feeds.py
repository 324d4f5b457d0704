"""Takes what the chain's ERP sold, counted and received into the hub's stock: each document once, by the ERP's own id,
whether a store's agent or headquarters' own connector brought it. `domain.erp_stock` has the rule. An id that comes
again with another body is audited and changes nothing.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum

import msgspec
from sqlalchemy import Connection, select, tuple_

from cloud import audit, lots, policy, tables
from cloud.codes import news as code_news
from cloud.erp import documents, unknown_products
from cloud.facts import settle_losses
from cloud.ledger import Movement
from cloud.statements import Sql
from cloud.stock import Sheet
from cloud.transaction import Transaction
from domain import erp_stock
from domain.erp import FEED_KIND, ErpCount, ErpFeed, ErpLevel, ErpReceipt, ErpSale, skus_of
from domain.erp import Sequence as ErpSequence
from domain.erp_stock import Booking, Mark
from domain.policy import Duty, Owner
from domain.quantity import Quantity
from erp.books import DocumentKey

_FEED = Sql(
    """INSERT INTO erp_feeds (chain, store, kind, document_id, part, body_hash, body, at)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (chain, store, kind, document_id, part) DO NOTHING"""
)
_HASH = Sql(
    "SELECT body_hash FROM erp_feeds WHERE chain = ? AND store = ? AND kind = ? AND document_id = ? AND part = ?"
)
_HEARD = Sql(
    """INSERT INTO erp_heard (chain, store, kind, document_id, mark, source, at) VALUES (?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (chain, store, kind) DO UPDATE SET document_id = excluded.document_id, mark = excluded.mark,
    source = excluded.source, at = excluded.at"""
)
_LAST = Sql("SELECT sku, as_of, contains, on_hand FROM erp_levels WHERE chain = ? AND store = ? AND sku = ANY(?)")
_LEVEL = Sql(
    """INSERT INTO erp_levels (chain, store, sku, as_of, contains, on_hand, document_id, at)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (chain, store, sku) DO UPDATE SET as_of = excluded.as_of,
    contains = excluded.contains, on_hand = excluded.on_hand, document_id = excluded.document_id, at = excluded.at"""
)
_BOOKING = Sql(
    """INSERT INTO erp_bookings (chain, store, sku, document_id, sequence, delta) VALUES (?, ?, ?, ?, ?, ?)
    ON CONFLICT (chain, store, sku, document_id) DO NOTHING"""
)
_BOOKINGS = Sql("SELECT sku, sequence, delta FROM erp_bookings WHERE chain = ? AND store = ? AND sku = ANY(?)")
_CONTAINED = Sql("DELETE FROM erp_bookings WHERE chain = ? AND store = ? AND sku = ? AND sequence = ?")
_LAST_SALE = Sql("SELECT mark FROM erp_heard WHERE chain = ? AND store = ? AND kind = 'sale'")


class Taken(StrEnum):
    NEW = "new"
    KNOWN = "known"
    """It came before, word for word."""
    REUSED = "reused"
    """Its id came before with another body."""
    HELD = "held"
    """For a store that is not here: it is kept, and taken when the store comes."""


def sold(tx: Transaction, store: str, sale: ErpSale, *, by: str) -> Taken:
    """Goods that a customer brought back to the counter raise nothing: the next count does, if the ERP sells them."""
    if (taken := _taken(tx, store, sale, sale.sequence, by=by)) is not Taken.NEW:
        return taken
    deltas: dict[str, Quantity] = defaultdict(int)
    for line in sale.lines:
        deltas[line.sku] -= 0 if sale.returned else line.quantity
    _book(tx, store, Movement.SALE, sale.document_id, sale.sequence, deltas)
    if not sale.returned:
        codes = [code for line in sale.lines for code in line.codes]
        code_news.sold_over_counter(tx, store, f"erp:{sale.document_id}", codes)
    said = f"{len(sale.lines)} lines{', brought back' if sale.returned else ''}"
    audit.append(tx, store, by, "erp.sold", sale.document_id, said)
    return taken


def received(tx: Transaction, store: str, receipt: ErpReceipt, *, by: str) -> Taken:
    """Moves stock only where the ERP owns receiving; else the store's own receipt has moved it."""
    if (taken := _taken(tx, store, receipt, receipt.sequence, by=by)) is not Taken.NEW:
        return taken
    moves = _erps(tx, Duty.RECEIVING)
    said = f"{len(receipt.lines)} lines{'' if moves else ', receiving is ours: no stock moved'}"
    audit.append(tx, store, by, "erp.received", receipt.document_id, said)
    if not moves:
        return taken
    came: dict[str, Quantity] = defaultdict(int)
    for line in receipt.lines:
        came[line.sku] += line.quantity
    fresh = _book(tx, store, Movement.RECEIPT, receipt.document_id, receipt.sequence, came)
    for each in sorted(receipt.lines, key=lambda each: (each.sku, each.lot)):
        if each.lot and each.expiry is not None and each.sku in fresh:
            key = (store, each.sku, each.lot)
            lots.know(tx, key, each.expiry, each.produced, month_only=each.month_only)
            lots.shift(tx, key, each.quantity)
    return taken


def counted(tx: Transaction, store: str, count: ErpCount, *, by: str, part: int = 0, only_down: bool = False) -> Taken:
    """Takes a count, or one part of it. A product whose last count is as new, or newer, keeps its level. `only_down`:
    something that the count could not know of arrived before it, so it may only lower."""
    if (taken := _taken(tx, store, count, count.as_of, part, by=by)) is not Taken.NEW:
        return taken
    moves = _erps(tx, Duty.LOT_STOCK)
    said = f"part {part}, {len(count.levels)} products, contains {count.contains}{', late' if only_down else ''}"
    audit.append(tx, store, by, "erp.counted", count.document_id, said)
    if moves:
        _set(tx, store, count, only_down=only_down)
    return taken


def _set(tx: Transaction, store: str, count: ErpCount, *, only_down: bool) -> None:
    levels = {level.sku: level for level in count.levels}
    sheet = Sheet.of_facts(tx, store, levels)  # locks the products: nobody else decides about them now
    fresh = _to_take(tx, store, count, levels.values())
    skus = sorted(level.sku for level in fresh)
    effects, bookings = documents.effects(tx, store, skus, count.contains or 0), _bookings(tx, store, skus)
    for level, newer in fresh.items():
        key = (store, level.sku)
        after = erp_stock.after_count(
            level.on_hand, sheet[key].on_hand, contains=count.contains, as_of=count.as_of,
            only_down=only_down or not newer,
            effects=effects.get(level.sku, ()), bookings=bookings.get(level.sku, ()),
        )  # fmt: skip
        if after != sheet[key].on_hand:  # a whole chain's counts come by the hour, and most say what is known
            sheet.move(key, Movement.COUNT, after - sheet[key].on_hand, f"erp:{count.document_id}")
    settle_losses(tx, store, sheet, [(store, sku) for sku in skus])
    _remember(tx, store, count, fresh, bookings)
    for level in fresh:
        if level.lots is not None:
            lots.put(tx, store, level.sku, level.lots)


def _to_take(tx: Transaction, store: str, count: ErpCount, levels: Iterable[ErpLevel]) -> dict[ErpLevel, bool]:
    """Each with whether it is newer than the last; the others only lower."""
    levels = list(levels)
    last = _last(tx, store, [level.sku for level in levels])
    mark = erp_stock.mark(count.as_of, count.contains)
    found = {}
    for level in levels:
        before = last.get(level.sku)
        newer = before is None or erp_stock.is_newer(mark, before[0])
        if newer or (before and erp_stock.corrects(mark, level.on_hand, *before)):
            found[level] = newer
    return found


def _last(tx: Transaction, store: str, skus: Sequence[str]) -> dict[str, tuple[Mark, Quantity]]:
    """By product: how far its last count went, and what it said."""
    rows = _LAST.rows(tx.connection, tx.chain, store, sorted(skus))
    return {sku: ((as_of, contains), on_hand) for sku, as_of, contains, on_hand in rows}


def _remember(
    tx: Transaction, store: str, count: ErpCount, levels: Iterable[ErpLevel], bookings: Mapping[str, Sequence[Booking]]
) -> None:
    """Bookings that the count contains are of no use any more."""
    as_of, contains = erp_stock.mark(count.as_of, count.contains)
    levels = list(levels)
    rows = [(tx.chain, store, each.sku, as_of, contains, each.on_hand, count.document_id, tx.now) for each in levels]
    _LEVEL.run(tx.connection, rows)
    _CONTAINED.run(
        tx.connection,
        [
            (tx.chain, store, sku, booking.sequence)
            for sku, of_sku in sorted(bookings.items())
            for booking in of_sku
            if erp_stock.is_over(booking, as_of)
        ],
    )


def _book(
    tx: Transaction, store: str, kind: Movement, document_id: str, sequence: int, deltas: Mapping[str, Quantity]
) -> set[str]:
    """Books a sale or receipt, for the products whose last count does not include it; returns those."""
    sheet = Sheet.of_facts(tx, store, deltas)
    last = _last(tx, store, list(deltas))
    fresh = {
        sku: delta
        for sku, delta in deltas.items()
        if not erp_stock.is_contained(Booking(sequence, delta), last[sku][0][0] if sku in last else None)
    }
    _BOOKING.run(
        tx.connection, [(tx.chain, store, sku, f"{kind}:{document_id}", sequence, d) for sku, d in fresh.items()]
    )
    for sku, delta in fresh.items():
        sheet.move((store, sku), kind, delta, f"erp:{document_id}")
    settle_losses(tx, store, sheet, [(store, sku) for sku in fresh])
    return set(fresh)


def _bookings(tx: Transaction, store: str, skus: Sequence[str]) -> dict[str, list[Booking]]:
    found: dict[str, list[Booking]] = defaultdict(list)
    for sku, sequence, delta in _BOOKINGS.rows(tx.connection, tx.chain, store, list(skus)):
        found[sku].append(Booking(sequence, delta))
    return found


def known(connection: Connection, chain: str, *, kind: str, keys: Sequence[DocumentKey]) -> frozenset[DocumentKey]:
    """Those of these documents that were taken."""
    f = tables.erp_feeds.c
    mine = f.chain == chain, f.kind == kind, tuple_(f.store, f.document_id).in_(keys)
    return frozenset((row[0], row[1]) for row in connection.execute(select(f.store, f.document_id).where(*mine)))


def last_sale(tx: Transaction, store: str) -> ErpSequence | None:
    """The `sequence` of the last sale that the ERP told of this store; None before the first."""
    rows = _LAST_SALE.rows(tx.connection, tx.chain, store)
    return int(rows[0][0]) if rows else None


def _taken(tx: Transaction, store: str, feed: ErpFeed, mark: ErpSequence, part: int = 0, *, by: str) -> Taken:
    """Whether this document is new, judged by the ERP's id, and notes it for ever."""
    kind, body = FEED_KIND[type(feed)], msgspec.json.encode(feed)
    digest = hashlib.sha256(body).digest()
    kept = b"" if isinstance(feed, ErpCount) else body
    if _FEED.run(tx.connection, [(tx.chain, store, kind, feed.document_id, part, digest, kept, tx.now)]):
        unknown_products.note(tx, store, skus_of(feed))
        _HEARD.run(tx.connection, [(tx.chain, store, kind, feed.document_id, mark, by, tx.now)])
        return Taken.NEW
    ((before,),) = _HASH.rows(tx.connection, tx.chain, store, kind, feed.document_id, part)
    if bytes(before) == digest:
        return Taken.KNOWN
    audit.append(tx, store, by, "erp.id_reused", feed.document_id, f"another {kind} has this id")
    return Taken.REUSED


def _erps(tx: Transaction, duty: Duty) -> bool:
    return policy.in_force(tx.connection, tx.chain).owner(duty) is Owner.ERP
