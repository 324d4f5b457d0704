"""A store's log from a snapshot: how the store works, what it has, and its orders."""

from collections.abc import Iterator, Sequence
from functools import partial
from itertools import groupby

from agent import apply
from agent.contained import Heard
from agent.snapshots import missing, stock_anew
from agent.snapshots.order_anew import put_order
from agent.snapshots.taking import take, take_each
from agent.transactions import Transaction
from domain.events import Event, EventBody, ExceptionOpened, StockSet, decode_body


def load(tx: Transaction, events: Iterator[Event], heard: Heard | None, *, other: bool) -> None:
    """`heard` as in its header; `other`: of another incarnation of the log than was followed until now.

    The events of one order stand together, its placing first. One that cannot be taken is set aside whole."""
    named, before = _Named(), stock_anew.levels(tx)
    for order_id, some in groupby(events, key=lambda event: event.order_id):
        if order_id is None:
            for event in some:
                take_each(tx, event, lambda body: _put(tx, named.note(body)))
        else:
            named.orders.add(order_id)
            take(tx, together := tuple(some), partial(_put_order, tx, together, named))
    missing.close_exceptions(tx, named.exceptions)
    missing.close_orders(tx, named.orders, quietly=other)
    stock_anew.drop_others(tx, named.skus)
    stock_anew.redo(tx, heard, before)


def _put(tx: Transaction, body: EventBody) -> None:
    if isinstance(body, StockSet):
        stock_anew.put(tx, body)
    else:
        apply.take_effect(tx, body)


def _put_order(tx: Transaction, events: Sequence[Event], named: "_Named") -> None:
    put_order(tx, [(event, named.note(decode_body(event))) for event in events])


class _Named:
    """What the snapshot speaks of: whatever else is open here, headquarters knows no more."""

    def __init__(self) -> None:
        self.skus: set[str] = set()
        self.orders: set[str] = set()
        self.exceptions: set[str] = set()

    def note(self, body: EventBody) -> EventBody:
        match body:
            case StockSet(sku=sku):
                self.skus.add(sku)
            case ExceptionOpened(exception=exception):
                self.exceptions.add(exception.exception_id)
        return body
