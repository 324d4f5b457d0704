"""The append-only ledger of stock: on hand is the sum of its rows, and each row says why it changed.

A row that comes from a store's operation bears the incarnation of the store's data and the operation's number, which
give the order in which things were done. Operations can take effect here in another order: one may have been set aside
first. Suppose the store sold 2 (operation 7), then counted 10 on the shelf (operation 8), and the sale takes effect
here only after the count. The count has seen the shelf without the 2 packs, so the level must stay 10: the sale is
entered with -2, and a correction of +2 to the count beside it. The sum is always the level that would stand had
everything come in order.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from cloud import tables
from cloud.statements import Sql, insert
from cloud.transaction import Cause, StockKey, Transaction
from domain.quantity import Quantity


class Movement(StrEnum):
    """Why on hand changed; the ledger's `kind`."""

    OPENING = "opening"
    SALE = "sale"
    PICK = "pick"
    COUNT = "count"
    FOUND = "found"
    """Somebody looked for what was short: a count that can only raise the level."""
    LATE_COUNT = "late_count"
    """A count made before the store knew a level that headquarters had set: it can only lower the level."""
    CORRECTION = "correction"
    """Corrects an earlier entered count, after something took effect which that count had already seen; the reference
    is the count's."""
    RETURN = "return"
    """Goods that came back into quarantine: the change is always 0, so that they never become sellable."""
    RECEIPT = "receipt"
    LOT = "lot"
    """Stock of one lot was counted or moved in its store; the reference is the move's id."""


LOOKS: Mapping[Movement, Callable[[Quantity, Quantity], Quantity]] = {
    Movement.COUNT: lambda seen, before: seen,
    Movement.FOUND: max,
    Movement.LATE_COUNT: min,
}
"""The entries that say how much somebody saw, each with a function (seen, on hand before) -> on hand after."""
CORRECTED = {
    Movement.COUNT: Movement.CORRECTION,
    Movement.LATE_COUNT: Movement.CORRECTION,
    Movement.FOUND: Movement.FOUND,
}
"""As what kind the correction of such an entry is written down."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One change of a level. `seen` is the quantity that somebody in the store saw (see `LOOKS`); None for what simply
    adds or takes away, and for levels that headquarters or its ERP set."""

    kind: Movement
    delta: Quantity
    reference: str
    seen: Quantity | None = None
    number: int | None = None
    """The number of the operation that the entry belongs to; None: the one that is being applied."""


_INSERT = insert(
    tables.stock_ledger,
    "chain", "entry_id", "store", "sku", "kind", "delta", "reference", "at", "incarnation", "number", "seen",
)  # fmt: skip
_LATER = Sql(
    """SELECT sku, kind, delta, reference, seen, number FROM stock_ledger
    WHERE chain = ? AND store = ? AND sku = ANY(?) AND number > ? AND incarnation = ? ORDER BY number, entry_id"""
)
_NOBODY = Cause("", 0)


def later(tx: Transaction, keys: Collection[StockKey]) -> dict[StockKey, list[Entry]]:
    """Entries of operations that the store did after the one that is being applied, but that took effect before it:
    those of the same incarnation with a higher number, oldest first."""
    found: dict[StockKey, list[Entry]] = defaultdict(list)
    if tx.cause is None or not keys:
        return found
    cause, skus = tx.cause, sorted(sku for _, sku in keys)
    ((store, _), *_) = keys
    for sku, kind, *what in _LATER.rows(tx.connection, tx.chain, store, skus, cause.number, cause.incarnation):
        found[store, sku].append(Entry(Movement(kind), *what))
    return found


def placed(entry: Entry, on_hand: Quantity, later: Collection[Entry]) -> Iterator[Entry]:
    """The entry as it would have been made before the later ones; then a correction for each later look whose own
    change would have been another.

    `change` is by how much the level differs, at each step, from the level that was known then. A count sets it to 0:
    what was counted does not depend on what was known before.
    """
    before = on_hand - sum(each.delta for each in later)
    change = entry.delta if entry.seen is None else LOOKS[entry.kind](entry.seen, before) - before
    yield Entry(entry.kind, change, entry.reference, entry.seen)
    for each in later:
        if each.seen is not None:
            look = LOOKS[each.kind]
            left = look(each.seen, before + change) - look(each.seen, before)
            if left != change:
                yield Entry(CORRECTED[each.kind], left - change, each.reference, number=each.number)
            change = left
        before += each.delta


def write(tx: Transaction, entries: Collection[tuple[StockKey, Entry]]) -> None:
    cause = tx.cause or _NOBODY
    _INSERT.run(
        tx.connection,
        [
            (
                tx.chain, tx.new_id(), *key, entry.kind.value, entry.delta, entry.reference, tx.now, cause.incarnation,
                cause.number if entry.number is None else entry.number, entry.seen,
            )
            for key, entry in entries
        ],
    )  # fmt: skip
