"""A long history costs nothing: what is asked often, or on the way of an order, touches only what is under way."""

import shutil
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection

from cloud import calls, exceptions, overdue, stock_calls
from cloud.caller import next_due
from cloud.database import open_database
from cloud.known import settled
from cloud.prescriptions import fetching, images
from cloud.received import PushState
from cloud.transaction import Transaction
from cloud.views import exceptions as exception_views
from cloud.views import orders, prescriptions, pushes
from cloud.views.orders import Wanted
from cloud.views.prescriptions import Sought
from domain.exceptions import ExceptionKind
from domain.ids import uuid7
from domain.operations import OrderHandedOver
from domain.times import DAY, MINUTE
from tests.cloud.hub import CHAIN, OTHER_SHOP, OTHER_STORE, SHOP, START, STORE, Hub

FINISHED = 50_000
STEP = 1000
"""SQLite's own instructions between two looks at how much was done."""
MOST = 40 * STEP
"""A look at each row of a history of 50,000 takes at least three times as many."""


@pytest.fixture(scope="module")
def long_history(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Finished orders of a year with what belongs to them; two open ones, one of which waits for everything."""
    path = tmp_path_factory.mktemp("history") / "hub.db"
    shutil.copy(sqlite_template, path)
    hub = Hub.with_stock(open_database(f"sqlite:///{path}"))
    with hub.database.write() as connection:
        for table, rows in _finished(hub).items():
            names = ", ".join(rows[0])
            marks = ", ".join("?" * len(rows[0]))
            values = [tuple(row.values()) for row in rows]
            connection.exec_driver_sql(f"INSERT INTO {table} ({names}) VALUES ({marks})", values)
    for number in (1, 2):
        hub.place(number, ("sku1", 8))
    hub.database.close()
    return path


def _finished(hub: Hub) -> dict[str, list[dict[str, object]]]:
    """Rows by table."""
    made: dict[str, list[dict[str, object]]] = defaultdict(list)
    for number in range(FINISHED):
        at = START - 370 * DAY + number * (360 * DAY // FINISHED)
        order_id, theirs = uuid7(at, hub.randomness.randbytes), f"old-{number}"
        shop, store = (SHOP, STORE) if number % 2 else (OTHER_SHOP, OTHER_STORE)
        for table, row in _of_one_order(order_id, theirs, shop, store, at).items():
            made[table].append({"chain": CHAIN, **row})
    return made


def _of_one_order(order_id: str, theirs: str, shop: str, store: str, at: int) -> dict[str, dict[str, object]]:
    return {
        "orders": {
            "order_id": order_id, "channel": "meituan", "channel_order_id": theirs, "shown_id": theirs, "shop": shop,
            "store": store, "day_number": 1, "code": "c", "state": "completed", "rider": "none", "placed_at": at,
            "booked": 0, "prescription": 0, "pick_up": 0, "total": 1, "received_at": at, "placed_seq": 1,
        },
        "pushes": {
            "push_id": order_id, "channel": "meituan", "topic": "paid", "happening": f"paid:{theirs}", "content": b"",
            "subject": order_id, "channel_order_id": theirs, "order_id": order_id, "state": "understood",
            "received_at": at,
        },
        "calls": {
            "call_id": order_id, "channel": "meituan", "shop": shop, "order_id": order_id, "kind": "accept",
            "body": b"{}", "state": "done", "next_at": at, "created_at": at,
        },
        "exceptions": {
            "exception_id": order_id, "store": store, "order_id": order_id, "kind": "not_applied", "lines": b"[]",
            "opened_at": at, "closed_at": at,
        },
        "prescriptions": {
            "prescription_id": order_id, "order_id": order_id, "store": store, "state": "waiting", "created_at": at,
        },
        "prescription_images": {"prescription_id": order_id, "place": 0, "state": "failed"},
        "reservations": {
            "order_id": order_id, "line_id": 1, "store": store, "sku": "sku1", "quantity": 1000, "state": "consumed",
            "at": at,
        },
    }  # fmt: skip


@pytest.fixture
def hub(long_history: Path, tmp_path: Path) -> Iterator[Hub]:
    path = tmp_path / "hub.db"
    shutil.copy(long_history, path)
    database = open_database(f"sqlite:///{path}")
    yield Hub(database, now=START + MINUTE)
    database.close()


def steps(connection: Connection, work: Callable[[], object]) -> int:
    """How many instructions SQLite ran for this, counted by the thousand."""
    counted = 0

    def count() -> int:
        nonlocal counted
        counted += STEP
        return 0

    driver = connection.connection.driver_connection
    assert driver is not None
    driver.set_progress_handler(count, STEP)
    try:
        work()
    finally:
        driver.set_progress_handler(None, 0)
    return counted


READS: dict[str, Callable[[Connection], object]] = {
    "the board": lambda c: orders.board(c, CHAIN, Wanted()),
    "the board, open only": lambda c: orders.board(c, CHAIN, Wanted(open=True)),
    "the board, one store, open only": lambda c: orders.board(c, CHAIN, Wanted(store=STORE, open=True)),
    "the board of one store": lambda c: orders.board(c, CHAIN, Wanted(store=STORE)),
    "exceptions": lambda c: exception_views.open_ones(c, CHAIN),
    "how many exceptions": lambda c: exception_views.count(c, CHAIN),
    "pushes for a person": lambda c: pushes.in_state(c, CHAIN, PushState.NEEDS_PERSON),
    "how many pushes for a person": lambda c: pushes.count(c, CHAIN, PushState.NEEDS_PERSON),
    "prescriptions that wait": lambda c: prescriptions.waiting(c, CHAIN),
    "how many prescriptions wait": lambda c: prescriptions.count(c, CHAIN),
    "the archive of prescriptions": lambda c: prescriptions.archive(c, CHAIN, Sought()),
    "images to fetch": lambda c: fetching.is_due(c, CHAIN, START),
    "overdue orders": lambda c: overdue.is_due(c, CHAIN, START + 10 * MINUTE, {}, MINUTE),
    "the next call": lambda c: next_due(c, CHAIN, ["own"]),
    "orders a sweep need not ask for": lambda c: settled(c, CHAIN, START, 0),
}

WRITES: dict[str, Callable[[Transaction], object]] = {
    "overdue orders": lambda tx: overdue.check(tx, {}, 0),
    "due images": lambda tx: images.due(tx, 8),
    "due calls": lambda tx: calls.due(tx, 16, ["own"]),
    "stock to the channels": lambda tx: stock_calls.enqueue(tx, {(STORE, "sku1")}),
    "open exceptions of a kind": lambda tx: exceptions.open_of_kind(tx, ExceptionKind.NOT_APPLIED),
}


@pytest.mark.parametrize("what", READS)
def test_reading_touches_only_what_is_under_way(hub: Hub, what: str) -> None:
    with hub.database.read() as connection:
        assert steps(connection, lambda: READS[what](connection)) < MOST


@pytest.mark.parametrize("what", WRITES)
def test_writing_touches_only_what_is_under_way(hub: Hub, what: str) -> None:
    with hub.transaction() as tx:
        assert steps(tx.connection, lambda: WRITES[what](tx)) < MOST


def test_an_order_comes_and_goes_without_a_look_back(hub: Hub) -> None:
    def come_and_go() -> None:
        hub.do(OrderHandedOver(hub.place(3, ("sku2", 1))))

    with hub.database.writing.connect() as connection:
        driver = connection.connection.driver_connection  # the engine's only one, which the transactions take
    assert driver is not None
    looks: list[None] = []
    driver.set_progress_handler(lambda: looks.append(None), STEP)
    come_and_go()
    assert len(looks) * STEP < MOST


def test_the_history_is_long_enough_to_show_a_scan(hub: Hub) -> None:
    """Were it not, the tests above could not fail."""
    scan = "SELECT count(*) FROM orders WHERE chain || '' = 'x'"
    with hub.database.read() as connection:
        assert steps(connection, lambda: connection.exec_driver_sql(scan).all()) > 3 * MOST
