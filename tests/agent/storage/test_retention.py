"""What is over leaves the computer after its time, and nothing that headquarters has not acknowledged."""

import asyncio
from collections.abc import Callable
from functools import partial
from itertools import pairwise

import pytest

from agent import outbox, personal, picks, time_floor, trail
from agent.config import KeepSettings
from agent.files import CacheFile, WorkFile
from agent.storage import retention
from agent.storage.retention import remove_old
from agent.transactions import Reading, Transaction
from domain.events import OrderAdvanced, OrderPlaced
from domain.orders import OrderState
from domain.personal import Recipient
from domain.protocol import OPERATIONS_AT_ONCE, Outcome, OutcomeState
from domain.times import DAY
from domain.trail import StepKind
from tests.agent.core.conftest import VirtualClock
from tests.agent.core.hub import Hub, order, person

KEEP = KeepSettings()


@pytest.fixture
def hub(work: WorkFile, cache: CacheFile) -> Hub:
    return Hub(work, cache)


def acknowledge(work: WorkFile) -> None:
    while waiting := work.read(lambda reading: outbox.pending(reading, OPERATIONS_AT_ONCE)):
        done = [Outcome(each.key, OutcomeState.DONE) for each in waiting]
        work.write(partial(outbox.settle, outcomes=done))


def finish(hub: Hub, work: WorkFile, order_id: str) -> None:
    hub.tell(OrderPlaced(order(order_id)), personal=(person(order_id, Recipient("张三", "13800000000")),))
    work.write(lambda tx: picks.mark_sold(tx, [f"8123456{order_id[1:]:0>13}"], order_id))
    hub.tell(OrderAdvanced(order_id, OrderState.COMPLETED))


def count(work: WorkFile, table: str) -> int:
    return work.read(lambda reading: int(reading.db.execute(f"SELECT count(*) FROM {table}").fetchone()[0]))


def run(work: WorkFile) -> retention.Removed:
    return asyncio.run(remove_old(work, KEEP, pause=0.0))


def test_what_is_over_goes_after_its_time(hub: Hub, work: WorkFile, clock: VirtualClock) -> None:
    for number in range(1, 31):
        finish(hub, work, f"o{number}")
    hub.tell(OrderPlaced(order("o99")))
    acknowledge(work)
    clock.advance(29 * DAY)
    assert run(work) == retention.Removed()
    clock.advance(2 * DAY)
    removed = run(work)
    assert (removed.persons, removed.orders) == (30, 0)
    assert work.read(lambda reading: personal.recipient(reading, "o1")).name == ""
    clock.advance(150 * DAY)
    assert run(work).orders == 30
    acknowledge(work)
    assert count(work, "orders") == 1 and count(work, "sold") == 30, "sold codes stay"
    for table in work.read(retention._tables_of_orders):
        assert work.read(partial(_orders_in, table=table)) <= {"o99"}, table
    clock.advance(31 * DAY)
    run(work)
    assert count(work, "outbox") == 0


def test_what_a_clock_of_1970_closed_goes_after_its_time(hub: Hub, work: WorkFile, clock: VirtualClock) -> None:
    hub.tell(OrderPlaced(order("o1")))
    acknowledge(work)
    since_1970 = clock() - DAY
    clock.advance(-since_1970)
    finish(hub, work, "o2")
    acknowledge(work)
    clock.advance(since_1970 + DAY)
    finish(hub, work, "o3")
    acknowledge(work)
    told = _numbers(work)
    assert run(work) == retention.Removed() and _numbers(work) == told, "headquarters may yet be restored to before it"
    clock.advance(181 * DAY)
    assert (run(work).orders, count(work, "orders"), _numbers(work)) == (2, 1, set())


def test_a_clock_that_runs_years_ahead_removes_nothing(hub: Hub, work: WorkFile, clock: VirtualClock) -> None:
    finish(hub, work, "o1")
    acknowledge(work)
    work.write(lambda tx: time_floor.note(tx, 0))
    told = _numbers(work)
    clock.advance(3650 * DAY)
    finish(hub, work, "o2")
    acknowledge(work)
    assert run(work) == retention.Removed() and told <= _numbers(work)
    clock.advance(-3650 * DAY + 181 * DAY)
    finish(hub, work, "o3")
    acknowledge(work)
    work.write(lambda tx: time_floor.note(tx, 0))
    assert run(work).orders == 2, "what it closed in the future goes too"


def _orders_in(reading: Reading, table: str) -> set[str]:
    rows = reading.db.execute(f'SELECT DISTINCT order_id FROM "{table}" WHERE order_id IS NOT NULL').fetchall()
    return {row["order_id"] for row in rows}


def unsent(tx: Transaction) -> None:
    trail.record(tx, "o1", StepKind.PACKED)


def untold(tx: Transaction) -> None:
    """A step at which nothing comes to rest."""
    trail.record(tx, "o1", StepKind.PAUSED)


def a_photo(tx: Transaction) -> None:
    from agent.blobs import kept

    kept.keep(tx, "o1", b"\xff\xd8\xff a photo")


@pytest.mark.parametrize("owes", [unsent, untold, a_photo], ids=lambda owes: owes.__name__)
def test_what_headquarters_has_not_acknowledged_stays(
    hub: Hub, work: WorkFile, clock: VirtualClock, owes: Callable[[Transaction], None]
) -> None:
    finish(hub, work, "o1")
    acknowledge(work)
    work.write(owes)
    clock.advance(3650 * DAY)
    assert run(work).orders == 0 and count(work, "orders") == 1
    if owes is a_photo:
        work.write(lambda tx: tx.db.execute("UPDATE blobs SET state = 'sent'"))
    acknowledge(work)
    assert run(work).orders == 1


def test_an_operation_that_nobody_took_stays(hub: Hub, work: WorkFile, clock: VirtualClock) -> None:
    finish(hub, work, "o1")
    acknowledge(work)
    work.write(lambda tx: trail.record(tx, "o1", StepKind.PACKED))
    (waiting,) = work.read(outbox.pending)
    work.write(lambda tx: outbox.settle(tx, [Outcome(waiting.key, OutcomeState.KEY_REUSED)]))
    clock.advance(3650 * DAY)
    assert run(work).orders == 0
    assert waiting.number in _numbers(work)


def _numbers(work: WorkFile) -> set[int]:
    return work.read(lambda reading: {row[0] for row in reading.db.execute("SELECT number FROM outbox")})


def test_a_scan_waits_for_one_batch_at_the_most(hub: Hub, work: WorkFile, clock: VirtualClock) -> None:
    for number in range(1, 41):
        finish(hub, work, f"o{number}")
    acknowledge(work)
    clock.advance(3650 * DAY)
    left = [count(work, "orders")]
    work.after_commit(lambda _: left.append(count(work, "orders")))
    run(work)
    steps = {before - after for before, after in pairwise(left)}
    assert left[-1] == 0 and max(steps) <= retention.ORDERS_AT_ONCE
