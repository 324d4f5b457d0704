"""What the ERP says at headquarters: once each, kept aside where it cannot be, told to the store, in any order safe."""

from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from cloud import chain, policy, tables
from cloud.channels.base import Cancelled
from cloud.database import Database
from cloud.erp import aside, documents, overview, taking
from cloud.erp.feeds import Taken
from domain.erp import ErpCount, ErpFeed, ErpLevel, ErpReceipt, ErpReceiptLine, ErpSale, ErpSaleLine
from domain.events import StockSet
from domain.exceptions import ExceptionKind
from domain.operations import PickCompleted
from domain.picks import Binding
from domain.policy import ChainPolicy, ErpDelivery
from domain.products import Product
from domain.quantity import LARGEST, units
from erp.feeds import slices
from erp.terms import BadValue
from tests.cloud.hub import CHAIN, OTHER_STORE, STORE, Hub

SKU = "sku1"


def take(hub: Hub, feed: ErpFeed, store: str = STORE, part: int = 0) -> Taken:
    with hub.transaction() as tx:
        return taking.take(tx, store, feed, by="erp-hq", part=part)


def count(on_hand: int, as_of: int, contains: int | None = 0, sku: str = SKU, name: str = "") -> ErpCount:
    return ErpCount(name or f"C-{as_of}", as_of, (ErpLevel(sku, units(on_hand)),), contains)


def sale(name: str = "POS-1", sequence: int = 10, quantity: int = 2, sku: str = SKU) -> ErpSale:
    return ErpSale(name, sequence, (ErpSaleLine(sku, units(quantity)),))


def on_hand(hub: Hub, sku: str = SKU) -> int:
    return hub.level(sku).on_hand // units(1)


def test_new_known_and_reused(hub: Hub) -> None:
    assert [take(hub, sale()), take(hub, sale()), take(hub, sale(quantity=5))] == ["new", "known", "reused"]
    take(hub, sale(quantity=5))
    assert on_hand(hub) == 8
    (kept,) = hub.rows(tables.erp_aside)
    assert (kept.document_id, kept.reason, kept.source) == ("POS-1", "id_reused", "erp-hq")


def test_its_store_hears_what_it_has_now_and_nothing_where_nothing_changed(hub: Hub) -> None:
    told = len(hub.told(StockSet))
    take(hub, sale())
    take(hub, count(8, as_of=11))
    take(hub, ErpReceipt("RK-1", 12, (ErpReceiptLine(SKU, units(5)),)))
    said = [each for each in hub.told(StockSet) if isinstance(each, StockSet)][told:]
    assert [each.on_hand // units(1) for each in said] == [8, 13]


def test_a_feed_of_a_store_that_is_not_here_is_kept_and_taken_when_it_comes(hub: Hub) -> None:
    assert take(hub, count(7, as_of=5), "s9") is Taken.HELD
    assert take(hub, count(7, as_of=5), "s9") is Taken.HELD
    assert len(hub.rows(tables.erp_aside)) == 1
    with hub.transaction() as tx:
        assert taking.take_up(tx) == 0
        chain.put_store(tx, "s9", "新店")
    with hub.transaction() as tx:
        assert taking.take_up(tx) == 1
    assert hub.level(SKU, "s9").on_hand == units(7)
    with hub.database.read() as connection:
        assert aside.listed(connection, CHAIN) == ()
        assert not aside.waits(connection, CHAIN)


def test_a_product_that_is_not_in_the_catalogue_is_shown_until_it_comes(hub: Hub) -> None:
    take(hub, count(7, as_of=5, sku="NEW"))
    assert unknown_products(hub) == ["NEW"]
    assert on_hand(hub, "NEW") == 7
    with hub.transaction() as tx:
        chain.put_product(tx, Product("NEW", "新药", "", "盒"))
    assert unknown_products(hub) == []


def unknown_products(hub: Hub) -> list[str]:
    with hub.database.read() as connection:
        return [each.sku for each in overview.overview(connection, CHAIN, hub.now, 1000).unknown_products]


def test_below_nothing_and_absurdly_much_break_nothing(hub: Hub) -> None:
    take(hub, count(-3, as_of=5))
    assert on_hand(hub) == -3
    assert hub.level(SKU).sellable == 0
    take(hub, ErpCount("C-6", 6, (ErpLevel(SKU, LARGEST),), 0))
    assert hub.level(SKU).on_hand == LARGEST
    hub.balanced()


def test_a_long_count_is_taken_in_slices_and_each_once(hub: Hub) -> None:
    levels = tuple(ErpLevel(f"P{number}", units(number + 1)) for number in range(450))
    long = ErpCount("C-5", 5, levels, 0)
    parts = list(slices(long))
    assert [len(each.levels) for _, each in parts if isinstance(each, ErpCount)] == [200, 200, 50]
    for _ in range(2):
        for part, some in parts:
            take(hub, some, part=part)
    assert on_hand(hub, "P449") == 450
    assert len([row for row in hub.rows(tables.stock_ledger) if row.sku.startswith("P")]) == 450


def test_what_was_heard_of_each_store_is_known(hub: Hub) -> None:
    take(hub, sale())
    take(hub, count(8, as_of=11))
    with hub.database.read() as connection:
        found = overview.overview(connection, CHAIN, hub.now, 1000)
    first, other = found.stores
    assert {kind: each.document_id for kind, each in first.heard.items()} == {"sale": "POS-1", "count": "C-11"}
    assert other.heard == {}


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("sell"), st.integers(1, 3)),
        st.tuples(st.just("pick"), st.integers(1, 2)),
        st.tuples(st.just("cancel"), st.integers(0, 3)),
        st.tuples(st.just("book"), st.integers(1, 5)),
        st.tuples(st.just("count"), st.just(0)),
        st.tuples(st.just("deliver"), st.integers(0, 9)),
        st.tuples(st.just("again"), st.integers(0, 9)),
    ),
    min_size=15,
    max_size=25,
)


class Shelf:
    """A shelf with twenty boxes, the ERP that sells from it, and a line on which feeds wait, repeat and overtake."""

    def __init__(self, hub: Hub) -> None:
        self.hub, self.boxes, self.sequence, self.number = hub, 20, 1, 0
        self.booked, self.erp_says = 0, 20
        self.line: list[ErpFeed] = []
        self.sent: list[ErpFeed] = []
        self.orders: list[str] = []
        with hub.transaction() as tx:
            policy.put(tx, ChainPolicy(erp=ErpDelivery.HEADQUARTERS), by="test")
        take(hub, count(20, as_of=1))

    def sell(self, quantity: int) -> None:
        quantity = min(quantity, self.boxes)
        if quantity:
            self.sequence += 1
            self.boxes -= quantity
            self.erp_says -= quantity
            self.line.append(sale(f"POS-{self.sequence}", self.sequence, quantity))

    def pick(self, quantity: int) -> None:
        quantity = min(quantity, self.boxes)
        self.number += 1
        order_id = self.hub.place(self.number, (SKU, max(quantity, 1)))
        self.orders.append(order_id)
        if quantity:
            self.boxes -= quantity
            self.hub.do(PickCompleted(order_id, (Binding(1, None, units(quantity)),)))

    def cancel(self, place: int) -> None:
        if place < len(self.orders):
            self.hub.say(place + 1, Cancelled(str(place + 1), "customer", ""), f"cancel-{place}")

    def book(self, most: int) -> None:
        """The ERP books documents, oldest first."""
        with self.hub.database.read() as connection:
            owed = documents.owed(connection, CHAIN, after=self.booked, limit=most)
        for document in owed:
            self.erp_says += document.effects[SKU] // units(1)
            self.booked = document.number

    def count(self, _: int = 0) -> None:
        self.sequence += 1
        self.line.append(count(self.erp_says, as_of=self.sequence, contains=self.booked))

    def deliver(self, place: int) -> None:
        if self.line:
            feed = self.line.pop(place % len(self.line))
            self.sent.append(feed)
            take(self.hub, feed)

    def again(self, place: int) -> None:
        if self.sent:
            take(self.hub, self.sent[place % len(self.sent)])

    @property
    def untold(self) -> int:
        """Boxes sold at the counter of which the hub has not heard."""
        return sum(each.lines[0].quantity // units(1) for each in self.line if isinstance(each, ErpSale))


@settings(
    max_examples=6,
    phases=[Phase.generate],
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
@given(steps=STEPS)
def test_no_sold_box_comes_back_to_life(steps: list[tuple[str, int]], new_database: Callable[[str], Database]) -> None:
    shelf = Shelf(Hub.with_stock(new_database("sqlite")))
    for name, amount in steps:
        getattr(shelf, name)(amount)
        assert on_hand(shelf.hub) <= shelf.boxes + shelf.untold, (name, amount)
        shelf.hub.balanced()
    while shelf.line:
        shelf.deliver(0)
    shelf.book(1000)
    shelf.count()
    shelf.deliver(0)
    assert on_hand(shelf.hub) == shelf.boxes


def test_a_count_that_says_what_is_known_writes_no_ledger(hub: Hub) -> None:
    take(hub, count(10, as_of=5))
    assert [row.kind for row in hub.rows(tables.stock_ledger) if (row.store, row.sku) == (STORE, SKU)] == ["opening"]


def test_a_count_with_the_mark_of_the_last_one_only_lowers(hub: Hub) -> None:
    take(hub, count(9, as_of=4))
    take(hub, sale(sequence=2, quantity=1))
    for said in (8, 9):
        take(hub, count(said, as_of=4, name=f"later-{said}"))
        assert on_hand(hub) == 8
    hub.balanced()


def test_counts_by_time_and_sales_by_number_are_told_and_never_too_high(hub: Hub) -> None:
    take(hub, count(5, as_of=hub.now))
    take(hub, sale(sequence=88_123, quantity=3))
    assert on_hand(hub) == 2
    with pytest.raises(BadValue, match="流水号"):
        take(hub, count(5, as_of=hub.now + 1))
    take(hub, count(2, as_of=88_124))
    take(hub, count(4, as_of=88_130))
    assert on_hand(hub) == 4


@pytest.mark.parametrize(
    ("as_of", "contains"), [(100, 20261122093000), (2_929_000_000_000, 0)], ids=["contains a time", "in 2062"]
)
def test_a_count_whose_marks_cannot_be_changes_nothing(hub: Hub, as_of: int, contains: int) -> None:
    with pytest.raises(BadValue):
        take(hub, count(20, as_of=as_of, contains=contains))
    assert on_hand(hub) == 10
    assert take(hub, count(7, as_of=101)) is Taken.NEW
    assert on_hand(hub) == 7


def test_what_waited_for_its_store_and_cannot_be_is_audited(hub: Hub) -> None:
    take(hub, count(7, as_of=2_929_000_000_000), "s9")
    with hub.transaction() as tx:
        chain.put_store(tx, "s9", "新店")
    with hub.transaction() as tx:
        assert taking.take_up(tx) == 1
    assert "erp.refused" in [entry.action for entry in hub.rows(tables.audit)]
    with hub.database.read() as connection:
        assert not aside.waits(connection, CHAIN)


def test_headquarters_takes_no_counts_while_stores_hand_documents_over(hub: Hub) -> None:
    """It cannot know what a store packed and has not documented yet."""
    with hub.transaction() as tx:
        policy.put(tx, ChainPolicy(erp=ErpDelivery.STORE), by="test")
    with pytest.raises(BadValue, match="erp = store"):
        take(hub, count(20, as_of=100))
    assert on_hand(hub) == 10
    assert take(hub, sale()) is Taken.NEW


@pytest.mark.parametrize("order_first", [True, False])
def test_a_code_in_an_order_and_over_a_counter_is_looked_at(hub: Hub, *, order_first: bool) -> None:
    code = "81234560000000000011"
    order_id = hub.place(1, (SKU, 1))
    pack = PickCompleted(order_id, (Binding(1, code, units(1)),))
    sold = ErpSale("P1", 10, (ErpSaleLine(SKU, units(1), codes=(code,)),))
    if order_first:
        hub.do(pack)
    take(hub, sold, OTHER_STORE)
    if not order_first:
        hub.do(pack)
    (found,) = (row for row in hub.rows(tables.exceptions) if row.kind == ExceptionKind.CODE_SOLD_TWICE)
    assert (found.store, found.order_id, found.lines) == (STORE, order_id, b"[1]")
