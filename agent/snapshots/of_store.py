"""A store's log from a snapshot: how the store works, what it has, and its orders."""

import logging
from collections.abc import Iterator, Sequence
from itertools import groupby

import msgspec

from agent import apply, quarantine
from agent.engine import is_of_the_file
from agent.snapshots import missing, stock_anew
from agent.snapshots.order_anew import put_order
from agent.transactions import Transaction
from domain.events import Event, EventBody, ExceptionOpened, OrderPlaced, StockSet, decode_body, must_understand

log = logging.getLogger(__name__)

_BEFORE_ALL = -(1 << 30)
"""An event of a snapshot that is set aside has its place from here on: before every event of the log's tail."""


def load(tx: Transaction, events: Iterator[Event], other: bool) -> None:
    """The events of one order stand together, its placing first."""
    named, before = _Named(), stock_anew.levels(tx)
    for order_id, some in groupby(events, key=lambda event: event.order_id):
        if order_id is None:
            for event in some:
                _put(tx, named.note(event))
        else:
            _put_order(tx, list(some), named)
    missing.close_exceptions(tx, named.exceptions)
    missing.close_orders(tx, named.orders, quietly=other)
    stock_anew.drop_others(tx, named.skus)
    stock_anew.redo_unheard(tx, before)


def _put(tx: Transaction, body: EventBody) -> None:
    if isinstance(body, StockSet):
        stock_anew.put(tx, body)
    else:
        apply.take_effect(tx, body)


def _put_order(tx: Transaction, events: Sequence[Event], named: "_Named") -> None:
    """One order that cannot be taken is set aside, as it would be from the log; the others are none the worse."""
    try:
        with tx.savepoint():
            put_order(tx, [(event, named.note(event)) for event in events])
    except Exception as error:
        if is_of_the_file(error) or isinstance(error, MemoryError) or any(map(must_understand, events)):
            raise
        log.exception("order %s of a snapshot is set aside", events[0].order_id)
        for event in events:
            placed_before = msgspec.structs.replace(event, seq=_BEFORE_ALL + event.seq)
            quarantine.put(tx, placed_before, f"{type(error).__name__}: {error}", holds=True)


class _Named:
    """What the snapshot speaks of: whatever else is open here, headquarters knows no more."""

    def __init__(self) -> None:
        self.skus: set[str] = set()
        self.orders: set[str] = set()
        self.exceptions: set[str] = set()

    def note(self, event: Event) -> EventBody:
        body = decode_body(event)
        match body:
            case StockSet(sku=sku):
                self.skus.add(sku)
            case OrderPlaced(order=order):
                self.orders.add(order.order_id)
            case ExceptionOpened(exception=exception):
                self.exceptions.add(exception.exception_id)
        return body
