"""What headquarters' word about stock does not contain: it names the newest operation that it had heard of each life of
this store's data, and operations are sent in the order of their numbers (facts/sync.md R16).

An order's operations that wait behind one which did not pass the door are not heard, whatever their numbers.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import msgspec

from agent import incarnation, outbox
from agent.transactions import Reading, Transaction
from domain.erp import skus_of
from domain.exceptions import Choice
from domain.operations import (
    ErpCounted,
    ErpReceived,
    ErpSold,
    GoodsExchanged,
    GoodsReceived,
    LotMoved,
    OperationBody,
    PickCompleted,
    SaleRecorded,
    SettleException,
    StockCounted,
    decode_body,
)

_MOVING = (
    ErpCounted, ErpReceived, ErpSold, GoodsExchanged, GoodsReceived,
    LotMoved, PickCompleted, SaleRecorded, SettleException, StockCounted,
)  # fmt: skip
"""What moves stock here (`agent.redoing`)."""
_KINDS = ", ".join(f"'{body.kind}'" for body in _MOVING)
_TAKEN_UP = "state = 'pending' AND settled_at IS NOT NULL"
"""It was not let in before, and goes again now: its number says nothing of it."""
_BEHIND = (
    f"order_id IN (SELECT order_id FROM outbox WHERE {outbox.HOLDS}"
    f" UNION ALL SELECT order_id FROM outbox WHERE {_TAKEN_UP} AND order_id IS NOT NULL)"
)
_NOT_IN_IT = (
    f"number IN (SELECT number FROM outbox WHERE state = 'pending' AND (number > :sent OR {_TAKEN_UP} OR {_BEHIND})"
    " UNION ALL SELECT number FROM outbox WHERE number > :done AND state = 'done'"
    " UNION ALL SELECT number FROM outbox"
    " WHERE number IN (SELECT value FROM json_each(:but)) AND state IN ('done', 'pending')"
    f" UNION ALL SELECT number FROM outbox WHERE {outbox.UNDELIVERED})"
)
"""By indexes alone: an outbox keeps weeks."""


@dataclass(frozen=True, slots=True)
class Heard:
    """By life: the newest operation that headquarters' word contains, and which ones up to it are not in it."""

    newest: Mapping[str, int]
    left_out: Mapping[str, tuple[int, ...]] = field(default_factory=dict)


def missing_in(tx: Transaction, heard: Heard, sku: str | None = None) -> list[OperationBody]:
    """What this program did, in that order; of one product, as far as that can be told from outside. What was settled
    in an earlier life of these data is in it: of that no number speaks."""
    life = incarnation.known(tx)
    sent, but = heard.newest.get(life, 0), heard.left_out.get(life, ())
    done = max(sent, incarnation.began_after(tx))
    if sku is None:
        return _missing(tx, sent, done, but)
    asked = sent, done, but, incarnation.highest(tx)
    if asked not in tx.missing:  # a page of levels must not read a long outbox for each
        tx.missing[asked] = _by_product(tx, _missing(tx, sent, done, but))
    return tx.missing[asked].get(sku, [])


def _missing(reading: Reading, sent: int, done: int, but: tuple[int, ...]) -> list[OperationBody]:
    which = f"SELECT * FROM outbox WHERE kind IN ({_KINDS}) AND {_NOT_IN_IT}"
    return [
        decode_body(each)
        for each in outbox.chosen(
            reading, which, {"sent": sent, "done": done, "but": msgspec.json.encode(but).decode()}
        )
        if outbox.is_known(each)
    ]


def _by_product(reading: Reading, missing: Iterable[OperationBody]) -> dict[str, list[OperationBody]]:
    found: dict[str, list[OperationBody]] = defaultdict(list)
    for body in missing:
        for sku in _products(reading, body):
            found[sku].append(body)
    return dict(found)


def _products(reading: Reading, body: OperationBody) -> set[str]:
    match body:
        case ErpSold(sale=feed) | ErpCounted(count=feed) | ErpReceived(receipt=feed):
            return set(skus_of(feed))
        case SaleRecorded(lines=lines) | GoodsReceived(lines=lines):
            return {line.sku for line in lines}
        case PickCompleted() | GoodsExchanged() | SettleException(choice=Choice.FOUND):
            rows = reading.db.execute("SELECT sku FROM lines WHERE order_id = ? AND sku <> ''", (body.order_id,))
            return {row["sku"] for row in rows}
        case StockCounted() | LotMoved():
            return {body.sku}
        case _:
            return set()


def unheard(reading: Reading) -> list[OperationBody]:
    """For a word that does not say what it contains: everything that nobody answered."""
    return [decode_body(each) for each in outbox.unheard(reading) if outbox.is_known(each)]
