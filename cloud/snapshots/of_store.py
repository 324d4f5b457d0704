"""A store's log as a snapshot: its settings, its stock, and its orders as they read now."""

from collections.abc import Iterator
from datetime import date

from sqlalchemy import select

from cloud import policy, slip_templates, tables
from cloud.people import roster, staff
from cloud.snapshots import of_erp, of_orders, of_set_aside
from cloud.snapshots.rows import AT_ONCE, Row, View
from cloud.statements import AnyRow, Sql
from domain.events import PolicySet, RosterSet, SlipTemplatesSet, StaffSet, StockSet, StoreConfigured
from domain.lots import Lot
from domain.modes import Mode
from domain.orders import AcceptRule
from domain.quantity import Quantity

_STOCK = Sql("SELECT sku, on_hand, shelf FROM stock WHERE chain = ? AND store = ? AND sku > ? ORDER BY sku LIMIT ?")
_LOTS = Sql(
    """SELECT sku, lot, expiry, quantity, produced, month_only, quarantine, shelf FROM lots
    WHERE chain = ? AND store = ? AND sku = ANY(?) ORDER BY sku, expiry, lot"""
)


def fold(view: View, store: str) -> Iterator[Row]:
    """Settings that headquarters did not set are in it as well: an agent may hold one that was set before."""
    yield from _settings(view, store)
    yield from _stock(view, store)
    yield from of_orders.fold(view, store)
    yield from of_erp.fold(view, store)
    yield from of_set_aside.fold(view, store)


def _settings(view: View, store: str) -> Iterator[Row]:
    connection, chain, s = view.connection, view.chain, tables.stores.c
    for row in connection.execute(select(tables.stores).where(s.chain == chain, s.store == store)):
        yield Row(StoreConfigured(row.name, AcceptRule(row.accept), row.lead, Mode(row.mode)))
    yield Row(SlipTemplatesSet(slip_templates.of_chain(connection, chain)))
    yield Row(PolicySet(policy.in_force(connection, chain)))
    yield Row(StaffSet(staff.of_store(connection, chain, store)))
    yield Row(RosterSet(roster.for_store(connection, chain, store, view.now)))


def _stock(view: View, store: str) -> Iterator[Row]:
    after = ""
    while rows := _STOCK.rows(view.connection, view.chain, store, after, AT_ONCE):
        lots = _lots(view, store, [row[0] for row in rows])
        for sku, on_hand, shelf in rows:
            of_sku = lots.get(sku, [])
            apart = {row.lot: row.quarantine for row in of_sku if row.quarantine}
            yield Row(StockSet(sku, on_hand, shelf, tuple(map(_lot, of_sku)), apart))
        after = rows[-1][0]


def _lots(view: View, store: str, skus: list[str]) -> dict[str, list[AnyRow]]:
    found: dict[str, list[AnyRow]] = {}
    for row in _LOTS.named(view.connection, view.chain, store, skus):
        found.setdefault(row.sku, []).append(row)
    return found


def _lot(row: AnyRow) -> Lot:
    sellable: Quantity = row.quantity - row.quarantine
    return Lot(
        lot=row.lot,
        expiry=date.fromisoformat(row.expiry),
        quantity=sellable,
        produced=None if row.produced is None else date.fromisoformat(row.produced),
        month_only=bool(row.month_only),
        shelf=row.shelf,
    )
