"""What the slip of an order may show, gathered in one reading. Nothing unmasked about a person fits into it."""

from datetime import date

import msgspec

from agent import names, orders, stock, store
from agent.personal import MaskedRecipient, recipient
from agent.slips import Slip
from agent.stock import Shelf
from agent.transactions import Reading
from domain.orders import Order, OrderLine
from domain.templates import SlipTemplate, SlipTemplates
from domain.times import CHINA, Millis, to_datetime


class SlipLine(msgspec.Struct, frozen=True):
    line: OrderLine
    shelf: Shelf


class SlipContent(msgspec.Struct, frozen=True):
    """`revision` is the order's when this was read. `issue` above 1 means an earlier slip is out of date."""

    order: Order
    channel_name: str
    store_name: str
    issue: int
    revision: int
    printed_at: Millis
    person: MaskedRecipient
    lines: tuple[SlipLine, ...]
    taken: bool = False
    """The order was cancelled when the rider had the goods already."""
    template: SlipTemplate = SlipTemplate()
    logo: bytes = b""
    """A PNG, where the template wants one."""


def gather(reading: Reading, slip: Slip, templates: SlipTemplates) -> SlipContent:
    order = orders.get(reading, slip.order_id)
    row = reading.db.execute("SELECT revision, taken FROM orders WHERE order_id = ?", (slip.order_id,)).fetchone()
    template = templates.of(slip.kind)
    return SlipContent(
        order=order,
        channel_name=names.channel(order),
        store_name=store.identity(reading).name,
        issue=slip.issue,
        revision=row["revision"],
        printed_at=reading.now,
        person=recipient(reading, slip.order_id),
        lines=lines(reading, order),
        taken=bool(row["taken"]),
        template=template,
        logo=templates.logo if template.logo else b"",
    )


def lines(reading: Reading, order: Order) -> tuple[SlipLine, ...]:
    """In the order of the shelves, so that one walk collects them; what lies nowhere known comes last."""
    today = china_day(reading.now)
    found = [SlipLine(line, stock.shelf_of(reading, line.sku, today)) for line in order.lines]
    return tuple(sorted(found, key=lambda each: (each.shelf.shelf == "", each.shelf.shelf, each.line.line_id)))


def china_day(at: Millis) -> date:
    return to_datetime(at).astimezone(CHINA).date()
