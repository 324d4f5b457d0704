"""Events and clerks in any order: a lossy, repeating hub above, anything a clerk may try below.

The model is the least that must hold: what lies in each bag, which codes are spoken for, and which events arrived.
"""

import shutil
import tempfile
from functools import partial
from pathlib import Path
from random import Random

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from agent import orders, outbox, picks, slips
from agent.apply import apply_page, cursor
from agent.errors import NotNow
from agent.files import WorkFile
from agent.judging import scan
from agent.picking.steps import complete, hand_over, start, undo
from agent.quarantine import count as quarantined
from agent.transactions import Reading
from domain.events import Event, EventBody, OrderAdvanced, OrderCancelled, OrderPlaced, RefundChanged
from domain.orders import OrderState
from domain.picks import Pick, PickState
from domain.protocol import Head, Page
from domain.quantity import ONE, Quantity, units
from domain.refunds import Refund, RefundLine, RefundState
from domain.slips import SlipKind
from tests.agent.core.catalogue import TWO_PRODUCTS
from tests.agent.core.conftest import MASTER_KEY, VirtualClock
from tests.agent.core.hub import AMOXICILLIN, IBUPROFEN, LOG, NOON, event, line, order

ORDERS = ("o1", "o2")
CODES = [f"{product.trace_prefixes[0]}{n:013d}" for product in (AMOXICILLIN, IBUPROFEN) for n in range(3)]


class Store(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="yaolink-any-"))
        self.work = WorkFile(
            self.folder / "work.db", master_key=MASTER_KEY, clock=VirtualClock(), randomness=Random(1).randbytes
        )
        self.log: list[Event] = []
        self.arrived = 0
        self.bags: dict[str, list[str]] = {order_id: [] for order_id in ORDERS}
        self.sold: dict[str, str] = {}
        self.completed: set[str] = set()
        self.gone: set[str] = set()
        """Orders whose goods may have left the store."""

    def teardown(self) -> None:
        self.deliver_page(self.arrived, len(self.log))
        assert self.arrived == len(self.log)
        assert self.work.read(quarantined) == 0
        self.the_end_is_the_hubs()
        self.work.close()
        shutil.rmtree(self.folder)

    # The hub above: it says things, and what it says arrives in pieces, twice, or too early.

    @initialize(counts=st.lists(st.integers(1, 2), min_size=4, max_size=4))
    def place(self, counts: list[int]) -> None:
        for place, order_id in enumerate(ORDERS):
            first, second = counts[2 * place : 2 * place + 2]
            self.say(OrderPlaced(order(order_id, line(1, count=first), line(2, IBUPROFEN, count=second))))
        self.deliver_page(0, 2)

    def say(self, body: EventBody) -> None:
        self.log.append(event(len(self.log) + 1, body))

    @rule(order_id=st.sampled_from(ORDERS), taken=st.booleans())
    def cancel(self, order_id: str, taken: bool) -> None:
        self.say(OrderCancelled(order_id, "customer", taken))
        if taken:
            self.gone.add(order_id)

    @rule(order_id=st.sampled_from(ORDERS), state=st.sampled_from([OrderState.PICKED, OrderState.HANDED_OVER]))
    def advance_elsewhere(self, order_id: str, state: OrderState) -> None:
        self.say(OrderAdvanced(order_id, state))
        if state is OrderState.HANDED_OVER:
            self.gone.add(order_id)

    @rule(order_id=st.sampled_from(ORDERS), state=st.sampled_from(list(RefundState)), full=st.booleans())
    def refund(self, order_id: str, state: RefundState, full: bool) -> None:
        refund = Refund(f"r{full}", order_id, full, state, 1, NOON, () if full else (RefundLine(1, ONE),))
        struck = {1: units(1)} if not full and state in (RefundState.AGREED, RefundState.PAID) else {}
        self.say(RefundChanged(refund, struck))

    @rule(back=st.integers(0, 3), ahead=st.integers(0, 2), count=st.integers(0, 4))
    def deliver(self, back: int, ahead: int, count: int) -> None:
        first = max(self.arrived - back + ahead, 0)
        self.deliver_page(first, first + count)

    def deliver_page(self, first: int, end: int) -> None:
        events = tuple(self.log[first:end])
        applied = self.work.write(lambda tx: apply_page(tx, Page(Head(LOG, "L", len(self.log)), events)))
        if first <= self.arrived:
            self.learn(self.log[self.arrived : max(first + len(events), self.arrived)])
            assert not applied.gap
        else:
            assert applied.applied == 0 and applied.gap == bool(events)

    def learn(self, events: list[Event]) -> None:
        """What of the events the model cares for: who holds which codes."""
        self.arrived += len(events)
        for order_id in ORDERS:
            if self.pick(order_id).state is PickState.STOPPED:
                kept = {binding.code for binding in self.pick(order_id).bindings}
                self.bags[order_id] = [code for code in self.bags[order_id] if code in kept]
        self.sold = dict(self.work.read(sold_codes))

    # The clerk below: tries anything at any time.

    @rule(order_id=st.sampled_from(ORDERS))
    def start(self, order_id: str) -> None:
        before = self.pick(order_id).state
        allowed = before in (PickState.ASSIGNED, PickState.PICKING)
        assert self.tried(lambda: self.work.write(lambda tx: start(tx, order_id, TWO_PRODUCTS))) <= allowed

    @rule(order_id=st.sampled_from(ORDERS), code=st.sampled_from(CODES))
    def scan(self, order_id: str, code: str) -> None:
        before = self.pick(order_id)
        spoken_for = code in self.sold or any(code in bag for bag in self.bags.values())
        verdict = self.work.write(lambda tx: scan(tx, code.encode(), "gun", TWO_PRODUCTS, order_id=order_id)).verdict
        if verdict.good:
            assert before.state is PickState.PICKING and not spoken_for
            self.bags[order_id].append(code)
            self.expect_completed_if_whole(order_id)
        assert (len(self.pick(order_id).bindings) == len(before.bindings) + 1) == verdict.good

    def expect_completed_if_whole(self, order_id: str) -> None:
        """The last pack completes the pick, and no other does."""
        pick = self.pick(order_id)
        assert (pick.state is PickState.PACKED) == (self.in_bag(order_id) == self.wanted(pick))
        if pick.state is PickState.PACKED:
            self.completed.add(order_id)
            self.sold = dict(self.work.read(sold_codes))

    @rule(order_id=st.sampled_from(ORDERS))
    def undo(self, order_id: str) -> None:
        if self.tried(lambda: self.work.write(lambda tx: undo(tx, order_id))):
            self.bags[order_id].pop()

    @rule(order_id=st.sampled_from(ORDERS))
    def complete(self, order_id: str) -> None:
        pick = self.pick(order_id)
        whole = self.in_bag(order_id) == self.wanted(pick)
        done = pick.state in (PickState.PACKED, PickState.HANDED_OVER)
        may = done or (pick.state is PickState.PICKING and whole)
        if self.tried(lambda: self.work.write(lambda tx: complete(tx, order_id, TWO_PRODUCTS))):
            assert may
            self.completed.add(order_id)
            self.sold = dict(self.work.read(sold_codes))
            if pick.state is PickState.PICKING:
                assert {self.sold[code] for code in self.bags[order_id]} <= {order_id}

    @precondition(lambda self: self.completed)
    @rule(order_id=st.sampled_from(ORDERS))
    def hand_over(self, order_id: str) -> None:
        before = self.pick(order_id).state
        if self.tried(lambda: self.work.write(lambda tx: hand_over(tx, order_id, TWO_PRODUCTS))):
            assert before is PickState.PACKED or self.state(order_id) is OrderState.HANDED_OVER
            self.gone.add(order_id)

    # What must hold whatever happened.

    @invariant()
    def the_bags_are_the_models(self) -> None:
        for order_id in ORDERS if self.arrived else ():
            assert sorted(str(each.code) for each in self.pick(order_id).bindings) == sorted(self.bags[order_id])

    @invariant()
    def the_cursor_counts_what_arrived(self) -> None:
        assert self.work.read(lambda reading: cursor(reading, LOG)).seq == self.arrived

    @invariant()
    def each_pick_is_completed_once_and_numbers_are_dense(self) -> None:
        pending = self.work.read(lambda reading: outbox.pending(reading, 1000))
        assert [each.number for each in pending] == list(range(1, len(pending) + 1))
        done = [each.order_id for each in pending if each.kind == "pick.completed"]
        assert sorted(str(order_id) for order_id in done) == sorted(self.completed)

    @invariant()
    def one_picking_slip_and_at_most_one_stop_slip(self) -> None:
        for order_id in ORDERS if self.arrived else ():
            kinds = [slip.kind for slip in self.work.read(partial(slips.of_order, order_id=order_id))]
            assert kinds.count(SlipKind.PICKING) == 1 and kinds.count(SlipKind.STOP) == 0

    def the_end_is_the_hubs(self) -> None:
        """However often and late it came: a cancelled order is over, and unless its goods left, its codes are free."""
        cancelled = {each.order_id for each in self.log if each.kind == OrderCancelled.kind}
        for order_id in (each for each in ORDERS if each in cancelled):
            assert self.state(order_id) is OrderState.CANCELLED
            assert self.pick(order_id).state is PickState.STOPPED
            if order_id not in self.gone:
                assert not self.pick(order_id).bindings
                assert order_id not in self.sold.values()

    def in_bag(self, order_id: str) -> dict[int, Quantity]:
        return {line_id: units(self.count(order_id, prefix)) for line_id, prefix in ((1, "8123456"), (2, "8765432"))}

    @staticmethod
    def wanted(pick: Pick) -> dict[int, Quantity]:
        return {each.line_id: each.wanted for each in pick.lines}

    def pick(self, order_id: str) -> Pick:
        return self.work.read(lambda reading: picks.load(reading, order_id))

    def state(self, order_id: str) -> OrderState:
        return self.work.read(lambda reading: orders.get(reading, order_id)).state

    def count(self, order_id: str, prefix: str) -> int:
        return sum(code.startswith(prefix) for code in self.bags[order_id])

    def tried(self, step: object) -> bool:
        assert callable(step)
        try:
            step()
        except NotNow as refusal:
            assert str(refusal)
            return False
        return True


def sold_codes(reading: Reading) -> list[tuple[str, str]]:
    return [(row["code"], row["source"]) for row in reading.db.execute("SELECT code, source FROM sold")]


TestStore = pytest.mark.timeout(300)(Store.TestCase)  # hundreds of steps, each on the disk
TestStore.settings = settings(max_examples=25, stateful_step_count=30, deadline=None)
