"""Stock truth per (store, sku): on hand, reserved, safety; every change of on hand is a row of the ledger.

Numbers are read under a lock and written by an update that is guarded by what was read: a changed row touches nothing,
and the count of touched rows shows it. The table's own CHECK is the last guard (facts/oms.md §2).
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from cloud import ledger, tables
from cloud.errors import StockNotCovered
from cloud.ledger import Entry, Movement
from cloud.statements import Sql
from cloud.transaction import StockKey, Transaction
from domain.quantity import Quantity

_LOCK = Sql(
    """SELECT sku, on_hand, reserved, safety FROM stock WHERE chain = ? AND store = ? AND sku = ANY(?)
    ORDER BY sku FOR UPDATE"""
)
_NEW = Sql(
    """INSERT INTO stock (chain, store, sku, on_hand, reserved, safety, shelf) VALUES (?, ?, ?, 0, 0, 0, '')
    ON CONFLICT (chain, store, sku) DO NOTHING"""
)
_SHIFT = Sql(
    """UPDATE stock SET on_hand = ?, reserved = ?
    WHERE chain = ? AND store = ? AND sku = ? AND on_hand = ? AND reserved = ?"""
)


@dataclass(frozen=True, slots=True)
class Level:
    on_hand: Quantity = 0
    reserved: Quantity = 0
    safety: Quantity = 0

    @property
    def free(self) -> Quantity:
        """What a paid order may still reserve; it may use what is kept for safety."""
        return max(self.on_hand, 0) - self.reserved

    @property
    def sellable(self) -> Quantity:
        """What channels may be told of."""
        return max(self.free - self.safety, 0)


_NOTHING = Level()


def lock(tx: Transaction, keys: Iterable[StockKey]) -> dict[StockKey, Level]:
    """The levels of these keys, locked until COMMIT in sorted order. A key that has no row yet has an empty level."""
    by_store: dict[str, list[str]] = defaultdict(list)
    for store, sku in sorted(set(keys)):
        by_store[store].append(sku)
    levels: dict[StockKey, Level] = {}
    for store, skus in by_store.items():
        for sku, on_hand, reserved, safety in _LOCK.rows(tx.connection, tx.chain, store, skus):
            levels[store, sku] = Level(on_hand, reserved, safety)
    return levels


class Sheet:
    """Some keys' levels, locked; changes are made here and written once per key."""

    __slots__ = ("_before", "_entries", "_later", "_levels", "_tx", "corrected")

    def __init__(self, tx: Transaction, keys: Iterable[StockKey]) -> None:
        self._tx = tx
        self._before = lock(tx, keys)
        self._levels = dict(self._before)
        self._later: dict[StockKey, list[Entry]] | None = None
        self._entries: list[tuple[StockKey, Entry]] = []
        self.corrected: list[tuple[StockKey, Entry]] = []
        """Corrections of earlier counts, which had already seen what moves only now (`cloud.ledger`)."""

    @classmethod
    def of_facts(cls, tx: Transaction, store: str, skus: Iterable[str]) -> "Sheet":
        """For facts: a product for which there is no stock row yet gets one with nothing on hand."""
        keys = sorted({(store, sku) for sku in skus})
        sheet = cls(tx, keys)
        if len(sheet._before) < len(keys):
            _NEW.run(tx.connection, [(tx.chain, *key) for key in keys])
            sheet = cls(tx, keys)
        return sheet

    def __getitem__(self, key: StockKey) -> Level:
        return self._levels.get(key, _NOTHING)

    def reserve(self, key: StockKey, quantity: Quantity) -> None:
        """Promises `quantity` more to orders, or less where it is negative."""
        level = self._levels[key]
        self._levels[key] = Level(level.on_hand, level.reserved + quantity, level.safety)

    def move(self, key: StockKey, kind: Movement, delta: Quantity, reference: str) -> None:
        """Changes what is on hand, and says why."""
        self._enter(key, Entry(kind, delta, reference))

    def look(self, key: StockKey, kind: Movement, seen: Quantity, reference: str) -> Quantity:
        """Somebody in the store saw so much. Returns by how much that changed the level that was known at that time."""
        return self._enter(key, Entry(kind, 0, reference, seen))

    def _enter(self, key: StockKey, entry: Entry) -> Quantity:
        if self._later is None:
            self._later = ledger.later(self._tx, self._before)
        level = self._levels[key]
        entered, *corrections = ledger.placed(entry, level.on_hand, self._later.get(key, ()))
        moved = entered.delta + sum(each.delta for each in corrections)
        self._levels[key] = Level(level.on_hand + moved, level.reserved, level.safety)
        self._entries += [(key, each) for each in (entered, *corrections)]
        self.corrected += [(key, each) for each in corrections]
        return entered.delta

    def write(self) -> None:
        tx, before, after = self._tx, self._before, self._levels
        changed = [key for key in sorted(after) if after[key] != before[key]]
        touched = _SHIFT.run(
            tx.connection,
            [
                (after[key].on_hand, after[key].reserved, tx.chain, *key, before[key].on_hand, before[key].reserved)
                for key in changed
            ],
        )
        if touched != len(changed):
            raise StockNotCovered("stock changed while it was being decided on", hint="Report this: it was locked.")
        ledger.write(tx, self._entries)
        if tx.of_earlier_life:
            tx.untold.update(key for key, _ in self._entries)
        tx.stock_news.update(key for key in changed if after[key].sellable != before[key].sellable)


def levels(connection: Connection, chain: str, store: str) -> dict[str, Level]:
    """Every product of a store, by sku."""
    s = tables.stock.c
    rows = connection.execute(
        select(s.sku, s.on_hand, s.reserved, s.safety).where(s.chain == chain, s.store == store).order_by(s.sku)
    )
    return {sku: Level(on_hand, reserved, safety) for sku, on_hand, reserved, safety in rows}


def imbalances(connection: Connection, chain: str) -> list[str]:
    """Where the truth disagrees with its proof: on hand with the ledger's sum, reserved with what orders hold."""
    s, e, r = tables.stock.c, tables.stock_ledger.c, tables.reservations.c
    in_ledger = {
        (store, sku): total
        for store, sku, total in connection.execute(
            select(e.store, e.sku, func.sum(e.delta)).where(e.chain == chain).group_by(e.store, e.sku)
        )
    }
    held = {
        (store, sku): total
        for store, sku, total in connection.execute(
            select(r.store, r.sku, func.sum(r.quantity))
            .where(r.chain == chain, r.state == "held")
            .group_by(r.store, r.sku)
        )
    }
    found = []
    for store, sku, on_hand, reserved in connection.execute(
        select(s.store, s.sku, s.on_hand, s.reserved).where(s.chain == chain).order_by(s.store, s.sku)
    ):
        by_ledger, by_orders = in_ledger.pop((store, sku), 0), held.pop((store, sku), 0)
        if on_hand != by_ledger:
            found.append(f"{store}/{sku}: on hand {on_hand}, by the ledger {by_ledger}")
        if reserved != by_orders:
            found.append(f"{store}/{sku}: reserved {reserved}, held by orders {by_orders}")
    return found + [f"{store}/{sku}: moved or held, but no stock row" for store, sku in sorted(in_ledger | held)]
