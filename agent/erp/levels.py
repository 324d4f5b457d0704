"""What the ERP's counts, sales and receipts do to this store's stock: the rule of `domain.erp_stock`, over what was
written down here. The hub applies the same rule, so that levels which did not change need not be sent to it."""

from collections.abc import Iterable, Mapping

import msgspec

from agent import owners, stock
from agent.lots import keeping
from agent.transactions import Reading, Topic, Transaction
from domain import erp_stock
from domain.erp import ErpCount, ErpLevel, ErpReceiptLine, ErpSale
from domain.erp_stock import Booking, Effect, Mark
from domain.lots import Lot
from domain.policy import Duty
from domain.quantity import Quantity
from domain.times import DAY, Millis

TELL_AGAIN: Millis = DAY
"""An unchanged level is sent to the hub so often all the same: it heals a hub that came to another figure."""
_LAST_SALE = "the last sale"
"""A name among the positions of views; no view is called so."""
_lots = msgspec.json.Decoder(tuple[Lot, ...] | None)


class _Last(msgspec.Struct, frozen=True):
    mark: Mark
    on_hand: Quantity
    lots: tuple[Lot, ...] | None
    told_at: Millis


def set_levels(tx: Transaction, count: ErpCount) -> list[ErpLevel]:
    """Applies the levels that are newer than the last of their product; returns those that the hub must hear of."""
    mark = erp_stock.mark(count.as_of, count.contains)
    moves = not owners.ours(tx, Duty.LOT_STOCK)
    to_tell = []
    for level in count.levels:
        last = _last(tx, level.sku)
        newer = last is None or erp_stock.is_newer(mark, last.mark)
        if not newer and not (last and erp_stock.corrects(mark, level.on_hand, last.mark, last.on_hand)):
            continue
        changed = _set(tx, count, level, only_down=not newer) if moves else False
        tell = changed or _is_news(level, last, tx.now)
        _remember(tx, level, mark, tx.now if tell or last is None else last.told_at)
        if tell:
            to_tell.append(level)
    tx.touch(Topic.STOCK)
    return to_tell


def _is_news(level: ErpLevel, last: _Last | None, now: Millis) -> bool:
    return last is None or last.on_hand != level.on_hand or last.lots != level.lots or now - last.told_at >= TELL_AGAIN


def _set(tx: Transaction, count: ErpCount, level: ErpLevel, *, only_down: bool) -> bool:
    """Sets one product's stock after a count; returns whether it changed."""
    before = stock.on_hand(tx, level.sku) or 0
    open_effects = _effects(tx, level.sku, count.contains or 0)
    bookings = _bookings(tx, level.sku)
    told = erp_stock.after_count(
        level.on_hand, before, contains=count.contains, as_of=count.as_of,
        effects=open_effects.values(), bookings=bookings, only_down=only_down,
    )  # fmt: skip
    after = max(told, 0)
    stock.set_on_hand(tx, level.sku, after)
    gone = [(level.sku, each.sequence) for each in bookings if erp_stock.is_over(each, count.as_of)]
    tx.db.executemany("DELETE FROM erp_bookings WHERE sku = ? AND sequence = ?", gone)
    if level.lots is not None:
        _set_lots(tx, level.sku, level.lots, _by_lot(tx, level.sku, count.contains or 0))
    return after != before


def _set_lots(tx: Transaction, sku: str, told: Iterable[Lot], unbooked: Mapping[str, Quantity]) -> None:
    """Sets the lots as the ERP says, changed by `unbooked`: what our documents did to each lot that the ERP has not
    booked. What lies in quarantine here comes on top."""
    keeping.count_anew(tx, sku)
    kept = []
    for lot in told:
        name = keeping.know(tx, sku, lot)
        kept.append(name)
        keeping.shift(tx, sku, name, max(lot.quantity + unbooked.get(name, 0), 0))
    keeping.drop_others(tx, sku, kept)


def book(tx: Transaction, document_id: str, sequence: int, deltas: Mapping[str, Quantity]) -> set[str]:
    """Books a sale or receipt of the ERP, for the products whose last count does not include it; returns those."""
    fresh = set()
    for sku, delta in deltas.items():
        last = _last(tx, sku)
        if erp_stock.is_contained(Booking(sequence, delta), None if last is None else last.mark[0]):
            continue
        fresh.add(sku)
        tx.db.execute(
            "INSERT INTO erp_bookings (sku, document_id, sequence, delta) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
            (sku, document_id, sequence, delta),
        )
        stock.add(tx, sku, delta)
    return fresh


def of_sale(document_id: str) -> str:
    """The name of a sale's booking. It has a prefix, since a sale and a receipt may bear the same id."""
    return f"sale:{document_id}"


def of_receipt(document_id: str) -> str:
    return f"receipt:{document_id}"


def booked(reading: Reading, booking: str, only: str | None) -> dict[str, Quantity]:
    """By product: what a booking changed, as far as no later count includes it; of all its products, or of one."""
    query = "SELECT sku, delta FROM erp_bookings WHERE document_id = ?1 AND (?2 IS NULL OR sku = ?2)"
    return {row["sku"]: row["delta"] for row in reading.db.execute(query, (booking, only))}


def last_sale(reading: Reading) -> int | None:
    """The `sequence` of the last sale that the ERP told; None before the first."""
    row = reading.db.execute("SELECT position FROM erp_positions WHERE feed = ?", (_LAST_SALE,)).fetchone()
    return None if row is None else int(row["position"])


def keep_last_sale(tx: Transaction, sequence: int) -> None:
    tx.db.execute(
        "INSERT INTO erp_positions (feed, position) VALUES (?1, ?2) ON CONFLICT DO UPDATE SET position = ?2",
        (_LAST_SALE, str(sequence)),
    )


def take_from_lots(tx: Transaction, sale: ErpSale, fresh: set[str]) -> None:
    for line in sale.lines:
        if line.sku in fresh and line.lot and not sale.returned:
            keeping.shift(tx, line.sku, line.lot, -line.quantity)


def take_in_lots(tx: Transaction, lines: Iterable[ErpReceiptLine], fresh: set[str]) -> None:
    for line in lines:
        if line.sku in fresh and line.lot and line.expiry is not None:
            lot = Lot(line.lot, line.expiry, 0, line.produced, line.month_only)
            keeping.shift(tx, line.sku, keeping.know(tx, line.sku, lot), line.quantity)


def _last(reading: Reading, sku: str) -> _Last | None:
    row = reading.db.execute("SELECT * FROM erp_levels WHERE sku = ?", (sku,)).fetchone()
    if row is None:
        return None
    return _Last((row["as_of"], row["contains"]), row["on_hand"], _lots.decode(row["lots"]), row["told_at"])


def _remember(tx: Transaction, level: ErpLevel, mark: Mark, told_at: Millis) -> None:
    tx.db.execute(
        "INSERT INTO erp_levels (sku, as_of, contains, on_hand, lots, told_at) VALUES (?, ?, ?, ?, ?, ?)"
        " ON CONFLICT DO UPDATE SET as_of = excluded.as_of, contains = excluded.contains, on_hand = excluded.on_hand,"
        " lots = excluded.lots, told_at = excluded.told_at",
        (level.sku, *mark, level.on_hand, msgspec.json.encode(level.lots), told_at),
    )


def _effects(reading: Reading, sku: str, contains: int) -> dict[str, Effect]:
    """By document: what our documents did to a product that a count up to number `contains` does not include."""
    rows = reading.db.execute(
        "SELECT document_id, number, refused, sum(delta) AS delta FROM erp_effects"
        " WHERE sku = ? AND (number > ? OR refused = 1) GROUP BY document_id",
        (sku, contains),
    )
    return {row["document_id"]: Effect(row["number"], row["delta"], bool(row["refused"])) for row in rows}


def _by_lot(reading: Reading, sku: str, contains: int) -> dict[str, Quantity]:
    rows = reading.db.execute(
        "SELECT lot, sum(CASE WHEN refused = 1 THEN min(delta, 0) ELSE delta END) AS delta FROM erp_effects"
        " WHERE sku = ? AND (number > ? OR refused = 1) GROUP BY lot",
        (sku, contains),
    )
    return {row["lot"]: row["delta"] for row in rows}


def _bookings(reading: Reading, sku: str) -> list[Booking]:
    rows = reading.db.execute("SELECT sequence, delta FROM erp_bookings WHERE sku = ?", (sku,))
    return [Booking(row["sequence"], row["delta"]) for row in rows]
