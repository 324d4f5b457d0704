"""Packs exchanged (换货): the first scan says which pack of the order came back, the second which is given for it. Only
the second does anything, in one act: that goes into quarantine, this is sold, and the ERP gets one document."""

import logging

import msgspec

from agent import orders, outbox, picks, stock, trail
from agent.catalogue import Lookup
from agent.erp import writing
from agent.errors import NotNow
from agent.lots import keeping
from agent.picking import code_lots, returns
from agent.picking.codes import products_of, understood
from agent.picking.terms import known, terms
from agent.transactions import Topic, Transaction
from domain.codes import PackCode, unique_part
from domain.ids import uuid7
from domain.lots import KnownLot
from domain.operations import GoodsExchanged
from domain.orders import Order
from domain.picks import Binding, Pick, PickState
from domain.rules import VERSION, Case, Verdict, judge, may_return, take
from domain.rules.returning import matching
from domain.staff import Actor
from domain.times import MINUTE, Millis
from domain.trail import StepKind

log = logging.getLogger(__name__)

PATIENCE: Millis = 10 * MINUTE
"""Somebody who scanned the pack that came back and nothing else has gone away."""
_NEXT = "，请扫描换给顾客的药盒"
_NEXT_IN_ENGLISH = "; now scan the pack that the customer gets for it"


def scan(tx: Transaction, order_id: str, text: str, actor: Actor, lookup: Lookup) -> Verdict:
    """A refusal changes nothing and is recorded."""
    order = orders.get(tx, order_id)
    code = understood(tx, text, actor.station, lookup)
    if not isinstance(code, PackCode):
        raise NotNow("请扫描药品的追溯码或商品条码")
    sale = picks.load(tx, order_id)
    place = _begun(tx, order_id)
    if place is None:
        verdict = _begin(tx, sale, code, lookup)
    else:
        verdict = _complete(tx, order, sale, place, code, actor, lookup)
    if not verdict.good:
        trail.record(
            tx, order_id, StepKind.RETURNED, actor, rules=VERSION, rule=verdict.rule, code=unique_part(code) or ""
        )
    return verdict


def drop(tx: Transaction, order_id: str) -> None:
    """Nothing is exchanged after all."""
    tx.db.execute("DELETE FROM exchanging WHERE order_id = ?", (order_id,))


def _begun(tx: Transaction, order_id: str) -> int | None:
    row = tx.db.execute(
        "SELECT place FROM exchanging WHERE order_id = ? AND at > ?", (order_id, tx.now - PATIENCE)
    ).fetchone()
    return None if row is None else int(row["place"])


def _begin(tx: Transaction, sale: Pick, code: PackCode, lookup: Lookup) -> Verdict:
    gone, products = returns.of_order(tx, sale.order_id), products_of(tx, code, lookup)
    verdict = may_return(sale, code, products, gone)
    if not verdict.good:
        return verdict
    place = next(place for place in matching(sale, code, products) if place not in gone)
    tx.db.execute(
        "INSERT INTO exchanging (order_id, place, at) VALUES (?, ?, ?)"
        " ON CONFLICT DO UPDATE SET place = excluded.place, at = excluded.at",
        (sale.order_id, place, tx.now),
    )
    return msgspec.structs.replace(
        verdict, sentence=verdict.sentence + _NEXT, english=verdict.english + _NEXT_IN_ENGLISH
    )


def _complete(
    tx: Transaction, order: Order, sale: Pick, place: int, code: PackCode, actor: Actor, lookup: Lookup
) -> Verdict:
    case = Case(
        _as_if_picking(sale, {place, *returns.of_order(tx, sale.order_id)}, place),
        code, known(tx, sale.order_id, code, lookup), terms(tx, order, lookup, actor.staff_id),
    )  # fmt: skip
    verdict = judge(case)
    if verdict.good:
        _exchange(tx, sale, place, take(case, verdict, actor.staff_id).bindings[-1], actor)
    return verdict


def _as_if_picking(sale: Pick, gone: set[int], place: int) -> Pick:
    """With that pack out of the bag again, its line wants one: what fills it is judged as at picking. Other lines of
    the order are not filled by the way."""
    line_id = sale.bindings[place].line_id
    lines = tuple(line for line in sale.lines if line.line_id == line_id)
    left = tuple(one for at, one in enumerate(sale.bindings) if at not in gone and one.line_id == line_id)
    return msgspec.structs.replace(sale, state=PickState.PICKING, lines=lines, bindings=left)


def _exchange(tx: Transaction, sale: Pick, place: int, given: Binding, actor: Actor) -> None:
    order, back, exchange_id = orders.get(tx, sale.order_id), sale.bindings[place], uuid7(tx.now, tx.randomness)
    sku = returns.sku_of(sale, given)
    drop(tx, sale.order_id)
    returns.set_apart(tx, sale, place, exchange_id)
    picks.bind(tx, sale.order_id, given, scan_id=None)
    picks.sell(tx, msgspec.structs.replace(sale, bindings=(given,)))
    stock.take(tx, sku, given.quantity)
    keeping.take(tx, sku, (given,))
    if given.code is not None and given.lot is not None and given.lot_source is not None and sku is not None:
        lot = KnownLot(given.lot, given.lot_source, given.expiry, None, given.month_only)
        code_lots.put(tx, given.code, sku, lot)
    fact = GoodsExchanged(sale.order_id, exchange_id, (back,), (given,), actor.staff_id)
    outbox.put(tx, fact, sale.order_id)
    writing.exchanged(tx, order, fact)
    for pack, what in ((back, "back"), (given, "given")):
        trail.record(
            tx, sale.order_id, StepKind.RETURNED, actor, rules=VERSION, rule="R13", exchange_id=exchange_id, way=what,
            line_id=pack.line_id, code=pack.code or "", lot=pack.lot or "",
        )  # fmt: skip
    tx.touch(Topic.ORDERS, Topic.STOCK)
    tx.note(log, "a pack of order %s was exchanged", sale.order_id, order=sale.order_id)
