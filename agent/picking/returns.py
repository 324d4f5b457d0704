"""Packs that a customer brought back: only what that order sold, into quarantine, never to be sold again (R13)."""

import logging

from agent import orders, outbox, picks, trail
from agent.catalogue import Lookup
from agent.erp import writing
from agent.errors import NotNow
from agent.lots import keeping
from agent.picking.codes import products_of, understood
from agent.transactions import Reading, Topic, Transaction
from domain.codes import PackCode, unique_part
from domain.ids import uuid7
from domain.operations import GoodsReturned
from domain.picks import Binding, Pick
from domain.rules import VERSION, Verdict, may_return
from domain.rules.returning import matching
from domain.staff import Actor
from domain.trail import StepKind

log = logging.getLogger(__name__)


def came_back(reading: Reading, code: str) -> bool:
    return reading.db.execute("SELECT 1 FROM returns WHERE code = ?", (code,)).fetchone() is not None


def of_order(reading: Reading, order_id: str) -> frozenset[int]:
    """The places in the order's bag of what came back."""
    rows = reading.db.execute("SELECT place FROM returns WHERE order_id = ?", (order_id,))
    return frozenset(row["place"] for row in rows)


def take_back(tx: Transaction, order_id: str, text: str, actor: Actor, lookup: Lookup) -> Verdict:
    """One pack, scanned. A refusal changes nothing and is recorded."""
    orders.get(tx, order_id)
    code = understood(tx, text, actor.station, lookup)
    if not isinstance(code, PackCode):
        raise NotNow("请扫描退回药品的追溯码或商品条码")
    sale, gone = picks.load(tx, order_id), of_order(tx, order_id)
    products = products_of(tx, code, lookup)
    verdict = may_return(sale, code, products, gone)
    if verdict.good:
        place = next(place for place in matching(sale, code, products) if place not in gone)
        _write_down(tx, sale, place, actor)
    else:
        trail.record(
            tx, order_id, StepKind.RETURNED, actor, rules=VERSION, rule=verdict.rule, code=unique_part(code) or ""
        )
    return verdict


def _write_down(tx: Transaction, sale: Pick, place: int, actor: Actor) -> None:
    binding: Binding = sale.bindings[place]
    return_id = uuid7(tx.now, tx.randomness)
    set_apart(tx, sale, place, return_id)
    outbox.put(tx, GoodsReturned(sale.order_id, return_id, (binding,), actor.staff_id), sale.order_id)
    writing.came_back(tx, orders.get(tx, sale.order_id), return_id, binding, actor.staff_id)
    trail.record(
        tx, sale.order_id, StepKind.RETURNED, actor, rules=VERSION, rule="R13", return_id=return_id,
        line_id=binding.line_id, code=binding.code or "", lot=binding.lot or "",
    )  # fmt: skip
    tx.touch(Topic.ORDERS, Topic.STOCK)
    tx.note(log, "a pack of order %s came back into quarantine", sale.order_id, order=sale.order_id)


def set_apart(tx: Transaction, sale: Pick, place: int, return_id: str) -> None:
    """That pack of its bag lies in quarantine from now on."""
    binding = sale.bindings[place]
    tx.db.execute(
        "INSERT INTO returns (return_id, order_id, place, code, line_id, quantity, at) VALUES (?, ?, ?, ?, ?, ?, ?)",
        (return_id, sale.order_id, place, binding.code, binding.line_id, binding.quantity, tx.now),
    )
    keeping.set_apart(tx, sku_of(sale, binding), binding)


def sku_of(sale: Pick, binding: Binding) -> str | None:
    return next((line.sku for line in sale.lines if line.line_id == binding.line_id), None)
