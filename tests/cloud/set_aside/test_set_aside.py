"""Facts that no rule can take: kept raw, answered as done, in the way of nobody, tried again for a cause only."""

from collections.abc import Callable

import msgspec
import pytest
from sqlalchemy.exc import IntegrityError, OperationalError

from cloud import audit, facts, operations, requests, tables
from cloud.agents import Agent
from cloud.edge import operations as edge_operations
from cloud.set_aside import entries, rerunning
from cloud.set_aside.entries import Entry, NotThere, Reason
from cloud.transaction import Transaction
from domain.operations import (
    AcceptOrder,
    Operation,
    OrderHandedOver,
    PickCompleted,
    PickStarted,
    PrescriptionDecided,
    SaleLine,
    SaleRecorded,
)
from domain.orders import OrderState
from domain.picks import Binding
from domain.prescriptions import Decision
from domain.protocol import OutcomeState
from domain.quantity import units
from tests.cloud.hub import CHAIN, OTHER_STORE, STORE, Hub

SALE = SaleRecorded("sale-1", (SaleLine("sku1", units(1)),))


def bag(order_id: str) -> PickCompleted:
    return PickCompleted(order_id, (Binding(1, "81" + "0" * 18, units(1)),))


class DiskFull(Exception):
    """As SQLite tells it."""

    sqlite_errorcode = 13


def open_ones(hub: Hub, store: str | None = None) -> tuple[Entry, ...]:
    with hub.database.read() as connection:
        return entries.listed(connection, CHAIN, store)


def reasons(hub: Hub) -> list[tuple[str, str]]:
    return [(one.kind, str(one.reason)) for one in open_ones(hub)]


def run_due(hub: Hub) -> int:
    with hub.transaction() as tx:
        return sum(rerunning.of_order(tx, *order) for order in rerunning.due(tx.connection, CHAIN))


def breaking(monkeypatch: pytest.MonkeyPatch, error: Exception) -> Callable[[], None]:
    """Sales fail half-way, until what this returns is called."""
    well = facts.sale_recorded

    def fails(tx: Transaction, agent: Agent, fact: SaleRecorded, key: str) -> None:
        well(tx, agent, fact, key)
        raise error

    monkeypatch.setattr(facts, "sale_recorded", fails)
    return lambda: monkeypatch.setattr(facts, "sale_recorded", well)


def test_facts_of_an_order_that_is_not_here_wait_for_it_in_their_order(hub: Hub) -> None:
    """The hub was restored; the platform's sweep brings the order again, under the same id."""
    order_id = hub.place(1, ("sku1", 1))
    with hub.transaction() as tx:
        o = tables.orders.c
        tx.connection.execute(tables.orders.update().where(o.order_id == order_id).values(order_id="elsewhere"))
    for body in (PickStarted(order_id), bag(order_id), OrderHandedOver(order_id)):
        assert hub.do(body).state is OutcomeState.DONE
    assert reasons(hub) == [("pick.completed", "unknown_order"), ("order.handed_over", "behind")]
    assert {(one.store, one.store_name, one.order_id) for one in open_ones(hub)} == {(STORE, f"{STORE} 店", order_id)}
    assert hub.level("sku1").on_hand == units(10)
    assert run_due(hub) == 0, "it has not come"

    with hub.transaction() as tx:
        tx.connection.execute(tables.orders.update().where(o.order_id == "elsewhere").values(order_id=order_id))
    assert run_due(hub) == 2
    assert hub.state(order_id) is OrderState.HANDED_OVER and hub.level("sku1").on_hand == units(9)
    assert open_ones(hub) == () and run_due(hub) == 0
    hub.balanced()


@pytest.mark.parametrize("jump", [0, -60_000])
@pytest.mark.parametrize("swept_first", [False, True])
def test_a_clock_that_is_set_back_reorders_nothing(hub: Hub, jump: int, swept_first: bool) -> None:
    order_id, o = hub.place(1, ("sku1", 1)), tables.orders
    with hub.transaction() as tx:
        tx.connection.execute(o.update().where(o.c.order_id == order_id).values(order_id="elsewhere"))
    hub.do(bag(order_id))
    hub.now += jump
    hub.do(OrderHandedOver(order_id))
    assert swept_first or run_due(hub) == 0
    with hub.transaction() as tx:
        tx.connection.execute(o.update().where(o.c.order_id == "elsewhere").values(order_id=order_id))
    assert run_due(hub) == 2 and open_ones(hub) == ()
    took = [row.action for row in hub.rows(tables.audit) if row.subject == order_id]
    assert took.index("pick.completed") < took.index("order.handed_over")


def test_another_stores_order_is_not_waited_for_in_a_loop(hub: Hub) -> None:
    order_id = hub.place(1, ("sku1", 1))
    hub.do(bag(order_id), store=OTHER_STORE)
    assert run_due(hub) == 0 and reasons(hub) == [("pick.completed", "unknown_order")]
    assert open_ones(hub, STORE) == () and len(open_ones(hub, OTHER_STORE)) == 1


def test_an_order_that_is_here_is_not_waited_for(hub: Hub) -> None:
    """A decision about a prescription that its order does not have: tried once, then a person's."""
    order_id = hub.place(1, ("sku1", 1))
    decision = Decision(True, "p1", "赵六", "L1", 1, "", STORE)
    hub.do(PrescriptionDecided(order_id, "another", decision))
    assert reasons(hub) == [("prescription.decided", "unknown_order")]
    assert run_due(hub) == 0 and reasons(hub) == [("prescription.decided", "failed")]
    with hub.database.read() as connection:
        assert not rerunning.due(connection, CHAIN)


@pytest.mark.parametrize("error", [ValueError("a mistake of ours"), IntegrityError("…", None, Exception("a CHECK"))])
def test_a_rule_that_breaks_leaves_nothing_half_done(
    hub: Hub, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    mend = breaking(monkeypatch, error)
    assert hub.do(SALE, key="k").state is OutcomeState.DONE
    assert hub.do(SALE, key="k").state is OutcomeState.DONE, "said again: one entry"
    assert hub.level("sku1").on_hand == units(10) and hub.rows(tables.sales) == []
    (entry,) = open_ones(hub)
    assert entry.reason is Reason.FAILED and type(error).__name__ in entry.why and entry.key == "k"
    actions = [row.action for row in hub.rows(tables.audit)]
    assert actions.count("operation.failed") == 1 and "sale.recorded" not in actions

    assert run_due(hub) == 0, "the same version does not try again by itself"
    with hub.transaction() as tx:
        assert not rerunning.again(tx, entry.entry_id, by="operator"), "a person may, in vain"
    mend()
    with hub.transaction() as tx:
        assert rerunning.again(tx, entry.entry_id, by="operator")
    assert hub.level("sku1").on_hand == units(9) and open_ones(hub) == ()
    with hub.transaction() as tx, pytest.raises(NotThere):
        rerunning.again(tx, entry.entry_id, by="operator")
    hub.balanced()
    with hub.database.read() as connection:
        assert audit.verify(connection, CHAIN) == []


def test_a_database_that_fails_is_no_fault_of_the_fact(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    breaking(monkeypatch, OperationalError("…", None, DiskFull("database or disk is full")))
    with pytest.raises(OperationalError):
        hub.do(SALE)
    assert hub.rows(tables.operations) == [] and open_ones(hub) == ()


def test_a_new_version_tries_once_what_the_old_one_failed_at(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    breaking(monkeypatch, ValueError("a mistake of ours"))
    hub.do(SALE)
    with hub.transaction() as tx:
        assert rerunning.of_other_versions(tx) == []
    monkeypatch.setattr(rerunning, "VERSION", "9.9")
    monkeypatch.setattr(entries, "VERSION", "9.9")
    with hub.transaction() as tx:
        (entry_id,) = rerunning.of_other_versions(tx)
        assert not rerunning.again(tx, entry_id, by="hub")
        assert rerunning.of_other_versions(tx) == [], "once"


def test_what_a_person_settles_frees_what_waits_behind(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    order_id = hub.place(1, ("sku1", 1))
    monkeypatch.setattr(facts, "pick_completed", lambda *_: 1 // 0)
    hub.do(bag(order_id))
    hub.do(OrderHandedOver(order_id))
    assert reasons(hub) == [("pick.completed", "failed"), ("order.handed_over", "behind")]
    assert hub.do(AcceptOrder(order_id)).state is OutcomeState.DONE, "a request may pass: it is answered by itself"
    first = open_ones(hub)[0]
    with hub.transaction() as tx:
        rerunning.settle(tx, first.entry_id, by="operator", note="stock was counted by hand")
    assert hub.state(order_id) is OrderState.HANDED_OVER and open_ones(hub) == ()
    settled = hub.row(tables.set_aside, entry_id=first.entry_id)
    assert (settled.state, settled.ended_by, settled.note) == ("settled", "operator", "stock was counted by hand")


def test_a_key_with_two_bodies_is_kept_once_and_not_tried(hub: Hub) -> None:
    other = SaleRecorded("sale-2", SALE.lines)
    hub.do(SALE, key="k")
    for _ in range(3):
        assert hub.do(other, key="k").state is OutcomeState.KEY_REUSED
    (entry,) = open_ones(hub)
    with hub.database.read() as connection:
        assert b"sale-2" in entries.raw(connection, CHAIN, entry.entry_id)
    with hub.transaction() as tx, pytest.raises(rerunning.NotRetried):
        rerunning.again(tx, entry.entry_id, by="operator")


def test_a_kind_that_an_updated_hub_knows_is_taken_and_done(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    operation = hub.operation(SALE, "k")

    def send() -> OutcomeState:
        with hub.transaction() as tx:
            return operations.apply(tx, hub.agent(), operation).state

    monkeypatch.setattr(SaleRecorded, "version", 0)
    assert send() is send() is OutcomeState.UNKNOWN_KIND
    assert reasons(hub) == [("sale.recorded", "unknown_kind")]
    monkeypatch.setattr(SaleRecorded, "version", 1)
    assert send() is OutcomeState.DONE
    assert open_ones(hub) == () and hub.level("sku1").on_hand == units(9)


def test_an_orders_facts_wait_behind_a_kind_that_only_an_updated_hub_knows(
    hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    order_id = hub.place(1, ("sku1", 1))
    packed = msgspec.structs.replace(hub.operation(bag(order_id), "k"), order_id=order_id)

    def send() -> OutcomeState:
        with hub.transaction() as tx:
            return operations.apply(tx, hub.agent(), packed).state

    monkeypatch.setattr(PickCompleted, "version", 0)
    assert send() is OutcomeState.UNKNOWN_KIND
    hub.do(OrderHandedOver(order_id))
    waiting = [("pick.completed", "unknown_kind"), ("order.handed_over", "behind")]
    monkeypatch.setattr(PickCompleted, "version", 1)
    assert reasons(hub) == waiting and run_due(hub) == 0, "its agent sends it again, and nobody else runs it"
    with hub.transaction() as tx:
        assert not rerunning.again(tx, open_ones(hub)[1].entry_id, by="operator")
    assert reasons(hub) == waiting

    assert send() is OutcomeState.DONE
    assert run_due(hub) == 2 and open_ones(hub) == ()
    assert hub.state(order_id) is OrderState.HANDED_OVER and hub.level("sku1").on_hand == units(9)
    hub.balanced()


def test_what_was_of_an_unknown_kind_and_then_fails_is_kept(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    """It was answered as done: nobody else has it."""
    operation = hub.operation(SALE, "k")

    def send() -> OutcomeState:
        with hub.transaction() as tx:
            return operations.apply(tx, hub.agent(), operation).state

    monkeypatch.setattr(SaleRecorded, "version", 0)
    assert send() is OutcomeState.UNKNOWN_KIND
    monkeypatch.setattr(SaleRecorded, "version", 1)
    mend = breaking(monkeypatch, ValueError("a mistake of ours"))
    assert send() is send() is OutcomeState.DONE
    assert reasons(hub) == [("sale.recorded", "failed")]
    mend()
    with hub.transaction() as tx:
        assert rerunning.again(tx, open_ones(hub)[0].entry_id, by="operator")
    assert hub.level("sku1").on_hand == units(9) and open_ones(hub) == ()


@pytest.mark.parametrize("body", [b'{"order_id":"a\\u0000b"}', b'{"order_id":7}', b"[]"])
def test_what_cannot_be_kept_as_text_is_set_aside(hub: Hub, body: bytes) -> None:
    with hub.transaction() as tx:
        started = Operation("k", 1, "pick.started", 1, 1, msgspec.Raw(body), "o1")
        assert operations.apply(tx, hub.agent(), started).state is OutcomeState.DONE
    assert reasons(hub) == [("pick.started", "unreadable")]
    assert hub.do(SALE).state is OutcomeState.DONE and hub.do(PickStarted("o2")).state is OutcomeState.DONE
    assert len(open_ones(hub)) == 1, "and holds back nothing of others"
    hub.do(bag("o1"))
    assert reasons(hub)[1:] == [("pick.completed", "behind")], "another version may read it: then it comes first"


def test_a_request_that_breaks_is_refused_and_stops_nobody(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    order_id = hub.place(1, ("sku1", 1))
    monkeypatch.setattr(requests, "accept_order", lambda *_: 1 // 0)
    outcome = hub.do(AcceptOrder(order_id))
    assert (outcome.state, outcome.reason) == (OutcomeState.REFUSED, operations.BROKE)


async def test_what_breaks_the_whole_transaction_stops_no_outbox(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    """Something that only shows at the end of the transaction, with all operations of the request in it."""
    chain_up = audit.chain_up

    def broken(tx: Transaction) -> None:
        if any(entry.action == "sale.recorded" and entry.subject == "sale-1" for entry in tx.happened):
            raise ValueError("nobody foresaw this")
        chain_up(tx)

    monkeypatch.setattr(audit, "chain_up", broken)
    writer = hub.writer()
    await writer.start()
    try:
        sales = [hub.operation(SaleRecorded(f"sale-{number}", SALE.lines), f"k{number}") for number in range(3)]
        outcomes = await edge_operations.take(writer, hub.agent(), sales)
    finally:
        await writer.stop()
    assert [outcome.state for outcome in outcomes] == [OutcomeState.DONE] * 3
    assert {row.sale_id for row in hub.rows(tables.sales)} == {"sale-0", "sale-2"}
    assert [(one.key, one.reason) for one in open_ones(hub)] == [("k1", Reason.FAILED)]
    hub.balanced()
