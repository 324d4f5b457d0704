"""The logs: dense whatever is rolled back or runs at once, and nothing about a person in them."""

import threading

import pytest

from cloud import eventlog, personal, tables
from cloud.channels.base import Refunded, RiderCame
from cloud.transaction import Transaction
from domain.events import OrderUrged, store_log
from domain.operations import SaleLine, SaleRecorded
from domain.orders import RiderState
from domain.personal import Rider
from domain.protocol import Cursor
from domain.refunds import RefundState
from tests.cloud.hub import CHAIN, RECIPIENT, STORE, Hub

LOG = store_log(STORE)
PERSON = ("王小明", "13812345678", "13900001111", "建国路", "请放门口", "赵骑手", "13755554444", "过敏了")


def urged(tx: Transaction, number: int) -> None:
    eventlog.append(tx, LOG, OrderUrged("o", number))


def test_a_rolled_back_savepoint_leaves_no_gap(hub: Hub) -> None:
    before = len(hub.events())
    with hub.transaction() as tx:
        urged(tx, 1)
        with pytest.raises(ZeroDivisionError), tx.savepoint():
            urged(tx, 2)
            raise ZeroDivisionError
        urged(tx, 3)
    with pytest.raises(ZeroDivisionError), hub.transaction() as tx:
        urged(tx, 4)
        raise ZeroDivisionError
    said = [body.urged_at for body in hub.told(OrderUrged) if isinstance(body, OrderUrged)]
    assert said == [1, 3]
    assert len(hub.events()) == before + 2


def test_numbers_are_dense_when_many_transactions_write_at_once(hub: Hub) -> None:
    before = len(hub.events())

    def write(start: int) -> None:
        for number in range(start, start + 15):
            try:
                with hub.transaction() as tx:
                    urged(tx, number)
                    if number % 3 == 0:
                        raise ZeroDivisionError
            except ZeroDivisionError:
                continue

    threads = [threading.Thread(target=write, args=(100 * place,)) for place in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(hub.events()) == before + 4 * 10  # `events` checks that they are dense


def test_a_cursor_that_cannot_be_served_is_reset(hub: Hub) -> None:
    with hub.database.read() as connection:
        (head,) = eventlog.heads(connection, CHAIN, [LOG])

        def page(cursor: Cursor, limit: int = 200) -> list[int] | None:
            answer = eventlog.page(connection, CHAIN, hub.vault, cursor, limit)
            return None if answer.reset else [event.seq for event in answer.events]

        assert page(Cursor(LOG, "", 0), 2) == [1, 2]
        assert page(Cursor(LOG, head.log_id, head.seq)) == []
        assert page(Cursor(LOG, head.log_id, head.seq + 1)) is None
        assert page(Cursor(LOG, "another", 1)) is None


def test_a_person_travels_beside_the_events_and_can_be_erased(hub: Hub) -> None:
    order_id = hub.place(1)
    (carried,) = hub.events()[-1].personal
    assert (carried.order_id, carried.name) == (order_id, "recipient")
    assert RECIPIENT.address in bytes(carried.body).decode()
    with hub.transaction() as tx:
        personal.erase(tx, order_id)
    assert hub.events()[-1].personal == ()
    hub.say(1, RiderCame("1", RiderState.ASSIGNED, Rider("赵骑手", "13755554444")), "rider:1")
    assert hub.events()[-1].kind == "rider.moved" and hub.events()[-1].personal == ()
    with hub.database.read() as connection:
        assert personal.get(connection, CHAIN, hub.vault, order_id, "recipient") is None


def test_no_table_but_the_sealed_ones_holds_anything_of_a_person(hub: Hub) -> None:
    hub.say(2, RiderCame("2", RiderState.ASSIGNED, Rider("赵骑手", "13755554444")), "rider:2")  # waits, sealed
    hub.place(1)
    hub.say(1, RiderCame("1", RiderState.ASSIGNED, Rider("赵骑手", "13755554444")), "rider:1")
    hub.say(1, Refunded("1", "r", RefundState.ASKED, True, 1, (), "过敏了", None, None), "refund:r")
    hub.do(SaleRecorded("sale", (SaleLine("sku1", 1000),)))
    searched = [table for table in tables.metadata.sorted_tables if table.name not in ("personal", "personal_keys")]
    text = "\n".join(
        cell.decode("utf-8", "replace") if isinstance(cell, bytes) else str(cell)
        for table in searched
        for row in hub.rows(table)
        for cell in row
    )
    assert "药品1" in text  # the search sees what is there
    assert [word for word in PERSON if word in text] == []
    sealed = b"".join(row.sealed for row in hub.rows(tables.personal))
    assert [word for word in PERSON if word.encode() in sealed] == []
