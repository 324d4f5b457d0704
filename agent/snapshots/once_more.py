"""A second snapshot, where the first was loaded while nobody knew what of this outbox headquarters has.

After the hub was put back every operation goes again, and after this store was, what lay in the old outbox; the levels
of the snapshot loaded then contain some of them, which no number tells. Once the hub has answered all of them the next
snapshot contains them all.
"""

from agent import cursors, incarnation, outbox, store
from agent.transactions import Reading, Transaction
from domain.events import store_log

_NAME = "snapshot_once_more_after"
"""The number of the last operation that is in doubt."""


def ask(tx: Transaction) -> None:
    """Everything that waits to be sent is in doubt."""
    number = incarnation.highest(tx)
    if _waits(tx, number):
        store.put(tx, **{_NAME: str(number)})


def look(tx: Transaction) -> None:
    """Called as the hub's answers come in, its door's too: none in doubt is left, and the follower meets a reset. What
    the door does not let in, and what waits behind that, is no doubt: it has not been heard (`agent.contained`)."""
    asked = int(store.fact(tx, _NAME) or 0)
    if asked and not _waits(tx, asked):
        store.put(tx, **{_NAME: ""})
        cursors.doubt(tx, store_log(store.identity(tx).store))


def _waits(reading: Reading, number: int) -> bool:
    return any(each.number <= number for each in outbox.pending(reading, 1))
