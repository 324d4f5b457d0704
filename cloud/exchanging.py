"""Packs of an order given for others that came back (换货): these go into quarantine for ever, those are sold."""

from collections import defaultdict

from cloud import audit, exceptions, facts, lots, orders, returning
from cloud.agents import Agent
from cloud.codes import news as code_news
from cloud.erp import writing
from cloud.facts import settle_losses
from cloud.ledger import Movement
from cloud.statements import Sql
from cloud.stock import Sheet
from cloud.transaction import Transaction
from domain.exceptions import ExceptionKind
from domain.operations import GoodsExchanged, GoodsReturned
from domain.orders import Order
from domain.quantity import Quantity

_LAST_PLACE = Sql("SELECT coalesce(max(place), -1) FROM bindings WHERE chain = ? AND order_id = ?")


def goods_exchanged(tx: Transaction, agent: Agent, fact: GoodsExchanged) -> None:
    """The given packs are the order's from now on: a recall finds them, and no other order may have them."""
    order = orders.load_of_store(tx, agent.store, fact.order_id).order
    if returning.is_known(tx, fact.exchange_id):
        return  # said twice under two keys: one exchange
    returning.keep(tx, agent, order, GoodsReturned(fact.order_id, fact.exchange_id, fact.back, fact.staff_id))
    _bind(tx, agent, fact)
    _take_from_shelf(tx, agent, order, fact)
    code_news.put(tx, [one.code for one in fact.given if not one.opened])
    writing.exchanged(tx, order, fact)
    said = f"{len(fact.given)} packs given, {fact.exchange_id}"
    audit.append(tx, agent.store, agent.device, "goods.exchanged", fact.order_id, said)


def _bind(tx: Transaction, agent: Agent, fact: GoodsExchanged) -> None:
    twice = facts.sold_twice(tx, fact.order_id, fact.given)
    ((last,),) = _LAST_PLACE.rows(tx.connection, tx.chain, fact.order_id)
    rows = [
        facts.binding_row(tx, fact.order_id, place, one, agent.store, None)
        for place, one in enumerate(fact.given, start=last + 1)
    ]
    facts.BINDING.run(tx.connection, rows)
    if twice:
        lines = {one.line_id for one in fact.given if one.code in twice}
        exceptions.open_or_widen(tx, agent.store, fact.order_id, ExceptionKind.CODE_SOLD_TWICE, lines)


def _take_from_shelf(tx: Transaction, agent: Agent, order: Order, fact: GoodsExchanged) -> None:
    sku_of = {line.line_id: line.sku for line in order.lines}
    given: dict[str, Quantity] = defaultdict(int)
    for one in fact.given:
        sku = sku_of.get(one.line_id)
        if sku is not None:
            given[sku] += one.quantity
    sheet = Sheet.of_facts(tx, agent.store, given)
    for sku, quantity in given.items():
        sheet.move((agent.store, sku), Movement.PICK, -quantity, fact.exchange_id)
    settle_losses(tx, agent.store, sheet, [(agent.store, sku) for sku in given])
    lots.take(tx, agent.store, sku_of, fact.given)
