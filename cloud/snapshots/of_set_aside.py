"""A store's part of its snapshot: operations that it told and that headquarters has set aside. If the store's data were
put back to before them, nobody else knows that they were done."""

from collections.abc import Iterator

from cloud.set_aside import entries
from cloud.snapshots.rows import Row, View
from domain.events import OperationKept


def fold(view: View, store: str) -> Iterator[Row]:
    for operation in entries.waiting(view.connection, view.chain, store):
        yield Row(OperationKept(operation))
