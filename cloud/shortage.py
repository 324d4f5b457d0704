"""The picker found less than a line wants: less of it, another product, or the whole order back. What may not be is
refused in the rule's own words."""

import msgspec
from sqlalchemy import select

from cloud import audit, calls, exceptions, orders, placing, policy, reservations, tables
from cloud.agents import Agent
from cloud.channels.base import Call, CallKind, RefundedLine
from cloud.orders import Known
from cloud.prescriptions import beginning
from cloud.requests import Refused, refuse_in_shadow
from cloud.transaction import Transaction
from domain.events import OrderChanged
from domain.operations import ReportShort, ShortChoice
from domain.orders import OPEN, Order, OrderLine
from domain.prescriptions import NOBODY_HERE, REFUSED_HERE
from domain.products import Product
from domain.quantity import shown
from domain.rules import Terms, may_substitute
from domain.times import CHINA, to_datetime

WHY = "缺货"
"""What the customer reads, unless a prescription is the cause: never what somebody typed."""
_product = msgspec.json.Decoder(Product)


def report_short(tx: Transaction, agent: Agent, asked: ReportShort) -> None:
    known = orders.load_of_store(tx, agent.store, asked.order_id)
    line = _line(known, asked)
    refuse_in_shadow(tx, known.order.store)
    match asked.choice:
        case ShortChoice.PART_REFUND:
            refunded = (RefundedLine(line.channel_sku, asked.missing),)
            _tell_channel(tx, known, Call(CallKind.PART_REFUND, known.shop, _theirs(known), lines=refunded, reason=WHY))
        case ShortChoice.GIVE_BACK:
            why = asked.reason if asked.reason in (REFUSED_HERE, NOBODY_HERE) else WHY
            _tell_channel(tx, known, Call(CallKind.CANCEL, known.shop, _theirs(known), reason=why))
        case ShortChoice.SUBSTITUTE:
            _substitute(tx, known, line, asked)
    said = f"line {asked.line_id}: {shown(asked.missing)} missing, {asked.choice} {asked.substitute}".strip()
    audit.append(tx, agent.store, agent.device, "order.short", asked.order_id, said)


def _line(known: Known, asked: ReportShort) -> OrderLine:
    order = known.order
    if order.state not in OPEN or known.picked_at is not None:
        raise Refused(f"订单已拣完或已结束 / the order is {order.state}")
    line = next((line for line in order.lines if line.line_id == asked.line_id), None)
    if line is None:
        raise Refused("没有这个商品 / there is no such line")
    if not 0 < asked.missing <= line.wanted:
        raise Refused(f"缺货数量不对，最多 {shown(line.wanted)} / at most that many can be missing")
    return line


def _tell_channel(tx: Transaction, known: Known, call: Call) -> None:
    calls.enqueue(tx, known.order.store, known.order.channel, call, known.order.order_id)


def _theirs(known: Known) -> str:
    return known.order.channel_order_id


def _substitute(tx: Transaction, known: Known, line: OrderLine, asked: ReportShort) -> None:
    """The whole line becomes another product: promised anew, told to the store, and looked at again by a pharmacist
    where an approval was about the old one."""
    if asked.missing != line.wanted:
        raise Refused("换品须整行替换，部分缺货请部分退款 / a line is substituted whole")
    wanted = _products(tx, [sku for sku in (line.sku, asked.substitute) if sku is not None])
    instead = wanted.get(asked.substitute)
    if instead is None:
        raise Refused("没有这个替换商品 / there is no such product")
    if found := may_substitute(line, instead, _terms(tx, known.order, wanted)):
        raise Refused(f"{found[0].sentence} / {found[0].english}")
    _change(tx, known, line, instead)


def _terms(tx: Transaction, order: Order, products: dict[str, Product]) -> Terms:
    return Terms(
        today=to_datetime(tx.now).astimezone(CHINA).date(),
        policy=policy.in_force(tx.connection, tx.chain),
        products=products,
        prescription=order.prescription,
        insured=order.insurance,
    )


def _change(tx: Transaction, known: Known, line: OrderLine, instead: Product) -> None:
    order = known.order
    new = msgspec.structs.replace(
        line,
        sku=instead.sku,
        name=instead.name,
        spec=instead.spec,
        unit=instead.unit,
        maker=instead.maker,
        prescription=instead.prescription,
        instead_of=line.instead_of or line.sku or "",
    )
    lines = tuple(new if each.line_id == line.line_id else each for each in order.lines)
    of_lines = tables.order_lines.c
    tx.connection.execute(
        tables.order_lines.delete().where(of_lines.chain == tx.chain, of_lines.order_id == order.order_id)
    )
    placing.write_lines(tx, order.order_id, lines)
    lines = reservations.adjust(tx, order, lines, growing=[line.line_id])
    needs = order.prescription or instead.prescription
    orders.put(tx, order.order_id, prescription=int(needs))
    changed = msgspec.structs.replace(order, lines=lines, prescription=needs)
    orders.tell(tx, known, OrderChanged(changed))
    after = msgspec.structs.replace(known, order=changed)
    exceptions.review(tx, after)
    placing.doubt(tx, changed)
    beginning.follow(tx, after, None)


def _products(tx: Transaction, skus: list[str]) -> dict[str, Product]:
    p = tables.products.c
    rows = tx.connection.execute(select(p.sku, p.body).where(p.chain == tx.chain, p.sku.in_(skus)))
    return {sku: _product.decode(body) for sku, body in rows}
