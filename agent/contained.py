"""Which of this store's own work a stock level from headquarters does not include yet.

Headquarters and store both count stock. When headquarters sends a level, some of what was done here (a sale, a packed
order) may still be on its way there: it must be applied to that level again (`agent.redoing`), while work that the
level includes must not be applied twice. So each level comes with a `Heard`: for each incarnation of this store's data
the number of the newest operation that it includes, and the numbers below that which were set aside and have moved no
stock yet. Operations are sent in the order of their numbers, so that this is enough (facts/sync.md R16).
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, assert_never, get_args

from msgspec.structs import replace

from agent import incarnation, outbox
from agent.transactions import Reading, Transaction
from domain.erp import skus_of
from domain.operations import (
    ErpCounted,
    ErpReceived,
    ErpSold,
    GoodsExchanged,
    GoodsReceived,
    LotMoved,
    Operation,
    PickCompleted,
    SaleRecorded,
    SettleException,
    StockCounted,
    decode_body,
)

Moving = (
    ErpCounted | ErpReceived | ErpSold | GoodsExchanged | GoodsReceived
    | LotMoved | PickCompleted | SaleRecorded | SettleException | StockCounted
)  # fmt: skip
"""The operations that move stock in this store; `agent.redoing` can do each of them again."""
_KINDS = tuple(body.kind for body in get_args(Moving))


@dataclass(frozen=True, slots=True)
class Heard:
    """What a level from headquarters includes, by incarnation of this store's data: all operations up to number
    `newest`, except those in `left_out`."""

    newest: Mapping[str, int]
    left_out: Mapping[str, tuple[int, ...]] = field(default_factory=dict)


class _Asked(NamedTuple):
    """Everything that decides which operations are missing: the key under which one transaction remembers the answer.

    `heard` and `left_out` are those of `Heard` for the present incarnation. Operations that the hub confirmed are
    included up to number `settled`, except those left out. `highest` is the newest number that the outbox ever gave.
    """

    heard: int
    settled: int
    left_out: tuple[int, ...]
    highest: int


def missing_in(tx: Transaction, heard: Heard, sku: str | None = None) -> list[Moving]:
    """The stock movements that the level does not include, oldest first; of one product, or of all.

    Operations of an earlier incarnation have no number in `heard`. Those among them that headquarters confirmed count
    as included.
    """
    life = incarnation.known(tx)
    newest = heard.newest.get(life, 0)
    settled = max(newest, incarnation.began_after(tx))
    asked = _Asked(newest, settled, heard.left_out.get(life, ()), incarnation.highest(tx))
    if sku is None:
        return _missing(tx, asked)
    return tx.once(_by_product, asked).get(sku, [])  # a page of levels must not read a long outbox for each


def unheard(reading: Reading) -> list[Moving]:
    """For a level that does not say what it includes (an older hub): every movement without an answer yet."""
    return _moving(outbox.unheard(reading))


def _missing(reading: Reading, asked: _Asked) -> list[Moving]:
    found = outbox.not_in(reading, _KINDS, heard=asked.heard, settled=asked.settled, left_out=asked.left_out)
    if not found or found[0].number > asked.heard:
        return _moving(found)
    missing = {each.number for each in found}
    counts = [
        (each.number, body.sku)
        for each in outbox.done_between(reading, StockCounted.kind, found[0].number, asked.heard)
        if each.number not in missing and isinstance(body := decode_body(each), StockCounted)
    ]
    return list(_not_seen(reading, found, counts))


def _not_seen(reading: Reading, found: Iterable[Operation], counts: Sequence[tuple[int, str]]) -> Iterator[Moving]:
    """Leaves out products that were counted after the movement, where the level includes that count: whoever counted
    saw the shelf as the movement had left it. `counts` are pairs of operation number and SKU."""
    for each in found:
        body = decode_body(each)
        if isinstance(body, Moving):
            since = {sku for number, sku in counts if number > each.number}
            left = _but(reading, body, since) if since else body
            if left is not None:
                yield left


def _but(reading: Reading, done: Moving, counted: Collection[str]) -> Moving | None:
    """The movement without the products in `counted`; None where nothing of it is left.

    What the ERP told stays whole: an ERP count itself says which sales and receipts it includes.
    """
    match done:
        case SaleRecorded(lines=lines):
            return replace(done, lines=tuple(line for line in lines if line.sku not in counted))
        case GoodsReceived(lines=came):
            return replace(done, lines=tuple(line for line in came if line.sku not in counted))
        case PickCompleted(order_id=order_id, bindings=packs):
            left = _not_of(reading, order_id, counted)
            return replace(done, bindings=tuple(each for each in packs if each.line_id in left))
        case GoodsExchanged(order_id=order_id, given=packs):
            left = _not_of(reading, order_id, counted)
            return replace(done, given=tuple(each for each in packs if each.line_id in left))
        case SettleException(order_id=order_id, found=seen):
            left = _not_of(reading, order_id, counted)
            return replace(done, found={line: count for line, count in seen.items() if line in left})
        case LotMoved(sku=sku) | StockCounted(sku=sku):
            return None if sku in counted else done
        case ErpCounted() | ErpReceived() | ErpSold():
            return done


def _not_of(reading: Reading, order_id: str, counted: Collection[str]) -> set[int]:
    rows = reading.db.execute("SELECT line_id, sku FROM lines WHERE order_id = ?", (order_id,))
    return {row["line_id"] for row in rows if row["sku"] not in counted}


def _moving(operations: Iterable[Operation]) -> list[Moving]:
    return [body for body in map(decode_body, operations) if isinstance(body, Moving)]


def _by_product(reading: Reading, asked: _Asked) -> dict[str, list[Moving]]:
    found: dict[str, list[Moving]] = defaultdict(list)
    for body in _missing(reading, asked):
        for sku in _products(reading, body):
            found[sku].append(body)
    return found


def _products(reading: Reading, body: Moving) -> Iterable[str]:
    match body:
        case ErpSold(sale=feed) | ErpCounted(count=feed) | ErpReceived(receipt=feed):
            return skus_of(feed)
        case SaleRecorded(lines=lines) | GoodsReceived(lines=lines):
            return {line.sku for line in lines}
        case PickCompleted() | GoodsExchanged() | SettleException():
            rows = reading.db.execute("SELECT sku FROM lines WHERE order_id = ? AND sku <> ''", (body.order_id,))
            return {row["sku"] for row in rows}
        case StockCounted() | LotMoved():
            return (body.sku,)
        case _:
            assert_never(body)
