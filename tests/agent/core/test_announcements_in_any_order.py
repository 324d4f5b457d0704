"""Whatever happens in whatever order, and however often it is read: nothing seen is heard again, nothing is heard of
what is over, and whatever is new is heard."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from agent import announcements, orders, picks
from agent.announcements import Kind
from agent.apply import apply_page
from agent.errors import WorkRefused
from agent.files import WorkFile
from agent.settling import answer_refund
from domain.events import (
    Event,
    EventBody,
    OrderAdvanced,
    OrderCancelled,
    OrderPlaced,
    OrderUrged,
    RefundChanged,
    RiderMoved,
    decode_body,
    encode_body,
)
from domain.orders import OPEN, OrderState, RiderState
from domain.picks import PickState
from domain.protocol import Head, Page
from domain.refunds import Refund, RefundState
from domain.times import MINUTE
from tests.agent.core.conftest import MASTER_KEY, VirtualClock
from tests.agent.core.hub import LOG, NOON, about, event, order
from tests.agent.snapshots.making import header, loaded

ORDERS = ("o1", "o2")
order_ids = st.sampled_from(ORDERS)
bodies = st.one_of(
    st.builds(OrderUrged, order_ids, st.integers(NOON, NOON + 2)),
    st.builds(RiderMoved, order_ids, st.sampled_from([RiderState.ASSIGNED, RiderState.AT_STORE, RiderState.TAKEN])),
    st.builds(OrderAdvanced, order_ids, st.sampled_from([OrderState.PICKED, OrderState.HANDED_OVER])),
    st.builds(OrderCancelled, order_ids, st.just("customer"), st.booleans()),
    st.builds(
        lambda order_id, state, full: RefundChanged(Refund(f"full {full}", order_id, full, state, 1, NOON)),
        order_ids,
        st.sampled_from(list(RefundState)),
        st.booleans(),
    ),
)
steps = st.lists(
    st.one_of(
        st.tuples(st.just("tell"), bodies),
        st.tuples(st.just("see"), order_ids),
        st.tuples(st.just("answer"), order_ids),
        st.tuples(st.just("again"), st.none()),
        st.tuples(st.just("wait"), st.none()),
    ),
    min_size=10,
    max_size=40,
)


class Store:
    def __init__(self, folder: Path, clock: VirtualClock) -> None:
        self.folder = folder
        self.work = WorkFile(folder / "work.db", master_key=MASTER_KEY, clock=clock)
        self.log: list[Event] = []
        self.incarnation = 0
        self.seen: set[str] = set()
        """Members that must never be heard again."""

    def tell(self, body: EventBody) -> None:
        """What was never read before is heard, where there is still something to do."""
        known = encode_body(body) in {bytes(each.body) for each in self.log}
        self.log.append(event(len(self.log) + 1, body))
        self.deliver(self.log[-1:])
        if isinstance(body, OrderUrged) and not known and self.at_work(body.order_id):
            assert (body.order_id, Kind.URGED) in {(one, kind) for one, kind, _ in self.heard()}

    def read_again(self) -> None:
        """The hub was restored: its log begins anew with a snapshot, which says all of it again."""
        before = self.heard()
        self.incarnation += 1
        head = header(log_id=f"incarnation {self.incarnation}", seq=len(self.log))
        loaded(self.work, self.folder, head, *(body for order_id in ORDERS for body in self.folded(order_id)))
        assert self.heard() == before, "what was read before says nothing new"

    def folded(self, order_id: str) -> Iterator[EventBody]:
        """What a snapshot says of one order: each kind's last word (cloud/snapshots/of_orders.py)."""
        told = [body for body in map(decode_body, self.log) if about(body) == order_id]
        known = self.work.read(lambda reading: orders.get(reading, order_id))
        yield OrderPlaced(known)
        cancelled = [body for body in told if isinstance(body, OrderCancelled)]
        if known.state is OrderState.CANCELLED:
            yield cancelled[-1]
        if known.state in OPEN:
            yield from [body for body in told if isinstance(body, OrderUrged)][-1:]
            if known.rider is not RiderState.NONE:
                yield RiderMoved(order_id, known.rider)
        yield from {body.refund.refund_id: body for body in told if isinstance(body, RefundChanged)}.values()

    def deliver(self, events: list[Event]) -> None:
        head = Head(LOG, f"incarnation {self.incarnation}", len(self.log))
        applied = self.work.write(lambda tx: apply_page(tx, Page(head, tuple(events))))
        assert not applied.gap and not applied.quarantined

    def see(self, order_id: str) -> None:
        gone = {member for one, kind, members in self.heard() if one == order_id for member in members}
        self.work.write(lambda tx: announcements.seen(tx, order_id))
        self.seen |= gone
        assert not any(one == order_id for one, _, _ in self.heard())

    def answer(self, order_id: str) -> None:
        try:
            self.work.write(lambda tx: answer_refund(tx, order_id, "full True", True))
        except WorkRefused:
            return

    def heard(self) -> set[tuple[str, Kind, tuple[str, ...]]]:
        return {(str(one.order_id), one.kind, one.members) for one in self.work.read(announcements.waiting)}

    def check(self) -> None:
        for order_id, kind, members in self.heard():
            assert not self.seen & set(members)
            assert kind in (Kind.CANCELLED, Kind.REFUND_ASKED) or self.state(order_id) in OPEN
            assert kind is not Kind.RIDER_HERE or self.rider(order_id) is RiderState.AT_STORE

    def at_work(self, order_id: str) -> bool:
        stopped = self.work.read(lambda reading: picks.load(reading, order_id)).state is PickState.STOPPED
        return self.state(order_id) in OPEN and not stopped

    def state(self, order_id: str) -> OrderState:
        return self.work.read(lambda reading: orders.get(reading, order_id)).state

    def rider(self, order_id: str) -> RiderState:
        return self.work.read(lambda reading: orders.get(reading, order_id)).rider


@given(steps)
@settings(max_examples=40)
def test_heard_once_and_in_time(steps: list[tuple[str, object]]) -> None:
    clock = VirtualClock()
    with tempfile.TemporaryDirectory(prefix="yaolink-heard-") as folder:
        store = Store(Path(folder), clock)
        with store.work:
            for order_id in ORDERS:
                store.tell(OrderPlaced(order(order_id)))
            for step, what in steps:
                if isinstance(what, EventBody):
                    store.tell(what)
                elif step == "see":
                    store.see(str(what))
                elif step == "answer":
                    store.answer(str(what))
                elif step == "again":
                    store.read_again()
                else:
                    clock.advance(MINUTE)
                store.check()
