"""The refund slip: what was given back, how much, why, and what becomes of the goods."""

from collections.abc import Iterator

import msgspec

from agent import personal
from agent.documents.content import SlipContent, SlipLine, gather
from agent.documents.frame import bottom, printed, shout, top
from agent.errors import NotFound
from agent.personal import MaskedWords
from agent.slips import Slip
from agent.transactions import Reading
from domain import money, quantity
from domain.orders import OrderState, RiderState
from domain.quantity import Quantity
from domain.refunds import Refund
from domain.templates import Field, SlipTemplates
from domain.times import shown
from drivers.printers.document import Block, Document, Pair, Rule, Text

_GONE = (OrderState.HANDED_OVER, OrderState.COMPLETED)


class RefundContent(msgspec.Struct, frozen=True):
    """`gone`: rider or customer have the goods. `begun`: somebody began to collect them."""

    slip: SlipContent
    refund: Refund
    reason: MaskedWords
    gone: bool
    begun: bool

    @property
    def lines(self) -> tuple[tuple[SlipLine, Quantity], ...]:
        """What it is about; a full refund names no lines and means all."""
        if self.refund.full:
            return tuple((each, each.line.quantity) for each in self.slip.lines)
        asked = {line.line_id: line.quantity for line in self.refund.lines}
        return tuple((each, asked[each.line.line_id]) for each in self.slip.lines if each.line.line_id in asked)


def gather_refund(reading: Reading, slip: Slip, templates: SlipTemplates) -> RefundContent:
    """`slip.subject` is the refund's id. Raises NotFound."""
    row = reading.db.execute(
        "SELECT * FROM refunds WHERE order_id = ? AND refund_id = ?", (slip.order_id, slip.subject)
    ).fetchone()
    if row is None:
        raise NotFound(f"没有这笔退款：{slip.subject}")
    pick = reading.db.execute("SELECT started_at FROM picks WHERE order_id = ?", (slip.order_id,)).fetchone()
    content = gather(reading, slip, templates)
    return RefundContent(
        slip=content,
        refund=msgspec.convert({**dict(row), "lines": msgspec.json.decode(row["lines"])}, Refund, strict=False),
        reason=personal.reason(reading, slip.order_id, slip.subject),
        gone=content.taken
        or content.order.state in _GONE
        or content.order.rider in (RiderState.TAKEN, RiderState.DELIVERED),
        begun=pick["started_at"] is not None,
    )


def refund_slip(content: RefundContent) -> Document:
    return Document((*_head(content), *_lines(content), *_foot(content)))


def _head(content: RefundContent) -> Iterator[Block]:
    slip, refund = content.slip, content.refund
    yield from top(slip.template, slip.logo)
    yield Text("退款单", width=2, height=2, bold=True, align="center")
    yield shout(slip)
    if slip.template.shows(Field.STORE):
        yield Text(slip.store_name, align="center")
    yield Pair("单号", slip.order.shown_id)
    yield Pair("申请", shown(refund.asked_at))
    yield Rule("=")


def _lines(content: RefundContent) -> Iterator[Block]:
    yield Text("整单退款" if content.refund.full else "部分退款", bold=True)
    back = not content.gone and content.begun
    for each, count in content.lines:
        shelf = each.shelf.shelf if back and content.slip.template.shows(Field.SHELF) else ""
        size = content.slip.template.line_size
        yield Pair(each.line.name, f"×{quantity.shown(count)}{each.line.unit}", height=size)
        yield Pair(f"  {each.line.spec}", shelf, height=size)
    yield Rule("=")


def _foot(content: RefundContent) -> Iterator[Block]:
    slip = content.slip
    yield Pair("退款金额", f"￥{money.shown(content.refund.amount)}", height=2, bold=True)
    if content.reason.text and slip.template.shows(Field.REASON):
        yield Text(f"原因：{content.reason.text}")
    yield Text(_what_becomes_of_the_goods(content), height=2, bold=True)
    yield from bottom(slip.template)
    yield printed(slip.printed_at)


def _what_becomes_of_the_goods(content: RefundContent) -> str:
    """Drugs that were out of the store are not sold again (facts/compliance.md R13)."""
    if content.gone:
        return "商品已交出。退回的药品单独存放，不得上架再售"
    return "已拿的商品请放回货架" if content.begun else "还没有拣货，不用放回"
