"""Opened packs (拆零): what is left of each, who opened it and when (GSP: facts/compliance.md §4)."""

from datetime import date

import msgspec

from agent.transactions import Reading, Transaction
from domain.picks import Binding
from domain.quantity import Quantity
from domain.times import Millis


class OpenedPack(msgspec.Struct, frozen=True):
    code: str
    sku: str
    remaining: Quantity
    opened_at: Millis
    packer: str
    checker: str
    lot: str | None
    expiry: date | None


def remaining(reading: Reading, code: str) -> Quantity | None:
    """None for a pack that was never opened."""
    row = reading.db.execute("SELECT remaining FROM opened WHERE code = ?", (code,)).fetchone()
    return None if row is None else int(row["remaining"])


def listed(reading: Reading) -> tuple[OpenedPack, ...]:
    """Those with something left, the oldest first."""
    rows = reading.db.execute("SELECT * FROM opened WHERE remaining > 0 ORDER BY opened_at")
    return tuple(msgspec.convert(dict(row), OpenedPack, strict=False) for row in rows)


def take(tx: Transaction, sku: str, whole: Quantity, binding: Binding) -> None:
    """A part leaves; the first one opens the pack."""
    if not binding.opened or binding.code is None:
        return
    expiry = binding.expiry.isoformat() if binding.expiry else None
    tx.db.execute(
        "INSERT INTO opened (code, sku, remaining, opened_at, packer, checker, lot, expiry)"
        " VALUES (?, ?, ?, ?, ?, '', ?, ?) ON CONFLICT DO NOTHING",
        (binding.code, sku, whole, tx.now, binding.staff_id, binding.lot, expiry),
    )
    _change(tx, binding.code, -binding.quantity)


def put_back(tx: Transaction, binding: Binding) -> None:
    """The part goes back into its pack."""
    if binding.opened and binding.code is not None:
        _change(tx, binding.code, binding.quantity)


def checked(tx: Transaction, order_id: str, staff_id: str) -> None:
    """Who checked the order looked at its parts of packs, too."""
    tx.db.execute(
        "UPDATE opened SET checker = ? WHERE checker = '' AND code IN"
        " (SELECT code FROM bindings WHERE order_id = ? AND opened = 1 AND released_at IS NULL)",
        (staff_id, order_id),
    )


def _change(tx: Transaction, code: str, delta: Quantity) -> None:
    tx.db.execute("UPDATE opened SET remaining = remaining + ? WHERE code = ?", (delta, code))
