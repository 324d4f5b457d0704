"""A store whose agent hands documents to the chain's ERP and takes its feeds."""

from collections.abc import Callable
from datetime import date
from typing import TypeVar

import pytest

from agent import stock
from agent.erp import documents, feeds
from agent.erp.documents import Document
from agent.erp.feeds import Conflict, Taken
from agent.lots import listing
from agent.lots.listing import Held
from agent.picking import exchanging, putting_back, returns
from agent.staff import stations
from agent.transactions import Transaction
from domain.erp import ErpCount, ErpFeed, ErpLevel, ErpSale, ErpSaleLine
from domain.events import OrderPlaced, StockSet
from domain.lots import Lot
from domain.orders import Order
from domain.policy import ErpDelivery
from domain.quantity import units
from tests.agent.picking.conftest import Counter, VirtualClock, cache, clock, counter, hub, lookup, work

__all__ = ["Counter", "VirtualClock", "cache", "clock", "counter", "hub", "lookup", "work"]
T = TypeVar("T")
LATER = date(2028, 6, 30)


class Erp:
    """The store as its ERP sees it."""

    def __init__(self, counter: Counter) -> None:
        self.counter = counter

    def do(self, step: Callable[[Transaction], T]) -> T:
        return self.counter.do(step)

    def have(self, count: int, *lots: str) -> None:
        told = tuple(Lot(lot, LATER, units(count)) for lot in lots)
        self.counter.hub.tell(StockSet("AMX", units(count), "A-1", told))

    def sell(self, order: Order, *codes: str) -> None:
        """An order comes and is packed."""
        self.counter.hub.tell(OrderPlaced(order))
        self.counter.start(order.order_id)
        for code in codes:
            self.counter.scan(code, order_id=order.order_id)

    def take(self, feed: ErpFeed, part: int = 0) -> Taken | Conflict:
        return self.do(lambda tx: feeds.take(tx, feed, "test", part))

    def sale(self, document_id: str = "POS-1", sequence: int = 10, count: int = 1, *codes: str) -> Taken | Conflict:
        return self.take(ErpSale(document_id, sequence, (ErpSaleLine("AMX", units(count), codes=codes),)))

    def count(self, on_hand: int, as_of: int, contains: int | None = 0, *lots: Lot) -> Taken | Conflict:
        level = ErpLevel("AMX", units(on_hand), lots or None)
        return self.take(ErpCount(f"C-{as_of}-{contains}", as_of, (level,), contains))

    @property
    def documents(self) -> list[Document]:
        """Oldest first."""
        return list(reversed(self.counter.work.read(lambda reading: documents.latest(reading, 100))))

    @property
    def numbers(self) -> list[int]:
        return [each.document.number for each in self.documents]

    @property
    def on_hand(self) -> int:
        shelf = self.counter.work.read(lambda reading: stock.shelf_of(reading, "AMX", date(2026, 11, 22)))
        return (shelf.on_hand or 0) // units(1)

    def lot(self, lot: str) -> Held | None:
        return self.counter.work.read(lambda reading: listing.find(reading, "AMX", lot))

    def put_back(self, order_id: str = "o1") -> None:
        lookup = self.counter.lookup
        self.do(lambda tx: putting_back.put_back(tx, order_id, stations.actor(tx, "page:1"), lookup))

    def take_back(self, code: str, order_id: str = "o1") -> None:
        lookup = self.counter.lookup
        self.do(lambda tx: returns.take_back(tx, order_id, code, stations.actor(tx, "page:1"), lookup))

    def exchange(self, code: str, order_id: str = "o1") -> None:
        lookup = self.counter.lookup
        self.do(lambda tx: exchanging.scan(tx, order_id, code, stations.actor(tx, "page:1"), lookup))


@pytest.fixture
def erp(counter: Counter) -> Erp:
    counter.policy(erp=ErpDelivery.STORE)
    made = Erp(counter)
    made.have(10)
    return made
