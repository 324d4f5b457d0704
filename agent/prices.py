"""What products cost over the counter, in the cache file: shown, and nothing is decided by it."""

from collections.abc import Iterable

from agent.transactions import Reading, Topic, Transaction
from domain.events import PricePut
from domain.money import Fen


def put(tx: Transaction, told: PricePut) -> None:
    tx.db.execute(
        "INSERT INTO prices (sku, store, fen) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET fen = excluded.fen",
        (told.sku, told.store, told.fen),
    )
    tx.touch(Topic.CATALOGUE)


def clear(tx: Transaction) -> None:
    tx.db.execute("DELETE FROM prices")
    tx.touch(Topic.CATALOGUE)


def of_skus(reading: Reading, store: str, skus: Iterable[str]) -> dict[str, Fen]:
    """The store's own price where it has one, else the chain's."""
    found = {}
    for sku in skus:
        row = reading.db.execute(
            "SELECT fen FROM prices WHERE sku = ? AND store IN (?, '') ORDER BY store DESC LIMIT 1", (sku, store)
        ).fetchone()
        if row is not None:
            found[sku] = int(row["fen"])
    return found
