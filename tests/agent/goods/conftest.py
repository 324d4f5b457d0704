"""A store that keeps its lots and takes its goods in here."""

from datetime import date

import msgspec
import pytest

from agent import stock
from agent.lots import listing, moving
from agent.lots.listing import Held
from agent.lots.moving import Wanted
from agent.receiving import committing, drafts, editing, scanning
from agent.receiving.drafts import Draft
from agent.receiving.editing import Edit
from agent.staff import stations
from domain.events import StockSet
from domain.lots import Lot
from domain.policy import Duty, Owner
from domain.quantity import Quantity, units
from domain.rules import Verdict
from tests.agent.picking.conftest import Counter, VirtualClock, cache, clock, counter, hub, lookup, work

__all__ = ["Counter", "VirtualClock", "cache", "clock", "counter", "hub", "lookup", "work"]

OURS = {Duty.LOT_STOCK: Owner.YAOLINK, Duty.RECEIVING: Owner.YAOLINK}
LATER = date(2028, 6, 30)


class Goods:
    """What comes in and what becomes of it."""

    def __init__(self, counter: Counter) -> None:
        self.counter = counter

    def scan(self, text: str) -> Verdict:
        lookup = self.counter.lookup
        self.counter.clock.advance(1)
        return self.counter.do(lambda tx: scanning.scan(tx, text, stations.actor(tx, "page:1"), lookup))

    def edit(self, line_id: int, **said: object) -> None:
        lookup = self.counter.lookup
        self.counter.do(lambda tx: editing.edit(tx, msgspec.convert({"line_id": line_id, **said}, Edit), lookup))

    @property
    def draft(self) -> Draft:
        lookup = self.counter.lookup
        return self.counter.work.read(lambda reading: drafts.draft(reading, lookup))

    def commit(self, receipt_id: str = "") -> str:
        named, lookup = receipt_id or self.draft.receipt_id, self.counter.lookup
        self.counter.do(lambda tx: committing.commit(tx, named, stations.actor(tx, "page:1"), lookup))
        return named

    def move(self, wanted: Wanted) -> None:
        lookup = self.counter.lookup
        self.counter.do(lambda tx: moving.move(tx, wanted, stations.actor(tx, "page:1"), lookup))

    def lot(self, lot: str, sku: str = "AMX") -> Held | None:
        return self.counter.work.read(lambda reading: listing.find(reading, sku, lot))

    def on_hand(self, sku: str = "AMX") -> Quantity | None:
        today = date(2026, 11, 22)
        return self.counter.work.read(lambda reading: stock.shelf_of(reading, sku, today).on_hand)

    def have(self, lot: str, count: int, expiry: date = LATER) -> None:
        self.counter.hub.tell(StockSet("AMX", units(count), "A-1", (Lot(lot, expiry, units(count)),)))


@pytest.fixture
def goods(counter: Counter) -> Goods:
    counter.policy(owners=OURS)
    return Goods(counter)
