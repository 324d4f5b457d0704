"""One order in full, as its page and the picking page show it."""

import msgspec

from agent import orders, personal, picks, settling, slips, stock
from agent.board import Card, card
from agent.documents.content import china_day
from agent.engine import sqlite3
from agent.personal import MaskedPerson, MaskedRecipient
from agent.picking import returns
from agent.slips import Slip
from agent.stock import Shelf
from agent.transactions import Reading
from domain.exceptions import OrderException
from domain.orders import Order, OrderLine
from domain.picks import Binding, Entry, Pick
from domain.quantity import ONE, Quantity
from domain.refunds import Refund
from domain.times import Millis

TAIL = 6
"""Digits by which a clerk tells one pack's code from the next."""
_MOST_EMPTY = 30
"""A line of hundreds shows so many empty places; its count says the rest."""


class Slot(msgspec.Struct, frozen=True):
    """A place for one pack on its line. `tail` is the end of its code; a pack known by its barcode has none."""

    full: bool
    tail: str = ""
    entry: Entry = Entry.SCANNED
    lot: str | None = None


class LineView(msgspec.Struct, frozen=True):
    """`settle` says that a person must still say what becomes of it."""

    line: OrderLine
    shelf: Shelf
    picked: Quantity
    missing: Quantity
    settle: bool
    slots: tuple[Slot, ...]


class RefundView(msgspec.Struct, frozen=True):
    """`answer` is the clerk's, on its way: agree, refuse or nothing yet."""

    refund: Refund
    reason: str
    answer: str | None


class ExceptionView(msgspec.Struct, frozen=True):
    exception: OrderException
    choice: str | None
    closed_at: Millis | None


class ScanView(msgspec.Struct, frozen=True):
    scan_id: int
    judged_at: Millis
    device: str
    rule: str
    sentence: str
    line_id: int | None


class OrderView(msgspec.Struct, frozen=True):
    card: Card
    code: str
    total: int
    person: MaskedRecipient
    rider: MaskedPerson
    lines: tuple[LineView, ...]
    surplus: dict[int, Quantity]
    """Packs to put back, by line."""
    slips: tuple[Slip, ...]
    refunds: tuple[RefundView, ...]
    exceptions: tuple[ExceptionView, ...]
    scans: tuple[ScanView, ...]
    """The newest first."""


def order_view(reading: Reading, order_id: str) -> OrderView:
    """Raises NotFound."""
    order = orders.get(reading, order_id)
    pick = picks.load(reading, order_id)
    row = reading.db.execute("SELECT * FROM orders WHERE order_id = ?", (order_id,)).fetchone()
    return OrderView(
        card=card(reading, row),
        code=order.code,
        total=order.total,
        person=personal.recipient(reading, order_id),
        rider=personal.rider(reading, order_id),
        lines=_lines(reading, order, pick),
        surplus=_kept(pick, returns.of_order(reading, order_id)).surplus(),
        slips=slips.of_order(reading, order_id),
        refunds=_refunds(reading, order_id),
        exceptions=_exceptions(reading, order_id),
        scans=_scans(reading, order_id),
    )


def _kept(pick: Pick, returned: frozenset[int]) -> Pick:
    """Without what the customer brought back: that lies in quarantine, and goes on no shelf."""
    kept = tuple(one for place, one in enumerate(pick.bindings) if place not in returned)
    return msgspec.structs.replace(pick, bindings=kept)


def _lines(reading: Reading, order: Order, pick: Pick) -> tuple[LineView, ...]:
    today = china_day(reading.now)
    return tuple(
        LineView(
            line=line,
            shelf=stock.shelf_of(reading, line.sku, today),
            picked=pick.picked(line.line_id),
            missing=pick.missing(line),
            settle=settling.needed(reading, order.order_id, line),
            slots=_slots(pick, line),
        )
        for line in order.lines
    )


def _slots(pick: Pick, line: OrderLine) -> tuple[Slot, ...]:
    full = [_slot(binding) for binding in pick.bindings if binding.line_id == line.line_id]
    empty = -(-pick.missing(line) // ONE)
    return (*full, *(Slot(False) for _ in range(min(empty, _MOST_EMPTY))))


def _slot(binding: Binding) -> Slot:
    return Slot(True, (binding.code or "")[-TAIL:], binding.entry, binding.lot)


def _refunds(reading: Reading, order_id: str) -> tuple[RefundView, ...]:
    rows = reading.db.execute("SELECT * FROM refunds WHERE order_id = ? ORDER BY asked_at", (order_id,)).fetchall()
    return tuple(
        RefundView(
            msgspec.convert({**dict(row), "lines": msgspec.json.decode(row["lines"])}, Refund, strict=False),
            personal.reason(reading, order_id, row["refund_id"]).text,
            row["answer"],
        )
        for row in rows
    )


def _exceptions(reading: Reading, order_id: str) -> tuple[ExceptionView, ...]:
    rows = reading.db.execute("SELECT * FROM exceptions WHERE order_id = ? ORDER BY opened_at", (order_id,)).fetchall()
    return tuple(
        ExceptionView(msgspec.convert({**dict(row), **_json(row)}, OrderException), row["choice"], row["closed_at"])
        for row in rows
    )


def _json(row: sqlite3.Row) -> dict[str, object]:
    return {name: msgspec.json.decode(row[name]) for name in ("lines", "choices")}


def _scans(reading: Reading, order_id: str) -> tuple[ScanView, ...]:
    rows = reading.db.execute(
        "SELECT scan_id, judged_at, device, rule, sentence, line_id FROM scans WHERE order_id = ?"
        " ORDER BY scan_id DESC LIMIT 20",
        (order_id,),
    )
    return tuple(msgspec.convert(dict(row), ScanView) for row in rows)
