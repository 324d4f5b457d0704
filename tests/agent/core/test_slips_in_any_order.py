"""Whatever is asked of slips in whatever order: only legal steps, what was not sent can be sent, unknown ends by a
person, a scan or the printer's word only, and headquarters hears of every step once."""

import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from agent import slips
from agent.apply import apply_page
from agent.errors import NotNow
from agent.files import WorkFile
from agent.slips import Slip
from agent.transactions import Transaction
from domain.events import OrderCancelled, OrderPlaced
from domain.protocol import Head, Page
from domain.slips import IN_FLIGHT, MOVES, Evidence, SlipKind, SlipState
from domain.times import HOUR, MINUTE
from tests.agent.core.conftest import MASTER_KEY, VirtualClock
from tests.agent.core.hub import LOG, event, order
from tests.agent.core.test_slips import told

KINDS = (SlipKind.PICKING, SlipKind.CUSTOMER, SlipKind.STOP, SlipKind.TEST)
which = st.integers(0, 5)
steps = st.lists(
    st.one_of(
        st.tuples(st.just("want"), st.sampled_from(KINDS)),
        st.tuples(st.just("move"), which, st.sampled_from(list(SlipState))),
        st.tuples(st.just("print"), which),
        st.tuples(st.just("lose"), which),
        st.tuples(st.just("resolve"), which, st.booleans()),
        st.tuples(st.just("reprint"), which),
        st.tuples(st.just("scan")),
        st.tuples(st.just("restart")),
        st.tuples(st.just("wait"), st.sampled_from([MINUTE, 3 * HOUR])),
        st.tuples(st.just("cancel")),
    ),
    min_size=15,
    max_size=40,
)


class Store:
    def __init__(self, folder: Path) -> None:
        self.clock = VirtualClock()
        self.work = WorkFile(folder / "work.db", master_key=MASTER_KEY, clock=self.clock)
        self.tell(1, OrderPlaced(order()))

    def tell(self, seq: int, body: OrderPlaced | OrderCancelled) -> None:
        page = Page(Head(LOG, "first", seq), (event(seq, body),))
        self.work.write(lambda tx: apply_page(tx, page))

    def all(self) -> list[Slip]:
        return self.work.read(
            lambda reading: [slips.from_row(row) for row in reading.db.execute("SELECT * FROM slips ORDER BY number")]
        )

    def take(self, step: tuple[object, ...]) -> None:
        """A refusal changes nothing."""
        before = self.all()
        match step:
            case ("wait", int(time)):
                self.clock.advance(time)
        try:
            self.work.write(lambda tx: self.act(tx, step, before))
        except NotNow:
            assert self.all() == before

    def act(self, tx: Transaction, step: tuple[object, ...], known: list[Slip]) -> None:
        match step:
            case ("want", SlipKind() as kind):
                slips.want(tx, kind, "" if kind is SlipKind.TEST else "o1")
            case ("move", int(place), SlipState() as state) if state is not SlipState.PRINTED:
                slip = known[place % len(known)]
                if slip.state is not SlipState.UNKNOWN:  # nobody moves one of these but by what follows
                    slips.change(tx, slip, state, cause="some cause")
            case ("print", int(place)):
                self.send(tx, known[place % len(known)], SlipState.CONFIRMING, SlipState.PRINTED)
            case ("lose", int(place)):
                self.send(tx, known[place % len(known)], SlipState.UNKNOWN)
            case ("resolve", int(place), bool(printed)):
                slips.resolve(tx, known[place % len(known)].slip_id, printed)
            case ("reprint", int(place)):
                slips.reprint(tx, known[place % len(known)].slip_id)
            case ("scan",):
                slips.seen(tx, "o1")
            case ("restart",):
                slips.recover(tx)
            case ("wait", _):
                slips.expire(tx)

    def send(self, tx: Transaction, slip: Slip, *states: SlipState) -> None:
        begun = slips.begin_sending(tx, slip.slip_id, "counter", slips.revision_of(tx, slip.order_id))
        assert (begun is not None) == (slip.state in slips.UNSENT), "what was not sent can be, and nothing else"
        for state in states if begun is not None else ():
            evidence = Evidence.ID_RETURNED if state is SlipState.PRINTED else None
            slips.change(tx, slips.get(tx, slip.slip_id), state, evidence=evidence)


@given(steps)
@settings(max_examples=25, deadline=None)
def test_in_any_order(taken: list[tuple[object, ...]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        store = Store(Path(folder))
        with store.work:
            for step in taken:
                if step == ("cancel",):
                    store.tell(2, OrderCancelled("o1", "customer", False))
                else:
                    store.take(step)
            check(store)


def check(store: Store) -> None:
    rows = store.work.read(lambda reading: reading.db.execute("SELECT * FROM slip_changes ORDER BY change").fetchall())
    last: dict[str, SlipState] = {}
    for row in rows:
        state, before = SlipState(row["state"]), last.get(row["slip_id"])
        assert state is SlipState.ACCEPTED if before is None else state in MOVES[before]
        if before is SlipState.UNKNOWN:
            assert row["cause"] in {"clerk", "scanned", slips.REPRINTED, slips.STOPPED}
        last[row["slip_id"]] = state
    assert last == {slip.slip_id: slip.state for slip in store.all()}
    every = [(slip.kind, slip.order_id, slip.subject, slip.issue, slip.copy) for slip in store.all()]
    assert len(set(every)) == len(every), "no two rows are the same paper"
    for slip in store.all():
        words = [word for word in told(store.work) if word.slip_id == slip.slip_id]
        steps = [step.state for word in words for step in word.steps]
        kept = [SlipState(row["state"]) for row in rows if row["slip_id"] == slip.slip_id]
        assert steps == kept[: len(steps)], "every step once and in order"
        assert set(kept[len(steps) :]) <= {SlipState.ACCEPTED, SlipState.HELD, *IN_FLIGHT}
