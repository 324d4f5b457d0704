"""The append-only ledger of stock: on hand is its sum, and each row says why.

What a store did stands there under its life and number, as it was done, whenever it came here. A fact that came late
finds what was looked at since already without its packs: it is entered at its own place, and what the looking says of
it is taken back from the look's own entry, so that the sum is the level that would stand had all come in order.
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
    """Somebody looked for what was short: a count that only raises."""
    LATE_COUNT = "late_count"
    """A count that did not know of headquarters' word since: it only lowers."""
    CORRECTION = "correction"
    """Of a count that had seen what came here only now; the reference is the count's."""
    RETURN = "return"
    """Came back into quarantine: always by nothing, so that it never becomes sellable."""
    RECEIPT = "receipt"
    LOT = "lot"
    """Stock of one lot was counted or moved in its store; the reference is the move's id."""


LOOKS: Mapping[Movement, Callable[[Quantity, Quantity], Quantity]] = {
    Movement.COUNT: lambda seen, before: seen,
    Movement.FOUND: max,
    Movement.LATE_COUNT: min,
}
"""What is on hand after somebody saw so much, by what was known before."""
CORRECTED = {
    Movement.COUNT: Movement.CORRECTION,
    Movement.LATE_COUNT: Movement.CORRECTION,
    Movement.FOUND: Movement.FOUND,
}


@dataclass(frozen=True, slots=True)
class Entry:
    """`seen` of somebody who looked, not where headquarters or its ERP said a level."""

    kind: Movement
    delta: Quantity
    reference: str
    seen: Quantity | None = None
    number: int | None = None
    """Of the operation whose entry it is, where that is not the one that is being applied."""


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
    """What the same life of the store's data did after the operation that is being applied, and came here before it."""
    found: dict[StockKey, list[Entry]] = defaultdict(list)
    if tx.cause is None or not keys:
        return found
    cause, skus = tx.cause, sorted(sku for _, sku in keys)
    ((store, _), *_) = keys
    for sku, kind, *what in _LATER.rows(tx.connection, tx.chain, store, skus, cause.number, cause.incarnation):
        found[store, sku].append(Entry(Movement(kind), *what))
    return found


def placed(entry: Entry, on_hand: Quantity, later: Collection[Entry]) -> Iterator[Entry]:
    """The entry as it would have been before the later ones, then what it changes of theirs."""
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
