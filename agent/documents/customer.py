"""The customer's copy (顾客联), two parts on one paper.

The upper goes into the bag: the sale voucher with what the law wants (facts/compliance.md §4), of the packs that were
really taken. The lower is what rider and neighbours see: whose order it is, and nothing of what is in it.
"""

from collections.abc import Iterator

import msgspec

from agent.documents.content import SlipContent, gather
from agent.documents.frame import bottom, codes, printed, shout, top
from agent.documents.sold import Batch, SoldLine, sold_lines
from agent.slips import Slip
from agent.transactions import Reading
from domain import money, quantity
from domain.money import Fen
from domain.refunds import GRANTED
from domain.templates import Field, SlipTemplates
from domain.times import Millis, shown
from drivers.printers.document import Block, Document, Feed, Pair, Rule, Text

TEAR = Text("- - - 沿此处撕开 - - -", align="center")
"""What is below it is read by strangers."""


class CustomerContent(msgspec.Struct, frozen=True):
    """`sold_at` is when the pick was completed; `refunded` what was given back of the order's total so far."""

    slip: SlipContent
    sold: tuple[SoldLine, ...]
    sold_at: Millis
    refunded: Fen = 0


def gather_customer(reading: Reading, slip: Slip, templates: SlipTemplates) -> CustomerContent:
    row = reading.db.execute("SELECT completed_at FROM picks WHERE order_id = ?", (slip.order_id,)).fetchone()
    granted = reading.db.execute(
        f"SELECT sum(amount) FROM refunds WHERE order_id = ? AND state IN ({', '.join('?' * len(GRANTED))})",
        (slip.order_id, *GRANTED),
    ).fetchone()
    return CustomerContent(
        slip=gather(reading, slip, templates),
        sold=sold_lines(reading, slip.order_id),
        sold_at=row["completed_at"] or reading.now,
        refunded=granted[0] or 0,
    )


def customer_copy(content: CustomerContent) -> Document:
    return Document((*_voucher(content), *_handover(content.slip)))


def _voucher(content: CustomerContent) -> Iterator[Block]:
    slip = content.slip
    yield from top(slip.template, slip.logo)
    yield Text(slip.store_name, height=2, bold=True, align="center")
    yield Text("销售凭证（顾客联）", bold=True, align="center")
    yield Pair("单号", slip.order.shown_id)
    yield Pair("日期", shown(content.sold_at, "%Y-%m-%d %H:%M"))
    yield Rule("=")
    for line in content.sold:
        yield from _sold(slip, line)
    if not content.sold:
        yield Text("没有售出的商品")
    yield Rule("=")
    yield from _sums(content)
    yield from bottom(slip.template)


def _sold(slip: SlipContent, sold: SoldLine) -> Iterator[Block]:
    line, size = sold.line, slip.template.line_size
    gift = "赠品 " if line.gift else ""
    yield Pair(f"{gift}{line.name}", f"×{quantity.shown(sold.quantity)}{line.unit}", height=size)
    yield Text(f"  规格 {line.spec or '—'}", height=size)
    yield Text(f"  厂家 {line.maker or '见包装'}", height=size)
    yield Pair(f"  单价 ￥{money.shown(line.price)}", f"￥{money.shown(sold.amount)}", height=size)
    for batch in sold.batches:
        yield from _batch(batch, f"×{quantity.shown(batch.quantity)}{line.unit}" if len(sold.batches) > 1 else "")
    if slip.template.shows(Field.TRACE_CODES):
        for code in sold.codes:
            yield Text(f"  追溯码 {code}")


def _batch(batch: Batch, count: str) -> Iterator[Pair]:
    """What nobody read is on the pack itself; we print no guess. `count` where the line has several lots."""
    expiry = f"效期 {batch.expiry:%Y-%m-%d}" if batch.expiry is not None else ""
    yield Pair(f"  批号 {batch.lot or '见包装'}", count or expiry)
    if count and expiry:
        yield Pair("", expiry)


def _sums(content: CustomerContent) -> Iterator[Block]:
    yield Pair("商品金额", f"￥{money.shown(sum(line.amount for line in content.sold))}")
    yield Pair("订单金额", f"￥{money.shown(content.slip.order.total)}", bold=True)
    if content.refunded:
        yield Pair("已退款", f"￥{money.shown(-content.refunded)}")


def _handover(slip: SlipContent) -> Iterator[Block]:
    order, template = slip.order, slip.template
    yield Feed()
    yield TEAR
    yield Feed()
    yield shout(slip)
    if order.rider_code:
        yield Text(f"取货码 {order.rider_code}", width=2, height=2, bold=True, align="center")
    if order.promised_at is not None:
        yield Text(f"{'自提' if order.pick_up else '送达'} {shown(order.promised_at)}", height=2, align="center")
    if not template.discreet:
        yield from _open_words(slip)
    yield from codes(slip)
    yield printed(slip.printed_at)


def _open_words(slip: SlipContent) -> Iterator[Block]:
    """Left out where strangers shall not read what kind of shop this is, or what the customer wrote."""
    person, template = slip.person, slip.template
    yield Text(slip.store_name, align="center")
    if person.remark and template.shows(Field.REMARK):
        yield Text(f"备注：{person.remark}")
    if (person.name or person.phone) and template.shows(Field.PERSON):
        yield Pair(f"顾客 {person.name}", person.phone)
