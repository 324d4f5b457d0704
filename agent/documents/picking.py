"""The picking slip: read standing, at arm's length, in the hurry before noon (facts/compliance.md §5)."""

from collections.abc import Iterator

from agent.documents.content import SlipContent, SlipLine
from agent.documents.mark import heading
from domain import quantity
from domain.orders import called
from domain.times import shown
from drivers.printers.document import Block, Code128, Document, Feed, Pair, QrCode, Rule, Text

_CELLS_TRIPLED = 10
"""What stands in one line of 58 mm paper at three times its width."""


def picking_slip(content: SlipContent) -> Document:
    return Document((*_head(content), *_lines(content), *_foot(content)))


def _head(content: SlipContent) -> Iterator[Block]:
    order = content.order
    yield from heading(content.mark)
    shout = f"{content.channel_name} {called(order.day_number, order.shown_id)}"
    yield Text(shout, width=3 if _cells(shout) <= _CELLS_TRIPLED else 2, height=3, bold=True, align="center")
    yield Text(" ".join(("拣货单", *_badges(content))), bold=True, align="center")
    yield Text(content.store_name, align="center")
    if content.issue > 1:
        yield Text(f"订单有变更 第{content.issue}次 以本单为准", height=2, bold=True, align="center")
    yield from _warnings(content)
    yield Rule()
    if order.promised_at is not None:
        yield Text(f"{'自提' if order.pick_up else '送达'} {shown(order.promised_at)}", width=2, height=2, bold=True)
    yield Pair("下单", shown(order.placed_at))
    yield Pair("单号", order.shown_id)
    yield Rule("=")


def _cells(text: str) -> int:
    return sum(2 if ord(char) > 0x7F else 1 for char in text)


def _badges(content: SlipContent) -> Iterator[str]:
    if content.order.booked:
        yield "【预约】"
    if content.order.prescription:
        yield "【处方】"
    if content.order.pick_up:
        yield "【自提】"


def _warnings(content: SlipContent) -> Iterator[Block]:
    lines = content.order.lines
    if any(line.short > line.struck and line.wanted for line in lines):
        yield Text("库存不足请核实", width=2, height=2, bold=True, align="center")
    if any(line.sku is None and line.wanted for line in lines):
        yield Text("商品未建档", width=2, height=2, bold=True, align="center")


def _lines(content: SlipContent) -> Iterator[Block]:
    for each in content.lines:
        if each.line.wanted:
            yield from _line(each)
    yield Rule("=")


def _line(each: SlipLine) -> Iterator[Block]:
    line = each.line
    several = line.wanted > quantity.ONE
    marks = "".join(
        mark
        for mark, holds in (
            ("赠品 ", line.gift),
            ("缺货? ", line.short > line.struck),
            ("未建档 ", line.sku is None),
        )
        if holds
    )
    count = f"×{quantity.shown(line.wanted)}{line.unit}"
    yield Pair(f"{marks}{line.name}", count, bold=several, height=2 if several else 1)
    yield Pair(f"  {line.spec}", each.shelf.shelf)
    if each.shelf.lot is not None:
        yield Pair(f"  建议批号 {each.shelf.lot.lot}", f"效期 {each.shelf.lot.expiry:%Y-%m-%d}")


def _foot(content: SlipContent) -> Iterator[Block]:
    wanted = sum(line.wanted for line in content.order.lines)
    yield Pair("合计", f"{quantity.shown(wanted)} 件", bold=True)
    if content.person.remark:
        yield Text(f"备注：{content.person.remark}", bold=True)
    if content.person.name or content.person.phone:
        yield Pair(f"顾客 {content.person.name}", content.person.phone)
    yield Feed()
    yield Code128(content.order.code)
    yield QrCode(content.order.code)
    yield Text(f"打印 {shown(content.printed_at)}", align="center")
