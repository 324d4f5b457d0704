"""What several slips have in common: the chain's own words around them, what riders shout, the order's codes."""

from collections.abc import Iterator

from agent.documents.content import SlipContent
from domain.orders import called
from domain.templates import Field, SlipTemplate
from domain.times import Millis, shown
from drivers.printers.charset import cells
from drivers.printers.document import Block, Code128, Feed, Picture, QrCode, Text

_NARROWEST = 32
"""Cells of a line on 58 mm paper."""


def top(template: SlipTemplate, logo: bytes) -> Iterator[Block]:
    if logo:
        yield Picture(logo)
    if template.header:
        yield Text(template.header, align="center")


def bottom(template: SlipTemplate) -> Iterator[Block]:
    if template.footer:
        yield Text(template.footer, align="center")


def shout(content: SlipContent) -> Text:
    """美团 #12, as wide as one line of the narrowest paper allows."""
    order, size = content.order, content.template.number_size
    words = f"{content.channel_name} {called(order.day_number, order.shown_id)}"
    width = min(size, max(_NARROWEST // cells(words), 2))
    return Text(words, width=width, height=size, bold=True, align="center")


def codes(content: SlipContent) -> Iterator[Block]:
    """The opaque order code: scanning it opens the order, and proves that the slip printed."""
    bars, qr = content.template.shows(Field.BARS), content.template.shows(Field.QR)
    if bars or qr:
        yield Feed()
    if bars:
        yield Code128(content.order.code)
    if qr:
        yield QrCode(content.order.code)


def printed(at: Millis) -> Text:
    return Text(f"打印 {shown(at)}", align="center")
