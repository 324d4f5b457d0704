"""The rows of `lots`: how much of each there is, and how much of that may not be sold. A lot is found without regard to
case, as packs are compared, and keeps the spelling it came with."""

from collections.abc import Collection, Iterable
from datetime import date

from agent.transactions import Reading, Topic, Transaction
from domain.lots import Lot, same_lot
from domain.picks import Binding
from domain.quantity import Quantity


def spelled(reading: Reading, sku: str | None, lot: str) -> str | None:
    """As the store knows it; None for a lot it never heard of."""
    rows = reading.db.execute("SELECT lot FROM lots WHERE sku = ? ORDER BY lot", (sku,))
    return next((str(row["lot"]) for row in rows if same_lot(row["lot"], lot)), None)


def know(tx: Transaction, sku: str, lot: Lot) -> str:
    """A lot that is known keeps its days; what was left open is filled, and a blank replaces nothing. Returns its
    spelling."""
    name = spelled(tx, sku, lot.lot)
    if name is None:
        tx.db.execute(
            "INSERT INTO lots (sku, lot, expiry, quantity, produced, month_only, shelf, received_at)"
            " VALUES (?, ?, ?, 0, ?, ?, ?, ?)",
            (sku, lot.lot, lot.expiry.isoformat(), _text(lot.produced), lot.month_only, lot.shelf, tx.now),
        )
        return lot.lot
    tx.db.execute(
        "UPDATE lots SET produced = coalesce(produced, ?), received_at = iif(received_at = 0, ?, received_at),"
        " expiry = iif(month_only AND NOT ?, ?, expiry), month_only = month_only AND ?"
        " WHERE sku = ? AND lot = ?",
        (_text(lot.produced), tx.now, lot.month_only, lot.expiry.isoformat(), lot.month_only, sku, name),
    )
    return name


def shift(tx: Transaction, sku: str | None, lot: str, sellable: Quantity, quarantined: Quantity = 0) -> None:
    """Never below nothing: a lot may be sold that nobody received here."""
    total = sellable + quarantined
    tx.db.execute(
        "UPDATE lots SET quantity = max(quantity + ?, 0), quarantine = max(min(quarantine + ?, quantity + ?), 0)"
        " WHERE sku = ? AND lot = ?",
        (total, quarantined, total, sku, spelled(tx, sku, lot)),
    )
    tx.touch(Topic.STOCK)


def count_anew(tx: Transaction, sku: str) -> None:
    """Somebody is about to say what there is of each lot. What lies in quarantine stays, and comes on top."""
    tx.db.execute("UPDATE lots SET quantity = quarantine WHERE sku = ?", (sku,))
    tx.touch(Topic.STOCK)


def drop_others(tx: Transaction, sku: str, told: Collection[str] = ()) -> None:
    """Whoever counted anew did not speak of them."""
    marks = ", ".join("?" * len(told))
    tx.db.execute(f"DELETE FROM lots WHERE sku = ? AND quarantine = 0 AND lot NOT IN ({marks})", (sku, *told))
    tx.touch(Topic.STOCK)


def take(tx: Transaction, sku: str | None, packs: Iterable[Binding]) -> None:
    """What left in a bag left its lots, where somebody knew them."""
    for each in packs:
        if each.lot is not None:
            shift(tx, sku, each.lot, -each.quantity)


def set_apart(tx: Transaction, sku: str | None, pack: Binding) -> None:
    """A pack that a customer brought back: the store has it, and never sells it (R13)."""
    if sku is not None and pack.lot is not None and pack.expiry is not None:
        name = know(tx, sku, Lot(pack.lot, pack.expiry, 0, month_only=pack.month_only))
        shift(tx, sku, name, 0, pack.quantity)


def _text(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
