"""Goods that came back to a store: kept apart for ever, never sellable again (facts/compliance.md R13)."""

from typing import Any

from cloud import audit, orders, tables
from cloud.agents import Agent
from cloud.erp import writing
from cloud.ledger import Movement
from cloud.statements import Sql, insert
from cloud.stock import Sheet
from cloud.transaction import Transaction
from domain.operations import GoodsReturned
from domain.orders import Order
from domain.picks import Binding

_COLUMNS = (
    "chain", "return_id", "place", "order_id", "line_id", "store", "sku", "code", "quantity", "lot", "expiry",
    "staff_id", "at",
)  # fmt: skip
_RETURNED = insert(tables.returned, *_COLUMNS)
_KNOWN = Sql("SELECT 1 FROM returned WHERE chain = ? AND return_id = ? LIMIT 1")
_SOLD = Sql("SELECT code FROM bindings WHERE chain = ? AND order_id = ? AND code IS NOT NULL")


def goods_returned(tx: Transaction, agent: Agent, fact: GoodsReturned) -> None:
    """Written down, and shown in the stock's ledger as a movement of nothing: on hand is what may be sold. Packs that
    the sale never had are kept too, and audited as such: they lie in the store all the same."""
    order = orders.load_of_store(tx, agent.store, fact.order_id).order
    if is_known(tx, fact.return_id):
        return  # said twice under two keys: one return
    keep(tx, agent, order, fact)
    writing.came_back(tx, order, fact)


def is_known(tx: Transaction, return_id: str) -> bool:
    return bool(_KNOWN.rows(tx.connection, tx.chain, return_id))


def keep(tx: Transaction, agent: Agent, order: Order, fact: GoodsReturned) -> None:
    sku_of = {line.line_id: line.sku for line in order.lines}
    rows = [_row(tx, agent, fact, place, one, sku_of.get(one.line_id)) for place, one in enumerate(fact.bindings)]
    _RETURNED.run(tx.connection, rows)
    skus = [sku for one in fact.bindings if (sku := sku_of.get(one.line_id)) is not None]
    sheet = Sheet.of_facts(tx, agent.store, skus)
    for sku in sorted(set(skus)):
        sheet.move((agent.store, sku), Movement.RETURN, 0, fact.return_id)
    sheet.write()
    audit.append(tx, agent.store, agent.device, "goods.returned", fact.order_id, f"{len(rows)} packs, {fact.return_id}")
    _note_strangers(tx, agent, fact)


def _note_strangers(tx: Transaction, agent: Agent, fact: GoodsReturned) -> None:
    sold = {row[0] for row in _SOLD.rows(tx.connection, tx.chain, fact.order_id)}
    strangers = sorted({one.code for one in fact.bindings if one.code is not None} - sold)
    if strangers:
        audit.append(tx, agent.store, agent.device, "goods.returned_not_sold", fact.order_id, ", ".join(strangers))


def _row(
    tx: Transaction, agent: Agent, fact: GoodsReturned, place: int, one: Binding, sku: str | None
) -> tuple[Any, ...]:
    return (
        tx.chain, fact.return_id, place, fact.order_id, one.line_id, agent.store, sku, one.code, one.quantity, one.lot,
        one.expiry and one.expiry.isoformat(), fact.staff_id, tx.now,
    )  # fmt: skip
