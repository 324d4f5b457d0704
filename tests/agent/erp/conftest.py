"""A store whose agent hands documents to the chain's ERP and takes its feeds; and the folder that both watch."""

import csv
import io
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import TypeVar

import pytest

from agent import stock
from agent.erp import documents, feeds
from agent.erp.documents import Document
from agent.erp.feeds import Conflict, Taken
from agent.erp.store_books import StoreBooks, StoreDisk
from agent.lots import listing
from agent.lots.listing import Held
from agent.picking import exchanging, putting_back, returns
from agent.staff import stations
from agent.transactions import Transaction
from domain.erp import DocumentState, ErpCount, ErpFeed, ErpLevel, ErpSale, ErpSaleLine
from domain.events import OrderPlaced, StockSet
from domain.lots import Lot
from domain.orders import Order
from domain.policy import ErpDelivery
from domain.quantity import units
from domain.times import DAY
from erp import mapping
from erp.folder import layout, looking
from erp.folder.folder import Folder
from tests.agent.core.hub import line, order
from tests.agent.picking.conftest import Counter, VirtualClock, cache, clock, counter, hub, lookup, pack, work

__all__ = ["Counter", "VirtualClock", "cache", "clock", "counter", "hub", "lookup", "work"]
T = TypeVar("T")
LATER = date(2028, 6, 30)
MAPPING = """
[[files]]
feed = "sales"
name = 'sales.*\\.csv'
columns = { document_id = "小票号", sequence = "时间", sku = "编码", quantity = "数量", codes = "追溯码" }

[[files]]
feed = "sales"
name = 'lines.*\\.csv'
bad_rows = "lines"
columns = { document_id = "小票号", sequence = "时间", sku = "编码", quantity = "数量" }

[[files]]
feed = "counts"
name = 'stock_(?P<as_of>\\d{14})_(?P<contains>\\d+)\\.csv'
columns = { sku = "编码", quantity = "库存", lot = "批号", expiry = "效期" }

[[files]]
feed = "counts"
name = 'levels_(?P<as_of>\\d{14})\\.csv'
bad_rows = "lines"
columns = { sku = "编码", quantity = "库存", lot = "批号", expiry = "效期" }

[[files]]
feed = "receipts"
name = 'in.*\\.txt'
ready = "ok"
delimiter = "\\t"
encoding = "gbk"
days = ["%%d.%%m.%%Y"]
columns = { document_id = "单号", sequence = "时间", sku = "编码", quantity = "数量", lot = "批号", expiry = "效期" }

[documents]
format = "%s"
acknowledge = "%s"
"""
HEAD = "小票号,时间,编码,数量,追溯码\n"


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


class Share:
    """The folder, with a clock of its own in place of waiting."""

    def __init__(self, erp: Erp, root: Path) -> None:
        self.erp, self.root, self.at = erp, root, 0.0
        self.how = ("json", "file")
        erp.counter.clock.advance(DAY)  # the files below are of that morning
        root.mkdir()
        self.start()

    def start(self, *how: str) -> None:
        """As the agent does at its start: nothing is remembered but what is on the disk."""
        self.how = (how[0], how[1]) if how else self.how
        self.folder = Folder(
            self.root, mapping.parse(MAPPING % self.how), StoreBooks(self.erp.counter.work), StoreDisk()
        )
        self.folder._watch = looking.Watch(lambda: self.at)

    def lay(self, name: str, content: str | bytes) -> Path:
        (self.root / "in").mkdir(exist_ok=True)
        path = self.root / "in" / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    def look(self, times: int = 3) -> None:
        for _ in range(times):
            self.folder.step()
            self.at += 10

    def names(self, folder: str) -> list[str]:
        return sorted(path.name for path in (self.root / folder).iterdir() if path.name != layout.MARK)

    def reasons(self) -> list[list[str]]:
        (found,) = [path for path in (self.root / "rejected").iterdir() if path.name.endswith("原因.csv")]
        return list(csv.reader(io.StringIO(found.read_text("utf-8-sig"))))[1:]

    def sell(self, count: int) -> None:
        for number in range(1, count + 1):
            self.erp.sell(order(f"o{number}", line()), pack(number))

    @property
    def states(self) -> list[DocumentState]:
        return [each.state for each in self.erp.documents]


@pytest.fixture
def share(erp: Erp, tmp_path: Path) -> Share:
    return Share(erp, tmp_path / "erp")
