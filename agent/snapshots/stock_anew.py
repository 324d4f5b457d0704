"""The store's stock from a snapshot: headquarters' numbers, and on top what they do not contain."""

from collections.abc import Collection

from agent import contained, redoing, stock
from agent.contained import Heard
from agent.lots import keeping
from agent.redoing import Levels
from agent.transactions import Reading, Topic, Transaction
from domain.events import StockSet


def put(tx: Transaction, told: StockSet) -> None:
    """Takes one level. A lot that is known here keeps the quantity in quarantine that this store has written down; for
    a lot that is not, headquarters' figure counts."""
    rows = tx.db.execute("SELECT lot FROM lots WHERE sku = ?", (told.sku,))
    here = {row["lot"] for row in rows}
    stock.put(tx, told)
    tx.db.executemany(
        "UPDATE lots SET quantity = quantity + ?1, quarantine = ?1 WHERE sku = ?2 AND lot = ?3",
        [(apart, told.sku, lot) for lot, apart in told.quarantine.items() if lot not in here],
    )


def drop_others(tx: Transaction, named: Collection[str]) -> None:
    """Removes the stock of products for which the snapshot has no level."""
    rows = tx.db.execute("SELECT sku FROM stock UNION SELECT sku FROM lots").fetchall()
    for sku in (row["sku"] for row in rows if row["sku"] not in named):
        tx.db.execute("DELETE FROM stock WHERE sku = ?", (sku,))
        keeping.count_anew(tx, sku)
        keeping.drop_others(tx, sku)
    tx.touch(Topic.STOCK)


def levels(reading: Reading) -> Levels:
    """As they are before anything of the snapshot is taken."""
    return {row["sku"]: row["on_hand"] for row in reading.db.execute("SELECT sku, on_hand FROM stock")}


def redo(tx: Transaction, heard: Heard | None, before: Levels) -> None:
    """What lies in quarantine was never taken back."""
    redoing.redo(tx, contained.unheard(tx) if heard is None else contained.missing_in(tx, heard), before)
