"""The picking slip: read standing, at arm's length, in the hurry before noon (facts/compliance.md §5)."""

from collections.abc import Iterator

from agent.documents.content import SlipContent, SlipLine
from agent.documents.frame import bottom, codes, printed, shout, top
from domain import quantity
from domain.templates import Field
from domain.times import shown
from drivers.printers.document import Block, Document, Pair, Rule, Text


def picking_slip(content: SlipContent) -> Document:
    return Document((*_head(content), *_lines(content), *_foot(content)))


def _head(content: SlipContent) -> Iterator[Block]:
    order, template = content.order, content.template
    if not template.discreet:
        yield from top(template, content.logo)
    yield shout(content)
    yield Text(" ".join(("拣货单", *_badges(content))), bold=True, align="center")
    if template.shows(Field.STORE) and not template.discreet:
        yield Text(content.store_name, align="center")
    if content.issue > 1:
        yield Text(f"订单有变更 第{content.issue}次 以本单为准", height=2, bold=True, align="center")
    yield from _warnings(content)
    yield Rule()
    if order.promised_at is not None:
        yield Text(f"{'自提' if order.pick_up else '送达'} {shown(order.promised_at)}", width=2, height=2, bold=True)
    if template.shows(Field.PLACED):
        yield Pair("下单", shown(order.placed_at))
    yield Pair("单号", order.shown_id)
    yield Rule("=")


def _badges(content: SlipContent) -> Iterator[str]:
    if content.order.booked:
        yield "【预约】"
    if content.order.prescription and not content.template.discreet:
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
            yield from _line(content, each)
    yield Rule("=")


def _line(content: SlipContent, each: SlipLine) -> Iterator[Block]:
    line, template = each.line, content.template
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
    yield Pair(f"{marks}{line.name}", count, bold=several, height=2 if several else template.line_size)
    shelf = each.shelf.shelf if template.shows(Field.SHELF) else ""
    yield Pair(f"  {line.spec}", shelf, height=template.line_size)
    if each.shelf.lot is not None and template.shows(Field.SUGGESTED_LOT):
        yield Pair(f"  建议批号 {each.shelf.lot.lot}", f"至 {each.shelf.lot.expiry:%Y-%m-%d}")


def _foot(content: SlipContent) -> Iterator[Block]:
    person, template = content.person, content.template
    wanted = sum(line.wanted for line in content.order.lines)
    yield Pair("合计", f"{quantity.shown(wanted)} 件", bold=True)
    if person.remark and template.shows(Field.REMARK):
        yield Text(f"备注：{person.remark}", bold=True)
    if (person.name or person.phone) and template.shows(Field.PERSON):
        yield Pair(f"顾客 {person.name}", person.phone)
    yield from codes(content)
    yield from bottom(template)
    yield printed(content.printed_at)
