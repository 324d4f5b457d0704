"""What an order is judged by, and what this store knows of a code: gathered here, decided in `domain.rules`."""

from agent import picks, policy, prescriptions, stock
from agent.catalogue import Lookup
from agent.documents.content import china_day
from agent.picking import chain_codes, code_lots, opened, returns
from agent.picking.codes import level_of, products_of
from agent.transactions import Reading
from domain.codes import PackCode, unique_part
from domain.orders import Order
from domain.rules import Known, Terms


def terms(reading: Reading, order: Order, lookup: Lookup, picker: str = "") -> Terms:
    """`picker`: the colleague who is about to do something with it, where one is known."""
    skus = sorted({line.sku for line in order.lines if line.sku is not None})
    return Terms(
        barred=chain_codes.barred(lookup, picks.codes_in_bag(reading, order.order_id)),
        today=china_day(reading.now),
        policy=policy.in_force(reading),
        products=lookup.of_skus(skus),
        lots={sku: stock.lots_of(reading, sku) for sku in skus},
        recalls=lookup.recalls(skus),
        gate=prescriptions.gate_of(reading, order, picker),
        prescription=order.prescription or any(line.prescription for line in order.lines),
        insured=order.insurance,
    )


def known(reading: Reading, order_id: str, code: PackCode, lookup: Lookup) -> Known:
    products, unique = products_of(reading, code, lookup), unique_part(code)
    if unique is None:
        return Known(products)
    listed = chain_codes.of(reading, unique, lookup)
    return Known(
        products,
        bound_to=picks.bound_to(reading, unique, order_id),
        sold_at=picks.sold_at(reading, unique) or listed.sold_here,
        sold_elsewhere=listed.sold_elsewhere,
        barred=listed.barred,
        level=level_of(code, products),
        returned=returns.came_back(reading, unique),
        lot=code_lots.of_code(reading, unique),
        remaining=opened.remaining(reading, unique),
    )
