"""Whatever happened at the hub, in whatever order: an agent that was told everything, and one that was told the
beginning, got a snapshot at some point and then the tail, know the same.

Both hubs' databases, both agents' real files; only what nobody can tell apart is left out (when each was heard, and
what became of papers of orders that are over).
"""

from collections.abc import Callable
from datetime import date
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from agent import catalogue, orders, personal, picks, policy, slip_templates, slips, store
from agent.apply import apply_page
from agent.cursors import cursor
from agent.files import CacheFile, DataFile, WorkFile
from agent.snapshots.loading import load
from agent.snapshots.reading import Snapshot
from agent.staff import colleagues
from agent.transactions import Reading
from cloud import chain, eventlog, prices, recalls
from cloud import policy as chains_policy
from cloud import slip_templates as chains_templates
from cloud.channels.base import Advanced, Cancelled, Changed, Message, Placed, Refunded, RefundedLine, RiderCame, Urged
from cloud.codes import gathering, loading
from cloud.database import Database
from cloud.people import roster, staffing
from cloud.snapshots import writing
from cloud.snapshots.folds import fold_of
from cloud.snapshots.rows import View
from cloud.snapshots.writing import Sealing
from domain.code_lists import LOADED, CodeList
from domain.events import CHAIN_LOGS, STORE_LOGS, PricePut, store_log
from domain.lots import Lot
from domain.operations import SaleLine, SaleRecorded
from domain.orders import OPEN, OrderState, RiderState
from domain.personal import Rider
from domain.picks import PickState
from domain.policy import ChainPolicy
from domain.products import Product
from domain.quantity import units
from domain.refunds import RefundState
from domain.slips import SlipKind
from domain.staff import Role
from domain.templates import SlipTemplate, SlipTemplates
from domain.times import HOUR
from tests.cloud.conftest import POSTGRES
from tests.cloud.hub import CHAIN, OTHER_STORE, START, STORE, Hub, channel_order, pushed

LOGS = (store_log(STORE), *CHAIN_LOGS)
KEY = bytes(range(32))
NUMBERS = st.integers(1, 2)
SKUS = st.sampled_from(("sku1", "sku2", "sku3"))
LINES = st.lists(st.tuples(SKUS, st.integers(1, 12)), min_size=1, max_size=3, unique_by=lambda line: line[0])
LOT = Lot("B1", date(2027, 3, 31), units(4), shelf="A-3")
CODES = st.lists(st.sampled_from([f"8123456000000000000{n}" for n in range(4)]), min_size=1, unique=True)
REFUND_STATES = st.sampled_from(tuple(RefundState))
PRESCRIPTION = Product("sku3", "处方药", "0.25g*24粒", "盒", prescription=True)

Deed = tuple[Any, ...]
"""What is done, and with what."""
DEEDS: st.SearchStrategy[Deed] = st.one_of(
    st.tuples(st.just("place"), NUMBERS, LINES),
    st.tuples(st.just("change"), NUMBERS, LINES),
    st.tuples(st.just("advance"), NUMBERS, st.sampled_from(tuple(OrderState))),
    st.tuples(st.just("cancel"), NUMBERS),
    st.tuples(st.just("urge"), NUMBERS),
    st.tuples(st.just("ride"), NUMBERS, st.sampled_from(tuple(RiderState))),
    st.tuples(st.just("refund"), NUMBERS, st.sampled_from(("r1", "r2")), REFUND_STATES, st.booleans()),
    st.tuples(st.just("stock"), SKUS, st.integers(0, 12), st.booleans()),
    st.tuples(st.just("policy"), st.integers(1, 300)),
    st.tuples(st.just("slips"), st.booleans()),
    st.tuples(st.just("staff"), st.booleans()),
    st.tuples(st.just("product"), st.booleans()),
    st.tuples(st.just("recall"), st.booleans()),
    st.tuples(st.just("sell"), st.sampled_from((STORE, OTHER_STORE)), CODES),
    st.tuples(st.just("gather")),
    st.tuples(st.just("list"), st.sampled_from(LOADED), CODES, st.booleans()),
    st.tuples(st.just("price"), SKUS, st.integers(0, 3), st.booleans()),
)
FIRST: Deed = ("place", 1, [("sku1", 2), ("sku2", 1)])


class Chain:
    """What happens at headquarters and on the platforms."""

    def __init__(self, database: Database) -> None:
        self.hub = Hub.with_stock(database)
        self._happenings = 0

    def do(self, deed: Deed) -> None:
        name, *what = deed
        getattr(self, f"_{name}")(*what)

    def _say(self, number: int, message: Message) -> None:
        self._happenings += 1
        self.hub.accept(pushed(number, message, f"h:{self._happenings}"))

    def _place(self, number: int, lines: list[tuple[str, int]]) -> None:
        self._say(number, Placed(channel_order(number, *lines)))

    def _change(self, number: int, lines: list[tuple[str, int]]) -> None:
        self._say(number, Changed(str(number), channel_order(number, *lines)))

    def _advance(self, number: int, state: OrderState) -> None:
        self._say(number, Advanced(str(number), state))

    def _cancel(self, number: int) -> None:
        self._say(number, Cancelled(str(number), "customer", ""))

    def _urge(self, number: int) -> None:
        self._say(number, Urged(str(number)))

    def _ride(self, number: int, state: RiderState) -> None:
        self._say(number, RiderCame(str(number), state, Rider("赵骑手", "13755554444")))

    def _refund(self, number: int, refund: str, state: RefundState, full: bool) -> None:
        lines = () if full else (RefundedLine("sku1", units(1)),)
        self._say(number, Refunded(str(number), refund, state, full, 100, lines, "过敏了", START, None))

    def _stock(self, sku: str, boxes: int, with_lot: bool) -> None:
        with self.hub.transaction() as tx:
            chain.set_stock(tx, STORE, sku, units(boxes), shelf="A", lots=(LOT,) if with_lot else ())

    def _policy(self, days: int) -> None:
        with self.hub.transaction() as tx:
            chains_policy.put(tx, ChainPolicy(near_expiry_days=days, near_expiry_stops_days=0), by="test")

    def _slips(self, own: bool) -> None:
        with self.hub.transaction() as tx:
            chains_templates.put(tx, SlipTemplates(picking=SlipTemplate("大字")) if own else None, by="test")

    def _staff(self, here: bool) -> None:
        with self.hub.transaction() as tx:
            wanted = staffing.WantedStaff("w1", "王药师", (Role.PHARMACIST,), "L1", (STORE,) if here else ())
            staffing.put(tx, wanted, by="test")
            if here:
                roster.add(tx, roster.Shift("w1", START, START + HOUR, STORE), by="test")

    def _product(self, prescribed: bool) -> None:
        with self.hub.transaction() as tx:
            chain.put_product(tx, msgspec.structs.replace(PRESCRIPTION, prescription=prescribed), by="test")

    def _recall(self, begins: bool) -> None:
        with self.hub.transaction() as tx:
            recalls.put(tx, recalls.WantedRecall("r1", "sku1", "杂质"), by="test")
            if not begins:
                recalls.end(tx, "r1", by="test")

    def _sell(self, store: str, codes: list[str]) -> None:
        """Nothing of the stock: that the store took itself."""
        self._happenings += 1
        sale = SaleLine("sku1", 0, tuple(codes))
        self.hub.do(SaleRecorded(f"till-{self._happenings}", (sale,)), store=store)

    def _gather(self) -> None:
        with self.hub.transaction() as tx:
            gathering.gather(tx)

    def _list(self, of: CodeList, codes: list[str], on: bool) -> None:
        with self.hub.transaction() as tx:
            change = loading.load if on else loading.unload
            change(tx, of, loading.WantedCodes(tuple(codes)), by="test")

    def _price(self, sku: str, fen: int, own: bool) -> None:
        with self.hub.transaction() as tx:
            prices.put(tx, [PricePut(sku, fen, STORE if own else "")])


class Store:
    """One of the store's computers."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self.folder = folder
        self.work = WorkFile(folder / "work.db", master_key=KEY, clock=lambda: START)
        self.cache = CacheFile(folder / "cache.db", clock=lambda: START)

    def close(self) -> None:
        self.work.close()
        self.cache.close()

    def follow(self, hub: Hub) -> None:
        """All that there is after its cursors."""
        for log in LOGS:
            file = self._home(log)
            with hub.database.read() as connection:
                page = eventlog.page(connection, CHAIN, hub.vault, file.read(partial(cursor, log=log)), 10_000)
            applied = file.write(partial(apply_page, page=page))
            assert not applied.quarantined and not applied.gap, applied

    def begin_anew(self, hub: Hub) -> None:
        for log in LOGS:
            path = self.folder / "snapshot.gz"
            path.unlink(missing_ok=True)
            with hub.database.read() as connection:
                (head,) = eventlog.heads(connection, CHAIN, [log])
                sealing = Sealing(hub.vault, KEY, hub.randomness.randbytes)
                writing.write(path, head, View(connection, CHAIN, hub.now), fold_of(log), sealing)
            snapshot = Snapshot(path, KEY)
            self._home(log).write(partial(load, name=log, header=snapshot.check(), snapshot=snapshot))

    def known(self) -> dict[str, object]:
        return {**self.work.read(_of_work), **self.cache.read(_of_cache)}

    def _home(self, log: str) -> DataFile:
        return self.work if log.startswith(STORE_LOGS) else self.cache


def _of_work(reading: Reading) -> dict[str, object]:
    rows = reading.db.execute("SELECT * FROM orders ORDER BY order_id").fetchall()
    return {
        "orders": {row["order_id"]: _order(reading, row["order_id"], row) for row in rows},
        "stock": _rows(reading, "SELECT sku, on_hand, shelf FROM stock ORDER BY sku"),
        "lots": _rows(reading, "SELECT sku, lot, expiry, quantity, quarantine FROM lots WHERE quantity > 0 ORDER BY 1"),
        "exceptions": _rows(
            reading, "SELECT exception_id, kind, lines FROM exceptions WHERE closed_at IS NULL ORDER BY exception_id"
        ),
        "refunds": _rows(
            reading,
            'SELECT order_id, refund_id, "full", state, amount, lines FROM refunds ORDER BY order_id, refund_id',
        ),
        "prescriptions": _rows(reading, "SELECT prescription_id, told FROM prescriptions ORDER BY prescription_id"),
        "store": msgspec.structs.replace(store.identity(reading), device=""),
        "policy": policy.in_force(reading),
        "staff": (colleagues.everybody(reading), colleagues.roster(reading)),
        "templates": slip_templates.in_force(reading),
    }


def _order(reading: Reading, order_id: str, row: Any) -> object:
    order, pick = orders.get(reading, order_id), picks.load(reading, order_id)
    is_open = order.state in OPEN
    # What a loss of stock took from an order its store is told as an exception, and by how much only in a snapshot.
    lines = tuple(msgspec.structs.replace(line, short=0) for line in order.lines)
    unsent = [slip for slip in slips.of_order(reading, order_id, SlipKind.PICKING) if slip.state in slips.UNSENT]
    return (
        msgspec.structs.replace(order, lines=lines, **({} if is_open else {"rider": RiderState.NONE})),
        (row["cancelled_by"], row["taken"]),
        pick.state is PickState.STOPPED if order.state is OrderState.CANCELLED else is_open and pick.state,
        personal.recipient(reading, order_id) if is_open else None,
        len(unsent) if order.state in (OrderState.PLACED, OrderState.ACCEPTED) else 0,
        row["urged_at"] if is_open else None,
    )


def _of_cache(reading: Reading) -> dict[str, object]:
    skus = [row[0] for row in reading.db.execute("SELECT sku FROM products ORDER BY sku")]
    return {
        "products": [catalogue.product(reading, sku) for sku in skus],
        "codes": _rows(reading, "SELECT code, sku FROM codes ORDER BY code, sku"),
        "listed": _rows(
            reading,
            "SELECT code, list, l.at, s.store, s.name FROM listed_codes l LEFT JOIN stores s ON s.number = l.store"
            " ORDER BY code, list",
        ),
        "prices": _rows(reading, "SELECT sku, store, fen FROM prices ORDER BY sku, store"),
        "recalls": [recall for sku in skus for recall in catalogue.recalls(reading, sku)],
    }


def _rows(reading: Reading, query: str) -> list[tuple[object, ...]]:
    return [tuple(row) for row in reading.db.execute(query)]


@pytest.mark.parametrize("kind", ["sqlite", pytest.param("postgresql", marks=POSTGRES)])
@settings(deadline=None, suppress_health_check=list(HealthCheck), max_examples=12, phases=[Phase.generate])
@given(deeds=st.lists(DEEDS, min_size=2, max_size=16), early=st.integers(0, 16), late=st.integers(0, 17))
def test_a_snapshot_and_the_tail_say_what_the_whole_log_says(
    kind: str, new_database: Callable[[str], Database], deeds: list[Deed], early: int, late: int
) -> None:
    """`early`: what the second agent was told before it was away; `late`: when it took the snapshot."""
    database = new_database(kind)
    happening = Chain(database)
    with TemporaryDirectory() as folder:
        told, gone = Store(Path(folder) / "told"), Store(Path(folder) / "gone")
        try:
            deeds = [FIRST, *deeds]
            for place, deed in enumerate([*deeds, None]):
                if place == min(early, len(deeds)) and early:
                    gone.follow(happening.hub)
                if place == min(max(early, late), len(deeds)):
                    gone.begin_anew(happening.hub)
                if deed is not None:
                    happening.do(deed)
            for one in (told, gone):
                one.follow(happening.hub)
            for what, known in told.known().items():
                assert gone.known()[what] == known, what
        finally:
            told.close()
            gone.close()
            database.close()
