"""Thirty buyers on ten units, and conservation under whatever happens."""

import asyncio
from collections.abc import Callable

import msgspec
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from cloud import stock, stock_calls, tables
from cloud.channels.base import Call, Cancelled, Refunded, RefundedLine
from cloud.database import Database
from cloud.writer import Writer
from domain.exceptions import Choice
from domain.operations import PickCompleted, SaleLine, SaleRecorded, SettleException, StockCounted
from domain.picks import Binding
from domain.quantity import units
from domain.refunds import RefundState
from tests.cloud.hub import CHAIN, SHOP, STORE, Hub, paid

SKUS = ("sku1", "sku2")
REFUND_STATES = (RefundState.ASKED, RefundState.AGREED, RefundState.PAID, RefundState.WITHDRAWN)


async def thirty_buyers(hub: Hub, writers: list[Writer]) -> None:
    for writer in writers:
        await writer.start()
    await asyncio.gather(
        *(writers[number % len(writers)].accept(paid(number, ("sku1", 1), ("sku2", 1))) for number in range(30))
    )
    for writer in writers:
        await writer.stop()
    lines = [row for row in hub.rows(tables.order_lines) if row.sku == "sku1"]
    assert len(lines) == 30
    assert sum(row.quantity - row.short for row in lines) == units(10)
    assert hub.level("sku1").reserved == units(10)
    assert len(hub.rows(tables.exceptions)) == 20
    hub.events()  # dense
    hub.balanced()


async def test_thirty_buyers_at_once_get_the_ten_units(hub: Hub) -> None:
    await thirty_buyers(hub, [hub.writer()])


async def test_thirty_buyers_through_three_writers_get_the_ten_units(hub: Hub) -> None:
    """Three hub processes on PostgreSQL; on SQLite another process waits its turn."""
    databases = [hub.database] * 3
    await thirty_buyers(hub, [Hub(database).writer() for database in databases])


class Conservation(RuleBasedStateMachine):
    """Anything may happen in any order: no box is made, lost or promised twice."""

    new_database: Callable[[str], Database]

    def __init__(self) -> None:
        super().__init__()
        self.hub = Hub.with_stock(self.new_database("sqlite"))
        self.placed: list[str] = []

    @initialize()
    def two_orders(self) -> None:
        """Something to cancel, refund and pick from the first step on."""
        self.order("sku1", 3, 1)
        self.order("sku2", 2, 2)

    @rule(sku=st.sampled_from(SKUS), boxes=st.integers(1, 7), more=st.integers(0, 3))
    def order(self, sku: str, boxes: int, more: int) -> None:
        lines = [(sku, boxes), *[("sku1", more)] * (more > 0)]
        self.placed.append(self.hub.place(len(self.placed), *lines))

    @rule(sku=st.sampled_from(SKUS), boxes=st.integers(1, 6))
    def sell(self, sku: str, boxes: int) -> None:
        self.hub.do(SaleRecorded(f"sale-{self.hub.operations}", (SaleLine(sku, units(boxes)),)))

    @rule(sku=st.sampled_from(SKUS), boxes=st.integers(0, 12), seen=st.sampled_from([0, 10**6]))
    def count(self, sku: str, boxes: int, seen: int) -> None:
        before = self.hub.level(sku)
        self.hub.do(StockCounted(sku, units(boxes), "盘点", seen))
        assert self.hub.level(sku).sellable <= max(units(boxes), 0) or self.hub.level(sku) == before

    @rule(which=st.integers(0, 20))
    def cancel(self, which: int) -> None:
        which %= len(self.placed)
        self.hub.say(which, Cancelled(str(which), "customer", ""), f"cancelled:{which}")

    @rule(
        which=st.integers(0, 20),
        sku=st.sampled_from(SKUS),
        boxes=st.integers(1, 3),
        state=st.sampled_from(REFUND_STATES),
    )
    def part_refund(self, which: int, sku: str, boxes: int, state: RefundState) -> None:
        which %= len(self.placed)
        lines = (RefundedLine(sku, units(boxes)),)
        refund = f"r{which}-{boxes}"
        said = Refunded(str(which), refund, state, False, 1, lines, "", None, None)
        self.hub.say(which, said, f"refund:{refund}:{state}")

    @rule(which=st.integers(0, 20), boxes=st.integers(0, 3))
    def pick(self, which: int, boxes: int) -> None:
        which %= len(self.placed)
        packs = tuple(Binding(1, None, units(1)) for _ in range(boxes))
        self.hub.do(PickCompleted(self.placed[which], packs))

    @rule(
        which=st.integers(0, 20),
        found=st.integers(0, 12),
        choice=st.sampled_from([Choice.FOUND, Choice.PART_REFUND, Choice.SEEN]),
    )
    def settle(self, which: int, found: int, choice: Choice) -> None:
        open_ones = [row for row in self.hub.rows(tables.exceptions) if row.closed_at is None]
        if open_ones:
            one = open_ones[which % len(open_ones)]
            seen = {1: units(found), 2: units(found)}
            self.hub.do(SettleException(one.exception_id, one.order_id, choice, seen))

    @invariant()
    def nothing_is_made_or_lost(self) -> None:
        self.hub.balanced()
        for sku in SKUS:
            level = self.hub.level(sku)
            assert 0 <= level.reserved <= max(level.on_hand, 0)
        held = {
            (row.order_id, row.line_id): row.quantity
            for row in self.hub.rows(tables.reservations)
            if row.state == "held"
        }
        open_orders = {row.order_id for row in self.hub.rows(tables.orders) if row.state in ("placed", "accepted")}
        assert {order_id for order_id, _ in held} <= open_orders
        for row in self.hub.rows(tables.order_lines):
            if row.order_id in open_orders and self.hub.row(tables.orders, order_id=row.order_id).picked_at is None:
                wanted = max(row.quantity - row.struck, 0)
                assert row.short == wanted - held.get((row.order_id, row.line_id), 0)


def test_nothing_is_made_lost_or_promised_twice(new_database: Callable[[str], Database]) -> None:
    class Machine(Conservation):
        pass

    Machine.new_database = staticmethod(new_database)
    run_state_machine_as_test(
        Machine,
        settings=settings(
            max_examples=25, stateful_step_count=20, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )


def test_a_check_sees_stock_that_does_not_add_up(hub: Hub) -> None:
    hub.place(1, ("sku1", 1))
    with hub.database.write() as connection:
        connection.exec_driver_sql("UPDATE stock SET on_hand = on_hand + 1000, reserved = 0 WHERE store = 's1'")
    with hub.database.read() as connection:
        found = stock.imbalances(connection, CHAIN)
    assert len(found) == 4  # three on hand, one reserved


def test_channels_hear_of_what_may_be_sold_in_one_call_per_shop(hub: Hub) -> None:
    hub.place(1, ("sku1", 3))
    with hub.transaction() as tx:
        stock_calls.enqueue(tx, {(STORE, "sku1")})
    hub.do(SaleRecorded("sale", (SaleLine("sku2", 1500),)))
    with hub.transaction() as tx:
        stock_calls.enqueue(tx, {(STORE, "sku2")})
    row = hub.row(tables.calls, kind="stock")
    call = msgspec.json.decode(row.body, type=Call)
    assert (row.shop, dict(call.stock)) == (SHOP, {"sku1": 7, "sku2": 8})
    with hub.transaction() as tx:
        assert (STORE, "sku3") in stock_calls.everything(tx.connection, tx.chain)
