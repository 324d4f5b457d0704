"""What a manager looks at: packs that went without a readable code, what is still to be put back, what lies in
quarantine."""

import msgspec

from agent.board import Card, card
from agent.picking import putting_back, waiving
from agent.picking.waiving import WaiverCounts
from agent.staff import colleagues
from agent.transactions import Reading
from domain.quantity import Quantity
from domain.times import Millis


class Returned(msgspec.Struct, frozen=True):
    """A pack that a customer brought back: never to be sold again (R13)."""

    order_id: str
    name: str
    code: str
    quantity: Quantity
    at: Millis


class Quarantined(msgspec.Struct, frozen=True):
    """So much of a lot may not be sold."""

    sku: str
    lot: str
    expiry: str
    quantity: Quantity


class Overview(msgspec.Struct, frozen=True):
    """`names` of the colleagues, by their ids."""

    waivers: WaiverCounts
    names: dict[str, str]
    to_put_back: tuple[Card, ...]
    returned: tuple[Returned, ...]
    quarantined: tuple[Quarantined, ...]


def overview(reading: Reading) -> Overview:
    return Overview(
        waivers=waiving.counts(reading),
        names={staff.staff_id: staff.name for staff in colleagues.everybody(reading)},
        to_put_back=tuple(_card(reading, order_id) for order_id in putting_back.orders_waiting(reading)),
        returned=_returned(reading),
        quarantined=_quarantined(reading),
    )


def _card(reading: Reading, order_id: str) -> Card:
    return card(reading, reading.db.execute("SELECT * FROM orders WHERE order_id = ?", (order_id,)).fetchone())


def _returned(reading: Reading) -> tuple[Returned, ...]:
    rows = reading.db.execute(
        "SELECT returns.order_id, name, coalesce(code, '') AS code, returns.quantity, at"
        " FROM returns JOIN lines USING (order_id, line_id) WHERE at > ? ORDER BY at DESC LIMIT 100",
        (reading.now - waiving.LOOKED_BACK,),
    )
    return tuple(msgspec.convert(dict(row), Returned) for row in rows)


def _quarantined(reading: Reading) -> tuple[Quarantined, ...]:
    rows = reading.db.execute(
        "SELECT sku, lot, expiry, quarantine AS quantity FROM lots WHERE quarantine > 0 ORDER BY sku, expiry"
    )
    return tuple(msgspec.convert(dict(row), Quarantined) for row in rows)
