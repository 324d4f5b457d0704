"""Asks for a second snapshot where the stock levels of the first cannot be trusted.

After the hub was restored from a backup the store sends every operation again; after the store's own data were
restored, it sends what lay in the old outbox. A snapshot loaded at that moment includes some of these operations in its
stock levels and others not, and no number says which. Once the hub has answered all of them, a fresh snapshot includes
them all.
"""

from agent import cursors, incarnation, outbox, store
from agent.transactions import Reading, Transaction
from domain.events import store_log

_NAME = "snapshot_once_more_after"
"""The number of the last operation that is in doubt."""


def ask(tx: Transaction) -> None:
    """Remembers that every operation which now waits to be sent may or may not be in the levels."""
    number = incarnation.highest(tx)
    if _waits(tx, number):
        store.put(tx, **{_NAME: str(number)})


def look(tx: Transaction) -> None:
    """Call it whenever the hub answered operations, or refused to take one. When none of those in doubt still waits,
    the cursor is doubted: the follower is then told to load another snapshot.

    An operation that the hub did not take, or that waits behind such a one, needs no second snapshot: it is certainly
    not in the levels (`agent.contained`).
    """
    asked = int(store.fact(tx, _NAME) or 0)
    if asked and not _waits(tx, asked):
        store.put(tx, **{_NAME: ""})
        cursors.doubt(tx, store_log(store.identity(tx).store))


def _waits(reading: Reading, number: int) -> bool:
    return any(each.number <= number for each in outbox.pending(reading, 1))
