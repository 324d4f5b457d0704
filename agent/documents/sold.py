"""What was really sold: the packs that were bound at picking, line by line, with what is known of each."""

from datetime import date

import msgspec

from agent import picks
from agent.engine import sqlite3
from agent.transactions import Reading
from domain.money import Fen
from domain.orders import OrderLine
from domain.picks import Binding
from domain.quantity import ONE, Quantity


class Batch(msgspec.Struct, frozen=True):
    """Packs of one lot. `lot` is empty where nobody read it: a 20-digit code names none, and a proposal is no fact."""

    lot: str
    expiry: date | None
    quantity: Quantity


class SoldLine(msgspec.Struct, frozen=True):
    line: OrderLine
    quantity: Quantity
    batches: tuple[Batch, ...]
    codes: tuple[str, ...]

    @property
    def amount(self) -> Fen:
        """Of a broken pack, its share, rounded as at the till."""
        return (self.line.price * self.quantity + ONE // 2) // ONE


def sold_lines(reading: Reading, order_id: str) -> tuple[SoldLine, ...]:
    pick = picks.load(reading, order_id)
    made = (_sold(reading, line, [one for one in pick.bindings if one.line_id == line.line_id]) for line in pick.lines)
    return tuple(line for line in made if line.quantity)


def _sold(reading: Reading, line: OrderLine, bindings: list[Binding]) -> SoldLine:
    lots: dict[str, Quantity] = {}
    for binding in bindings:
        lots[binding.lot or ""] = lots.get(binding.lot or "", 0) + binding.quantity
    return SoldLine(
        line=line,
        quantity=sum(lots.values()),
        batches=tuple(Batch(lot, _expiry(reading, line.sku, lot), packs) for lot, packs in lots.items()),
        codes=tuple(binding.code for binding in bindings if binding.code is not None),
    )


def _expiry(reading: Reading, sku: str | None, lot: str) -> date | None:
    """As the store's lots say; Caps Lock turns a scanned lot's case round (facts/compliance.md §3.2)."""
    row: sqlite3.Row | None = reading.db.execute(
        "SELECT min(expiry) AS expiry FROM lots WHERE sku = ? AND lower(lot) = lower(?)", (sku, lot)
    ).fetchone()
    return None if row is None or row["expiry"] is None else date.fromisoformat(row["expiry"])
