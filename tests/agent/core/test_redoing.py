"""Headquarters' word about stock says how much of this store's work it contains; the rest is done again on top."""

import asyncio
import threading
from datetime import date
from functools import partial

import pytest

from agent import contained, incarnation, outbox, redoing, stock
from agent.contained import Moving
from agent.cursors import cursor, move
from agent.files import WorkFile
from agent.picking.steps import start
from agent.settling import settle_exception
from agent.stock import lots_of
from agent.transactions import Reading, Transaction
from domain.events import ExceptionOpened, OrderPlaced, StockSet
from domain.exceptions import CHOICES, Choice, ExceptionKind, OrderException
from domain.lots import Lot
from domain.operations import LotMoved, MoveKind, PickCompleted, SaleLine
from domain.picks import Binding
from domain.protocol import Outcome, OutcomeState
from domain.quantity import Quantity, units
from tests.agent.core.catalogue import TWO_PRODUCTS
from tests.agent.core.hub import LOG, Hub, line, order

SHORT = OrderException("x1", ExceptionKind.SHORT, "o1", (), CHOICES[ExceptionKind.SHORT], 0, None)
LOT = Lot("B1", date(2027, 3, 31), units(9))


def on_hand(work: WorkFile, sku: str = "AMX") -> Quantity:
    row = work.read(lambda view: view.db.execute("SELECT on_hand FROM stock WHERE sku = ?", (sku,)).fetchone())
    return int(row["on_hand"])


def sell(work: WorkFile, *skus: str) -> None:
    work.write(lambda tx: stock.record_sale(tx, [SaleLine(sku, units(1)) for sku in skus]))


def life(work: WorkFile) -> str:
    return work.write(incarnation.incarnation)


def confirm_all(work: WorkFile) -> None:
    keys = [operation.key for operation in work.read(outbox.pending)]
    work.write(lambda tx: outbox.settle(tx, [Outcome(key, OutcomeState.DONE) for key in keys]))


def say(hub: Hub, level: int, heard: dict[str, int] | None) -> None:
    """Headquarters sets both products, each by itself."""
    hub.tell(*(StockSet(sku, units(level), "", heard=heard) for sku in ("AMX", "IBU")))


def test_what_it_had_not_heard_is_taken_off_again(hub: Hub, work: WorkFile) -> None:
    say(hub, 100, {life(work): 0})
    for skus in (("AMX",), ("AMX", "IBU"), ("IBU",)):
        sell(work, *skus)
    confirm_all(work)
    say(hub, 50, {life(work): 1})
    assert (on_hand(work), on_hand(work, "IBU")) == (units(49), units(48)), "confirmed since, and not in it"


def test_what_headquarters_set_aside_is_taken_off_again(hub: Hub, work: WorkFile) -> None:
    say(hub, 100, {life(work): 0})
    for _ in range(3):
        sell(work, "AMX")
    confirm_all(work)
    hub.tell(StockSet("AMX", units(50), "", heard={life(work): 3}, left_out={life(work): (2,), "another": (1, 3)}))
    assert on_hand(work) == units(49)


def test_what_it_contains_is_not_taken_off_twice(hub: Hub, work: WorkFile) -> None:
    say(hub, 100, {})
    sell(work, "AMX")
    say(hub, 50, {life(work): 1})
    assert on_hand(work) == units(50), "though nobody answered yet"


def test_a_page_of_levels_reads_the_outbox_once(hub: Hub, work: WorkFile, monkeypatch: pytest.MonkeyPatch) -> None:
    """For each word of how far this store was heard; the last counts."""
    say(hub, 100, {})
    sell(work, "AMX", "IBU")
    sell(work, "AMX")
    asked: list[int] = []
    missing = contained._missing

    def counted(reading: Reading, about: contained._Asked) -> list[Moving]:
        asked.append(about.heard)
        return missing(reading, about)

    monkeypatch.setattr(contained, "_missing", counted)
    heard = [{life(work): number} for number in (0, 0, 1, 1, 1)]
    hub.tell(*(StockSet(sku, units(50), "", heard=each) for each in heard for sku in ("AMX", "IBU")))
    assert asked == [0, 1]
    assert (on_hand(work), on_hand(work, "IBU")) == (units(49), units(50))


def test_what_was_taken_back_is_not_done_again(hub: Hub, work: WorkFile) -> None:
    say(hub, 100, {})
    told = StockSet("AMX", units(50), "", heard={life(work): 0})

    def sell_and_hear(tx: Transaction, count: int) -> None:
        stock.record_sale(tx, [SaleLine("AMX", units(count))])
        redoing.put(tx, told)

    def job(tx: Transaction) -> None:
        with pytest.raises(ValueError, match="taken back"), tx.savepoint():
            sell_and_hear(tx, 5)
            raise ValueError("taken back")
        sell_and_hear(tx, 1)

    work.write(job)
    assert on_hand(work) == units(49)


async def test_what_another_job_of_the_same_commit_settled_is_seen(hub: Hub, work: WorkFile) -> None:
    say(hub, 100, {})
    sell(work, "AMX")
    (sold,) = work.read(outbox.pending)
    work.write(lambda tx: outbox.not_taken(tx, sold.key, "HTTP 422"))
    told = StockSet("AMX", units(50), "", heard={life(work): 0})
    begun, others_wait = threading.Event(), threading.Event()

    def hold(tx: Transaction) -> None:
        begun.set()
        others_wait.wait()

    jobs = (
        lambda tx: redoing.put(tx, told),
        lambda tx: outbox.give_up(tx, sold.key, by="a person", why="told by telephone"),
        lambda tx: redoing.put(tx, told),
    )
    holding = asyncio.ensure_future(work.awrite(hold))
    await asyncio.to_thread(begun.wait)
    writing = [asyncio.ensure_future(work.awrite(job)) for job in jobs]
    await asyncio.sleep(0)  # all of them are queued
    others_wait.set()
    await asyncio.gather(holding, *writing)
    assert on_hand(work) == units(50)


def test_an_older_hub_is_taken_at_its_word(hub: Hub, work: WorkFile) -> None:
    say(hub, 100, None)
    sell(work, "AMX")
    say(hub, 50, None)
    assert on_hand(work) == units(50)


def test_what_did_not_pass_the_door_is_not_in_it_whatever_its_number(hub: Hub, work: WorkFile) -> None:
    hub.tell(OrderPlaced(order()))
    say(hub, 100, {})
    sell(work, "AMX")
    work.write(lambda tx: tx.db.execute("UPDATE outbox SET state = 'not_taken', settled_at = 1, order_id = 'o1'"))
    sell(work, "AMX")
    work.write(lambda tx: tx.db.execute("UPDATE outbox SET order_id = 'o1'"))
    say(hub, 50, {life(work): 9})
    assert on_hand(work) == units(48), "nor what waits behind it"
    work.write(outbox.send_again)
    say(hub, 50, {life(work): 9})
    assert on_hand(work) == units(48), "nor while both go again"
    work.write(lambda tx: tx.db.execute("UPDATE outbox SET given_up_at = 1, state = 'not_taken'"))
    say(hub, 50, {life(work): 9})
    assert on_hand(work) == units(50), "a person settled it otherwise"


def test_what_an_older_hub_kept_is_in_it_once_that_took_it_up(hub: Hub, work: WorkFile) -> None:
    """Before the store sends it again: only the word itself tells."""
    hub.tell(OrderPlaced(order()))
    say(hub, 100, {})
    sell(work, "AMX")
    work.write(lambda tx: tx.db.execute("UPDATE outbox SET state = 'unknown_kind', settled_at = 1, order_id = 'o1'"))
    sell(work, "AMX")  # waits behind it, and was never sent
    work.write(lambda tx: tx.db.execute("UPDATE outbox SET order_id = 'o1'"))

    def is_in(level: int, *left_out: int) -> bool:
        hub.tell(StockSet("AMX", units(50), "", heard={life(work): 9}, left_out={life(work): left_out}))
        return on_hand(work) == units(level)

    assert is_in(48, 1) and is_in(49)
    work.write(outbox.send_again)
    assert is_in(48, 1) and is_in(49)


def test_what_a_count_in_it_had_seen_is_not_taken_off(hub: Hub, work: WorkFile) -> None:
    """Headquarters set the sales aside and took the count."""
    say(hub, 100, {})
    sell(work, "AMX", "IBU")
    work.write(lambda tx: stock.count_stock(tx, "AMX", units(30), "盘点"))
    sell(work, "AMX")
    confirm_all(work)
    for sku, level in (("AMX", 49), ("IBU", 49)):
        hub.tell(StockSet(sku, units(50), "", heard={life(work): 3}, left_out={life(work): (1, 3)}))
        assert on_hand(work, sku) == units(level)
    work.write(lambda tx: stock.count_stock(tx, "AMX", units(20), "盘点"))
    work.write(lambda tx: stock.count_stock(tx, "AMX", units(60), "盘点"))
    confirm_all(work)
    hub.tell(StockSet("AMX", units(60), "", heard={life(work): 5}, left_out={life(work): (4,)}))
    assert on_hand(work) == units(60), "of two counts the later one stands"


def test_a_word_from_before_this_life_contains_what_was_settled_in_the_last(hub: Hub, work: WorkFile) -> None:
    say(hub, 100, {})
    before = life(work)
    sell(work, "AMX")
    confirm_all(work)
    stands = work.read(lambda view: cursor(view, LOG))
    work.write(incarnation.begin_anew)
    work.write(lambda tx: move(tx, stands))
    sell(work, "AMX")
    say(hub, 50, {before: 1})
    assert on_hand(work) == units(49)


def test_a_count_that_it_had_not_heard_only_lowers(hub: Hub, work: WorkFile) -> None:
    """As headquarters will take it, when it comes."""
    say(hub, 100, {})
    for sku, counted in (("AMX", 30), ("IBU", 70)):
        work.write(partial(stock.count_stock, sku=sku, counted=units(counted), reason="盘点"))
    say(hub, 50, {life(work): 0})
    assert (on_hand(work), on_hand(work, "IBU")) == (units(30), units(50))


def test_what_was_found_and_it_had_not_heard_only_raises(hub: Hub, work: WorkFile) -> None:
    """As headquarters will take it, when it comes: of what it never had, of less and of more than there is."""
    lines = line(1), line(2, sku="IBU")
    hub.tell(OrderPlaced(order("o1", *lines)), ExceptionOpened(SHORT))
    found = {each.line_id: units(60) for each in lines}
    work.write(partial(settle_exception, exception_id=SHORT.exception_id, choice=Choice.FOUND, found=found))
    assert (on_hand(work), on_hand(work, "IBU")) == (units(60), units(60))
    for level, reads in ((50, 60), (70, 70)):
        say(hub, level, {life(work): 0})
        assert (on_hand(work), on_hand(work, "IBU")) == (units(reads), units(reads))
    say(hub, 50, {life(work): work.read(incarnation.highest)})
    assert (on_hand(work), on_hand(work, "IBU")) == (units(50), units(50))


def test_a_move_that_it_had_not_heard_only_lowers(hub: Hub, work: WorkFile) -> None:
    say(hub, 100, {})
    for sku, delta in (("AMX", units(5)), ("IBU", units(-5))):
        found = LotMoved(f"m {sku}", MoveKind.COUNT, sku, "B1", LOT.expiry, delta, "盘点", 0)
        work.write(partial(outbox.put, body=found))
    say(hub, 50, {life(work): 0})
    assert (on_hand(work), on_hand(work, "IBU")) == (units(50), units(45))


def test_lots_that_went_into_a_bag_are_taken_off_again(hub: Hub, work: WorkFile) -> None:
    hub.tell(OrderPlaced(order()))
    work.write(lambda tx: start(tx, "o1", TWO_PRODUCTS))
    confirm_all(work)
    heard = {life(work): work.read(incarnation.highest)}

    def pack(tx: Transaction) -> None:
        (line,) = (line for line in order().lines if line.sku == "AMX")
        outbox.put(tx, PickCompleted("o1", (Binding(line.line_id, None, units(2), "B1"),)), "o1")
        outbox.put(tx, LotMoved("m1", MoveKind.DAMAGE, "AMX", "B1", LOT.expiry, units(-1), "破损", 0))

    work.write(pack)
    hub.tell(StockSet("AMX", units(9), "", (LOT,), heard=heard))
    assert on_hand(work) == units(6)
    (lot,) = work.read(lambda view: lots_of(view, "AMX"))
    assert lot.quantity == units(6)
