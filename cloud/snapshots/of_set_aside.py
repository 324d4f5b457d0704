"""In a store's snapshot: what it told and headquarters has yet to take. Should the store have been put back to before
it, nobody else knows that it was done."""

from collections.abc import Iterator

from cloud.set_aside import entries
from cloud.snapshots.rows import Row, View
from domain.events import OperationKept


def fold(view: View, store: str) -> Iterator[Row]:
    for operation in entries.waiting(view.connection, view.chain, store):
        yield Row(OperationKept(operation))
