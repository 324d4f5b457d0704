"""A snapshot in the place of what a log had made: what is new prints, what is known repeats nothing, what the store did
stays."""

import logging
from datetime import date
from functools import partial
from pathlib import Path

import msgspec
import pytest

from agent import (
    announcements,
    catalogue,
    cursors,
    incarnation,
    orders,
    outbox,
    personal,
    picks,
    policy,
    prescriptions,
    slips,
    stock,
)
from agent.apply import retry_quarantined
from agent.cursors import cursor
from agent.erp import levels
from agent.files import CacheFile, WorkFile
from agent.picking.steps import start
from agent.prescriptions import records
from agent.quarantine import count as quarantined
from agent.revival import FORGOTTEN
from agent.slips import Slip
from agent.snapshots.loading import load
from agent.snapshots.reading import Snapshot, SnapshotUnusable
from agent.trail import steps
from agent.transactions import Transaction
from domain.erp import ErpCount, ErpLevel, ErpSale, ErpSaleLine
from domain.events import (
    CATALOGUE,
    DoneInStore,
    EventBody,
    ExceptionOpened,
    OrderAdvanced,
    OrderCancelled,
    OrderPlaced,
    PolicySet,
    PrescriptionChanged,
    ProductPut,
    RecallPut,
    RefundChanged,
    RiderMoved,
    StockSet,
)
from domain.exceptions import Choice, ExceptionKind, OrderException
from domain.lots import Lot
from domain.operations import ErpCounted, ErpSold, SaleLine, SaleRecorded
from domain.orders import Order, OrderState, RiderState
from domain.personal import Recipient
from domain.picks import Binding, PickState
from domain.policy import ChainPolicy
from domain.prescriptions import Prescription, PrescriptionState
from domain.protocol import Cursor, Outcome, OutcomeState
from domain.quantity import units
from domain.recalls import Recall, RecallKind
from domain.refunds import Refund, RefundState
from domain.slips import SlipKind, SlipState
from tests.agent.core.catalogue import TWO_PRODUCTS
from tests.agent.core.hub import AMOXICILLIN, IBUPROFEN, LOG, NOON, Hub, order, person
from tests.agent.snapshots.making import KEY, header, loaded, packed

LOT = Lot("B1", date(2027, 3, 31), units(4))
PROBLEM = "SELECT problem FROM orders WHERE order_id = 'o1'"
CODE = "81234560000000000001"


def known(work: WorkFile, order_id: str = "o1") -> Order:
    return work.read(lambda reading: orders.get(reading, order_id))


def waiting(work: WorkFile) -> set[str]:
    return {each.key for each in work.read(outbox.pending)}


def pick_of(work: WorkFile, order_id: str = "o1") -> PickState:
    return work.read(lambda reading: picks.load(reading, order_id)).state


def slips_of(work: WorkFile, order_id: str = "o1", kind: SlipKind | None = None) -> tuple[Slip, ...]:
    return work.read(lambda reading: slips.of_order(reading, order_id, kind))


def printed(work: WorkFile, order_id: str = "o1") -> None:
    """Its picking slip lies on paper, and headquarters heard of everything so far."""

    def write(tx: Transaction) -> None:
        (slip,) = slips.of_order(tx, order_id, SlipKind.PICKING)
        slips.begin_sending(tx, slip.slip_id, "p", slips.revision_of(tx, order_id))
        for state in (SlipState.CONFIRMING, SlipState.PRINTED):
            slips.change(tx, slips.get(tx, slip.slip_id), state)
        tx.db.execute("UPDATE outbox SET state = 'done'")

    work.write(write)


def heard(work: WorkFile) -> list[str]:
    return [waiting.kind for waiting in work.read(announcements.waiting)]


def test_a_new_order_prints_and_is_announced(work: WorkFile, tmp_path: Path) -> None:
    who = person("o1", Recipient("王小明", "13812345678", remark="放门口"))
    after = loaded(work, tmp_path, header(), OrderPlaced(order()), personal=[who])
    assert after == Cursor(LOG, "first", 10) == work.read(lambda reading: cursor(reading, LOG))
    assert [slip.state for slip in slips_of(work)] == [SlipState.ACCEPTED]
    assert heard(work) == [announcements.Kind.NEW_ORDER]
    assert work.read(lambda reading: personal.recipient(reading, "o1")).name == "王**"


def test_what_is_known_repeats_nothing(hub: Hub, work: WorkFile, tmp_path: Path) -> None:
    hub.tell(OrderPlaced(order()))
    printed(work)
    before, told = slips_of(work), work.read(outbox.depth)
    work.write(lambda tx: announcements.seen(tx, "o1"))
    loaded(work, tmp_path, header(), OrderPlaced(order(), DoneInStore(printed_at=NOON)))
    assert slips_of(work) == before
    assert heard(work) == []
    assert work.read(outbox.depth) == told


def test_what_came_further_elsewhere_takes_effect(hub: Hub, work: WorkFile, tmp_path: Path) -> None:
    hub.tell(OrderPlaced(order()), OrderPlaced(order("o2")))
    printed(work)
    work.write(lambda tx: start(tx, "o1", TWO_PRODUCTS))
    loaded(
        work,
        tmp_path,
        header(),
        OrderPlaced(order(state=OrderState.CANCELLED)),
        OrderCancelled("o1", "customer", taken=False),
        OrderPlaced(order("o2", rider=RiderState.AT_STORE)),
        RiderMoved("o2", RiderState.AT_STORE),
    )
    assert (known(work).state, pick_of(work)) == (OrderState.CANCELLED, PickState.STOPPED)
    assert [slip.state for slip in slips_of(work, kind=SlipKind.STOP)] == [SlipState.ACCEPTED]
    assert {announcements.Kind.CANCELLED, announcements.Kind.RIDER_HERE} <= set(heard(work))


def test_our_own_progress_stands_against_an_older_word(hub: Hub, work: WorkFile, tmp_path: Path) -> None:
    hub.tell(OrderPlaced(order()))
    hub.tell(OrderAdvanced("o1", OrderState.PICKED))
    loaded(work, tmp_path, header(), OrderPlaced(order()))
    assert known(work).state is OrderState.PICKED


def test_an_order_that_was_over_is_written_down_in_silence(work: WorkFile, tmp_path: Path) -> None:
    over = order(state=OrderState.COMPLETED)
    refund = Refund("r1", "o1", True, RefundState.AGREED, 3000, NOON)
    prescription = Prescription("p1", "o1", PrescriptionState.APPROVED)
    done = DoneInStore(NOON, 7, "ab" * 32, (Binding(1, CODE, units(1)),))
    loaded(
        work,
        tmp_path,
        header(),
        OrderPlaced(over, done),
        RefundChanged(refund),
        PrescriptionChanged(prescription),
    )
    assert known(work) == over
    assert (slips_of(work), heard(work), work.read(outbox.depth)) == ((), [], 0)
    assert pick_of(work) is PickState.HANDED_OVER
    assert work.read(lambda reading: picks.sold_at(reading, CODE)) is not None, "sold once is sold"
    assert work.read(lambda reading: records.of_order(reading, "o1"))[0].told == prescription
    assert work.read(lambda reading: reading.db.execute("SELECT state FROM refunds").fetchone()[0]) == "agreed"


def test_a_new_computer_goes_on_where_the_last_one_was(work: WorkFile, hub: Hub, tmp_path: Path) -> None:
    packs = (Binding(1, CODE, units(1), "B1"),)
    loaded(
        work,
        tmp_path,
        header(seq=10),
        OrderPlaced(order(), DoneInStore(NOON, 4, "cd" * 32)),
        OrderPlaced(order("o2", state=OrderState.PICKED), DoneInStore(NOON, 9, "ef" * 32, packs)),
    )
    assert [(slip.state, slip.copy) for slip in slips_of(work)] == [(SlipState.PRINTED, 0)], "no second paper"
    assert heard(work) == []
    first = work.read(lambda reading: steps(reading, "o1"))[0]
    assert first.seq == 5, "the trail goes on behind what headquarters has"
    assert pick_of(work, "o2") is PickState.PACKED
    assert work.read(lambda reading: picks.load(reading, "o2")).bindings == packs


def test_an_order_nobody_speaks_of_is_over_and_says_so(hub: Hub, work: WorkFile, tmp_path: Path) -> None:
    hub.tell(OrderPlaced(order()), OrderPlaced(order("o2")), OrderPlaced(order("o3")))
    printed(work)
    work.write(lambda tx: start(tx, "o2", TWO_PRODUCTS))
    loaded(work, tmp_path, header(), OrderPlaced(order("o3")))
    assert (known(work).state, pick_of(work)) == (OrderState.CANCELLED, PickState.STOPPED)
    assert "总部已没有这张订单" in work.read(lambda reading: reading.db.execute(PROBLEM).fetchone()[0])
    assert [slip.kind for slip in slips_of(work)] == [SlipKind.PICKING, SlipKind.STOP]
    assert known(work, "o2").state is OrderState.ACCEPTED, "that it was begun is still to be told"
    assert known(work, "o3").state is OrderState.ACCEPTED


@pytest.mark.parametrize("on_paper", [True, False])
def test_a_forgotten_order_goes_on_when_it_comes_again(
    hub: Hub, work: WorkFile, tmp_path: Path, on_paper: bool
) -> None:
    """Headquarters was restored from a backup; the order's channel tells it again, under the same id."""
    hub.tell(OrderPlaced(order()))
    if on_paper:
        printed(work)
    loaded(work, tmp_path, header(log_id="second", seq=100))
    marked = work.read(lambda reading: reading.db.execute("SELECT cancelled_by FROM orders").fetchone()[0])
    assert (marked, known(work).state) == (FORGOTTEN, OrderState.CANCELLED)
    assert [slip.kind for slip in slips_of(work)] == [SlipKind.PICKING], "no stop slip: it will come again"
    hub.log_id = "second"
    hub._seq[LOG] = 100
    hub.tell(OrderPlaced(order()))
    assert (known(work).state, pick_of(work)) == (OrderState.ACCEPTED, PickState.ASSIGNED)
    states = [slip.state for slip in slips_of(work)]
    assert states == ([SlipState.PRINTED] if on_paper else [SlipState.WITHDRAWN, SlipState.ACCEPTED])


def test_a_forgotten_order_that_is_over_stays_over(hub: Hub, work: WorkFile, tmp_path: Path) -> None:
    hub.tell(OrderPlaced(order()))
    loaded(work, tmp_path, header(log_id="second", seq=100))
    hub.log_id = "second"
    hub._seq[LOG] = 100
    hub.tell(OrderPlaced(order(state=OrderState.COMPLETED)))
    assert (known(work).state, pick_of(work)) == (OrderState.COMPLETED, PickState.STOPPED)


def test_exceptions_are_those_that_are_open_there(hub: Hub, work: WorkFile, tmp_path: Path) -> None:
    def opened(name: str, *lines: int) -> ExceptionOpened:
        return ExceptionOpened(OrderException(name, ExceptionKind.SHORT, "o1", lines, (Choice.FOUND,), NOON, None))

    hub.tell(OrderPlaced(order()), opened("e1", 1), opened("e2", 1))
    loaded(work, tmp_path, header(), OrderPlaced(order()), opened("e2", 1, 2), opened("e3", 1))
    rows = work.read(lambda reading: reading.db.execute("SELECT * FROM exceptions ORDER BY exception_id").fetchall())
    assert [(row["exception_id"], row["closed_at"] is None) for row in rows] == [
        ("e1", False),
        ("e2", True),
        ("e3", True),
    ]
    assert rows[1]["lines"] == "[1,2]"


def test_stock_is_theirs_with_what_they_have_not_heard(hub: Hub, work: WorkFile, tmp_path: Path) -> None:
    hub.tell(StockSet("AMX", units(10), "A"), StockSet("IBU", units(3), "B"), StockSet("OLD", units(1), "C"))
    work.write(lambda tx: stock.record_sale(tx, [SaleLine("AMX", units(2))]))
    work.write(lambda tx: stock.count_stock(tx, "IBU", units(5), "盘点"))
    loaded(work, tmp_path, header(), StockSet("AMX", units(7), "A", (LOT,), {"B1": units(1)}), StockSet("IBU", 0, "B"))
    rows = work.read(lambda reading: reading.db.execute("SELECT sku, on_hand FROM stock ORDER BY sku").fetchall())
    assert [tuple(row) for row in rows] == [("AMX", units(5)), ("IBU", units(5))]
    (lot,) = work.read(lambda reading: reading.db.execute("SELECT quantity, quarantine FROM lots").fetchall())
    assert tuple(lot) == (units(5), units(1))


def test_what_the_erp_said_meanwhile_never_raises_what_is_sellable(hub: Hub, work: WorkFile, tmp_path: Path) -> None:
    hub.tell(StockSet("AMX", units(10), "A"), StockSet("IBU", units(10), "B"), StockSet("OLD", units(10), "C"))
    count = ErpCount("c1", 5, (ErpLevel("AMX", units(4)), ErpLevel("IBU", units(12))), 0)
    sale = ErpSale("s1", 7, (ErpSaleLine("OLD", units(3)),))

    def feed(tx: Transaction) -> None:
        levels.set_levels(tx, count)
        levels.book(tx, levels.of_sale(sale.document_id), sale.sequence, {"OLD": -units(3)})
        tx.db.execute("UPDATE stock SET on_hand = 4000 WHERE sku = 'AMX'")
        tx.db.execute("UPDATE stock SET on_hand = 12000 WHERE sku = 'IBU'")
        outbox.put(tx, ErpCounted(count))
        outbox.put(tx, ErpSold(sale))

    work.write(feed)
    loaded(work, tmp_path, header(), *(StockSet(sku, units(10), "") for sku in ("AMX", "IBU", "OLD")))
    rows = work.read(lambda reading: reading.db.execute("SELECT sku, on_hand FROM stock ORDER BY sku").fetchall())
    assert [tuple(row) for row in rows] == [("AMX", units(4)), ("IBU", units(10)), ("OLD", units(7))]


def test_an_order_whose_word_a_person_must_carry_stays_open(hub: Hub, work: WorkFile, tmp_path: Path) -> None:
    hub.tell(OrderPlaced(order()))
    work.write(lambda tx: start(tx, "o1", TWO_PRODUCTS))
    work.write(lambda tx: tx.db.execute("UPDATE outbox SET state = 'not_taken'"))
    loaded(work, tmp_path, header())
    assert known(work).state is OrderState.ACCEPTED


def test_what_lies_apart_here_stays_apart(hub: Hub, work: WorkFile, tmp_path: Path) -> None:
    hub.tell(StockSet("AMX", units(4), "A", (LOT,)))
    work.write(lambda tx: tx.db.execute("UPDATE lots SET quantity = quantity + 3000, quarantine = 3000"))
    loaded(work, tmp_path, header(), StockSet("AMX", units(4), "A", (LOT,), {"B1": units(9)}))
    (lot,) = work.read(lambda reading: reading.db.execute("SELECT quantity, quarantine FROM lots").fetchall())
    assert tuple(lot) == (units(7), units(3)), "the store's own word about what it keeps apart"


def test_a_cleared_setting_is_cleared(hub: Hub, work: WorkFile, tmp_path: Path) -> None:
    hub.tell(PolicySet(ChainPolicy(near_expiry_days=100)))
    loaded(work, tmp_path, header(), PolicySet(ChainPolicy()))
    assert work.read(policy.in_force) == ChainPolicy()


def test_the_catalogue_is_what_the_snapshot_says(hub: Hub, cache: CacheFile, tmp_path: Path) -> None:
    recall = Recall("r1", RecallKind.RECALL, "AMX", (), "杂质", NOON)
    hub.teach(AMOXICILLIN, IBUPROFEN)
    hub.recall(recall)
    changed = msgspec.structs.replace(AMOXICILLIN, name="阿莫西林", trace_prefixes=())
    loaded(cache, tmp_path, header(CATALOGUE), ProductPut(changed))
    assert cache.read(lambda reading: catalogue.product(reading, "AMX")) == changed
    assert cache.read(lambda reading: catalogue.product(reading, "IBU")) is None
    assert cache.read(lambda reading: catalogue.recalls(reading, "AMX")) == ()
    loaded(cache, tmp_path, header(CATALOGUE, seq=11), ProductPut(changed), RecallPut(recall))
    assert cache.read(lambda reading: catalogue.recalls(reading, "AMX")) == (recall,)


def test_a_restored_hub_hears_it_all_again(hub: Hub, work: WorkFile, tmp_path: Path) -> None:
    """It names the newest operation of this life only; whether it has those below, or those of the lives before, nobody
    can say."""
    hub.tell(OrderPlaced(order("o1")))
    work.write(incarnation.incarnation)
    keys = [work.write(partial(outbox.put, body=SaleRecorded(sale, ()))) for sale in ("one", "two")]
    work.write(lambda tx: outbox.settle(tx, [Outcome(key, OutcomeState.DONE) for key in keys]))
    work.write(incarnation.begin_anew)
    keys.append(work.write(partial(outbox.put, body=SaleRecorded("three", ()))))
    work.write(lambda tx: outbox.settle(tx, [Outcome(keys[-1], OutcomeState.DONE)]))
    work.write(lambda tx: cursors.move(tx, Cursor(LOG, "first", 1)))
    loaded(work, tmp_path, header(seq=5))
    assert not waiting(work) & set(keys), "the same hub has what it had"
    loaded(work, tmp_path, header(log_id="second", seq=9))
    assert waiting(work) >= set(keys)


def test_an_older_one_of_the_same_incarnation_is_refused(hub: Hub, work: WorkFile, tmp_path: Path) -> None:
    hub.tell(OrderPlaced(order()), OrderPlaced(order("o2")))
    with pytest.raises(SnapshotUnusable, match="2 was applied"):
        loaded(work, tmp_path, header(seq=1))
    with pytest.raises(SnapshotUnusable, match="not of"):
        loaded_as_another(work, tmp_path)
    assert work.read(lambda reading: cursor(reading, LOG)) == Cursor(LOG, "first", 2)
    assert known(work).state is OrderState.ACCEPTED


def loaded_as_another(work: WorkFile, folder: Path) -> None:
    (folder / "x.gz").write_bytes(packed(header("store:S9")))
    work.write(lambda tx: load(tx, LOG, header("store:S9"), Snapshot(folder / "x.gz", KEY)))


def test_what_was_set_aside_is_in_the_snapshot(hub: Hub, work: WorkFile, tmp_path: Path) -> None:
    hub.tell(OrderAdvanced("o1", OrderState.PICKED))
    assert work.read(quarantined) == 1
    loaded(work, tmp_path, header(), OrderPlaced(order(state=OrderState.PICKED)))
    assert work.read(quarantined) == 0


def test_one_order_that_fails_harms_no_other(
    work: WorkFile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    follow = prescriptions.follow

    def poisoned(tx: Transaction, order_id: str) -> None:
        if order_id == "o1":
            raise ZeroDivisionError
        follow(tx, order_id)

    bodies: list[EventBody] = [OrderPlaced(order()), OrderPlaced(order("o2")), StockSet("AMX", 0, "")]
    with monkeypatch.context() as patched, caplog.at_level(logging.CRITICAL):
        patched.setattr(prescriptions, "follow", poisoned)
        loaded(work, tmp_path, header(), *bodies)
    assert work.read(lambda reading: orders.find(reading, "o1")) is None, "nothing half done"
    assert known(work, "o2").state is OrderState.ACCEPTED
    assert work.read(quarantined) == 1
    assert work.write(retry_quarantined) == 1
    assert [slip.state for slip in slips_of(work)] == [SlipState.ACCEPTED]
