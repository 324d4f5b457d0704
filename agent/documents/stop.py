"""The stop slip: follows a picking slip whose order is over, so that nobody goes on collecting for it."""

from collections.abc import Iterator

from agent.documents.content import SlipContent
from agent.documents.frame import bottom, printed, shout, top
from domain import quantity
from domain.templates import Field
from drivers.printers.document import Block, Document, Pair, Rule, Text


def stop_slip(content: SlipContent) -> Document:
    return Document((*_head(content), *_body(content)))


def _head(content: SlipContent) -> Iterator[Block]:
    yield Text("停止拣货", width=4, height=4, bold=True, align="center")
    yield shout(content)
    yield from top(content.template, content.logo)
    yield Text("订单已取消", height=2, bold=True, align="center")
    yield Pair("单号", content.order.shown_id)
    yield Rule("=")


def _body(content: SlipContent) -> Iterator[Block]:
    size = content.template.line_size
    if content.taken:
        yield Text("骑手已取走商品，不用放回货架")
    else:
        yield Text("已拿的商品请放回货架：", bold=True)
        for each in content.lines:
            shelf = each.shelf.shelf if content.template.shows(Field.SHELF) else ""
            yield Pair(each.line.name, f"×{quantity.shown(each.line.quantity)}{each.line.unit}", height=size)
            yield Pair(f"  {each.line.spec}", shelf, height=size)
    yield Rule()
    yield from bottom(content.template)
    yield printed(content.printed_at)
