"""The stop slip: follows a picking slip whose order is over, so that nobody goes on collecting for it."""

from collections.abc import Iterator

from agent.documents.content import SlipContent
from agent.documents.mark import heading
from domain import quantity
from domain.orders import called
from domain.times import shown
from drivers.printers.document import Block, Document, Pair, Rule, Text


def stop_slip(content: SlipContent) -> Document:
    return Document((*_head(content), *_body(content)))


def _head(content: SlipContent) -> Iterator[Block]:
    yield from heading(content.mark)
    yield Text("停止拣货", width=2, height=2, bold=True, align="center")
    number = called(content.order.day_number, content.order.shown_id)
    yield Text(f"{content.channel_name} {number}", width=2, height=3, bold=True, align="center")
    yield Text("订单已取消", height=2, bold=True, align="center")
    yield Pair("单号", content.order.shown_id)
    yield Rule("=")


def _body(content: SlipContent) -> Iterator[Block]:
    if content.taken:
        yield Text("骑手已取走商品，不用放回货架")
    else:
        yield Text("已拿的商品请放回货架：", bold=True)
        for each in content.lines:
            yield Pair(each.line.name, f"×{quantity.shown(each.line.quantity)}{each.line.unit}")
            yield Pair(f"  {each.line.spec}", each.shelf.shelf)
    yield Rule()
    yield Text(f"打印 {shown(content.printed_at)}", align="center")
