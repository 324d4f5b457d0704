"""A fact on which a whole transaction breaks, seen only at its end, stops neither other orders nor the hub's start."""

from collections.abc import Awaitable, Callable
from pathlib import Path

import msgspec
import pytest

from cloud import audit, facts, operations, tables
from cloud.set_aside import entries, rerunning
from cloud.set_aside.entries import Reason
from cloud.set_aside.retrying import Retrying
from cloud.transaction import Transaction
from domain.events import OperationKept, store_log
from domain.operations import AcceptOrder, Operation, OrderHandedOver, PickCompleted, SaleLine, SaleRecorded
from domain.orders import OrderState
from domain.protocol import OutcomeState
from domain.quantity import units
from tests.cloud.hub import CHAIN, OTHER_STORE, STORE, Hub
from tests.cloud.set_aside.test_set_aside import bag, breaking, open_ones, reasons
from tests.cloud.snapshots.reading import taken

Work = Callable[[Retrying], Awaitable[None]]


async def trying(hub: Hub, work: Work) -> None:
    writer = hub.writer()
    await writer.start()
    try:
        await work(Retrying(writer, CHAIN))
    finally:
        await writer.stop()


def breaks_on(monkeypatch: pytest.MonkeyPatch, action: str, subject: str) -> None:
    """The end of a transaction breaks while this is what happened in it."""
    chain_up = audit.chain_up

    def broken(tx: Transaction) -> None:
        if any((entry.action, entry.subject) == (action, subject) for entry in tx.happened):
            raise ValueError("nobody foresaw this")
        chain_up(tx)

    monkeypatch.setattr(audit, "chain_up", broken)


def by_version(monkeypatch: pytest.MonkeyPatch, version: str) -> None:
    for module in (rerunning, entries):
        monkeypatch.setattr(module, "VERSION", version)


def elsewhere(hub: Hub, order_ids: list[str], *, come: bool) -> None:
    """Orders that this hub does not have, until they come."""
    o = tables.orders
    for order_id in order_ids:
        now, then = (f"not-{order_id}", order_id) if come else (order_id, f"not-{order_id}")
        with hub.transaction() as tx:
            tx.connection.execute(o.update().where(o.c.order_id == now).values(order_id=then))


async def test_a_new_version_starts_whatever_breaks_and_tries_it_once(
    hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    mend = breaking(monkeypatch, ValueError("a mistake of the version before"))
    for number in range(3):
        hub.do(SaleRecorded(f"sale-{number}", (SaleLine("sku1", units(1)),)), key=f"k{number}")
    mend()
    breaks_on(monkeypatch, "sale.recorded", "sale-1")
    by_version(monkeypatch, "9.9")
    await trying(hub, Retrying.as_new_version)
    assert {row.sale_id for row in hub.rows(tables.sales)} == {"sale-0", "sale-2"}
    (entry,) = open_ones(hub)
    assert (entry.key, entry.reason, entry.why) == ("k1", Reason.FAILED, "ValueError: nobody foresaw this")
    with hub.transaction() as tx:
        assert rerunning.of_other_versions(tx) == []
    hub.balanced()


async def test_an_order_that_breaks_stops_no_other_and_only_the_fact_at_fault_stays(
    hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad, good = orders = [hub.place(number, ("sku1", 1)) for number in (1, 2)]
    elsewhere(hub, orders, come=False)
    for order_id in orders:
        hub.do(bag(order_id))
        hub.do(OrderHandedOver(order_id))
    elsewhere(hub, orders, come=True)
    breaks_on(monkeypatch, "order.handed_over", bad)
    await trying(hub, Retrying.due)
    assert hub.state(good) is OrderState.HANDED_OVER and hub.state(bad) is OrderState.PICKED
    assert reasons(hub) == [("order.handed_over", "failed")]
    with hub.database.read() as connection:
        assert rerunning.due(connection, CHAIN) == [], "it is not tried for ever"
    hub.balanced()


async def test_a_new_version_marks_the_fact_at_fault_and_not_the_first_of_its_order(
    hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    order_id, well = hub.place(1, ("sku1", 1)), facts.pick_completed
    monkeypatch.setattr(facts, "pick_completed", lambda *_: 1 // 0)
    hub.do(bag(order_id))
    hub.do(OrderHandedOver(order_id))
    monkeypatch.setattr(facts, "pick_completed", well)
    breaks_on(monkeypatch, "order.handed_over", order_id)
    by_version(monkeypatch, "9.9")
    await trying(hub, Retrying.as_new_version)
    assert hub.state(order_id) is OrderState.PICKED and reasons(hub) == [("order.handed_over", "failed")]


async def test_an_updated_hub_takes_up_the_facts_that_it_did_not_know(
    hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Their store was put back to before them: it never sends them again."""
    order_id = hub.place(1, ("sku1", 1))
    packed = msgspec.structs.replace(hub.operation(bag(order_id), "k"), order_id=order_id)
    with monkeypatch.context() as older:
        older.setattr(PickCompleted, "version", 0)
        assert send(hub, packed) is OutcomeState.UNKNOWN_KIND
        hub.do(OrderHandedOver(order_id))
        await trying(hub, Retrying.as_new_version)
        assert reasons(hub) == [("pick.completed", "unknown_kind"), ("order.handed_over", "behind")]
    await trying(hub, Retrying.as_new_version)
    await trying(hub, Retrying.due)
    assert open_ones(hub) == ()
    assert hub.state(order_id) is OrderState.HANDED_OVER and hub.level("sku1").on_hand == units(9)
    assert send(hub, packed) is OutcomeState.DONE, "should it come after all"
    assert hub.level("sku1").on_hand == units(9)
    hub.balanced()


def test_a_store_that_was_put_back_gets_what_an_older_hub_did_not_know(
    hub: Hub, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    order_id = hub.place(1, ("sku1", 1))
    packed = msgspec.structs.replace(hub.operation(bag(order_id), "k"), order_id=order_id)
    monkeypatch.setattr(PickCompleted, "version", 0)
    assert send(hub, packed) is OutcomeState.UNKNOWN_KIND
    assert taken(hub, store_log(STORE), tmp_path).bodies(OperationKept) == [OperationKept(packed)]
    assert taken(hub, store_log(OTHER_STORE), tmp_path).bodies(OperationKept) == []


async def test_an_updated_hub_takes_up_the_requests_that_it_did_not_know(
    hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Their store repeats them, unless it was put back meanwhile, or believes them done as this hub was."""
    accept = hub.operation(AcceptOrder(hub.place(1, ("sku1", 1))), "k")
    with monkeypatch.context() as older:
        older.setattr(AcceptOrder, "version", 0)
        assert send(hub, accept) is OutcomeState.UNKNOWN_KIND
    await trying(hub, Retrying.as_new_version)
    assert reasons(hub) == []
    assert send(hub, accept) is OutcomeState.DONE, "as it was answered then"


def send(hub: Hub, operation: Operation) -> OutcomeState:
    with hub.transaction() as tx:
        return operations.apply(tx, hub.agent(), operation).state
