"""The lot of one very pack, as receiving, a supplier's bill or the pack itself told it."""

import msgspec

from agent.transactions import Reading, Transaction
from domain.lots import KnownLot, LotSource


def of_code(reading: Reading, code: str) -> KnownLot | None:
    row = reading.db.execute(
        "SELECT lot, source, expiry, produced, month_only FROM code_lots WHERE code = ?", (code,)
    ).fetchone()
    return None if row is None else msgspec.convert(dict(row), KnownLot, strict=False)


def put(tx: Transaction, code: str, sku: str, known: KnownLot) -> None:
    """What was told first stays; a later word fills what it left open and never blanks it (facts/compliance.md §6)."""
    tx.db.execute(
        "INSERT INTO code_lots (code, sku, lot, expiry, produced, month_only, source, at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET"
        " expiry = coalesce(expiry, excluded.expiry), produced = coalesce(produced, excluded.produced)"
        " WHERE lower(lot) = lower(excluded.lot)",
        (
            code,
            sku,
            known.lot,
            known.expiry and known.expiry.isoformat(),
            known.produced and known.produced.isoformat(),
            known.month_only,
            known.source,
            tx.now,
        ),
    )


def unsay(tx: Transaction, code: str) -> None:
    """What a clerk read on a pack goes when that pack is taken out again: a misread lot would outlive every check."""
    tx.db.execute("DELETE FROM code_lots WHERE code = ? AND source = ?", (code, LotSource.CLERK))
