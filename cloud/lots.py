"""How much of each lot a store has, as far as somebody said; what may be sold is decided by `cloud.stock` alone."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date

from sqlalchemy import select

from cloud import tables
from cloud.statements import Sql
from cloud.transaction import Transaction
from cloud.upsert import upsert
from domain.lots import Lot
from domain.picks import Binding
from domain.quantity import Quantity

LotKey = tuple[str, str, str]
"""(store, sku, lot)."""

_KNOW = Sql(
    """INSERT INTO lots (chain, store, sku, lot, expiry, quantity, produced, month_only, quarantine)
    VALUES (?, ?, ?, ?, ?, 0, ?, ?, 0) ON CONFLICT (chain, store, sku, lot) DO NOTHING"""
)
_SHIFT = Sql(
    """UPDATE lots SET quantity = CASE WHEN quantity + ? > 0 THEN quantity + ? ELSE 0 END,
    quarantine = CASE WHEN quarantine + ? > 0 THEN quarantine + ? ELSE 0 END
    WHERE chain = ? AND store = ? AND sku = ? AND lot = ?"""
)


_LOTS = Sql(
    """SELECT sku, lot, expiry, quantity - quarantine AS quantity, produced, month_only, shelf FROM lots
    WHERE chain = ? AND store = ? AND sku = ANY(?) ORDER BY sku, expiry, lot"""
)


def sellable(tx: Transaction, store: str, skus: Iterable[str]) -> dict[str, tuple[Lot, ...]]:
    """By product, nearest expiry first; what lies in quarantine is not in it."""
    found: dict[str, list[Lot]] = defaultdict(list)
    for row in _LOTS.named(tx.connection, tx.chain, store, list(skus)):
        produced = None if row.produced is None else date.fromisoformat(row.produced)
        expiry = date.fromisoformat(row.expiry)
        found[row.sku].append(Lot(row.lot, expiry, row.quantity, produced, bool(row.month_only), row.shelf))
    return {sku: tuple(lots) for sku, lots in found.items()}


def know(tx: Transaction, key: LotKey, expiry: date, produced: date | None = None, *, month_only: bool = False) -> None:
    """A lot that is known keeps the dates it has."""
    made = None if produced is None else produced.isoformat()
    _KNOW.run(tx.connection, [(tx.chain, *key, expiry.isoformat(), made, int(month_only))])


def shift(tx: Transaction, key: LotKey, sellable: Quantity, *, quarantined: Quantity = 0) -> None:
    """Never below nothing: a lot that nobody received here may still be sold."""
    total = sellable + quarantined
    _SHIFT.run(tx.connection, [(total, total, quarantined, quarantined, tx.chain, *key)])


def take(tx: Transaction, store: str, sku_of: Mapping[int, str | None], bindings: Iterable[Binding]) -> None:
    """What left in a bag left its lots, where somebody knew them. `sku_of` is by line id."""
    taken: dict[LotKey, Quantity] = defaultdict(int)
    for one in bindings:
        sku = sku_of.get(one.line_id)
        if sku is not None and one.lot is not None:
            taken[store, sku, one.lot] += one.quantity
    for key, quantity in sorted(taken.items()):
        shift(tx, key, -quantity)


def put(tx: Transaction, store: str, sku: str, told: Iterable[Lot]) -> None:
    """They speak of what may be sold: what its store keeps in quarantine stays there, and comes on top."""
    of_lots = tables.lots.c
    mine = (of_lots.chain == tx.chain, of_lots.store == store, of_lots.sku == sku)
    tx.connection.execute(tables.lots.update().where(*mine).values(quantity=of_lots.quarantine))
    tx.connection.execute(tables.lots.delete().where(*mine, of_lots.quarantine == 0))
    kept = tx.connection.execute(select(of_lots.lot, of_lots.quarantine).where(*mine))
    apart = {row.lot: row.quarantine for row in kept}
    for lot in told:
        upsert(
            tx,
            tables.lots,
            {"store": store, "sku": sku, "lot": lot.lot},
            {
                "expiry": lot.expiry.isoformat(),
                "quantity": lot.quantity + apart.get(lot.lot, 0),
                "produced": None if lot.produced is None else lot.produced.isoformat(),
                "month_only": int(lot.month_only),
                "shelf": lot.shelf,
            },
        )
