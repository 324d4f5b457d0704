"""A hub that lost what it had told: noticed whichever way, and every log begins anew under numbers nobody ever saw."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path

import pytest

from cloud import eventlog, evidence, high_water, restoring, tables
from cloud.channels.base import Placed
from cloud.database import Database
from cloud.heads import Heads
from cloud.high_water import ONCE_IN, HighWater
from cloud.hints import Hints
from cloud.logs import HubLogs
from cloud.restoring import JUMP
from domain.events import OrderPlaced, store_log
from domain.operations import StockCounted
from domain.orders import OrderState
from domain.protocol import Cursor, Head
from domain.quantity import units
from tests.cloud.hub import CHAIN, STORE, Hub, channel_order, pushed

LOG = store_log(STORE)


def heads(hub: Hub) -> dict[str, Head]:
    with hub.database.read() as connection:
        return {head.log: head for head in eventlog.all_heads(connection, CHAIN)}


def watching(hub: Hub, folder: Path, work: Callable[[HighWater, Heads], Awaitable[None]]) -> None:
    async def run() -> None:
        writer, known = hub.writer(), Heads(Hints())
        await writer.start()
        writer.after_commit(lambda news, happened: known.learn(news))
        known.learn(heads(hub).values())
        try:
            await work(HighWater(writer, known, folder, chain=CHAIN, clock=hub.clock), known)
        finally:
            await writer.stop()

    asyncio.run(run())


async def begun(watch: HighWater, known: Heads) -> None:
    await watch.begin()


def fall_back(hub: Hub, by: int = 1) -> None:
    """As a backup of a moment ago would have it."""
    head = tables.log_heads.c.head
    with hub.transaction() as tx:
        tx.connection.execute(tables.log_heads.update().where(tables.log_heads.c.log == LOG).values(head=head - by))


def test_every_log_is_another_one_under_numbers_nobody_saw(hub: Hub) -> None:
    before = heads(hub)
    with hub.transaction() as tx:
        restoring.begin_anew(tx, "test")
    after = heads(hub)
    assert before.keys() == after.keys()
    for name, head in after.items():
        assert head.log_id != before[name].log_id
        assert head.seq == head.floor == before[name].seq + JUMP
    assert len({head.log_id for head in after.values()}) == len(after)
    hub.place(1)
    assert heads(hub)[LOG].seq == after[LOG].seq + 1
    with hub.database.read() as connection:
        old = Cursor(LOG, before[LOG].log_id, before[LOG].seq)
        assert eventlog.page(connection, CHAIN, hub.vault, old).reset
        fresh = Cursor(LOG, after[LOG].log_id, after[LOG].seq)
        assert [event.kind for event in eventlog.page(connection, CHAIN, hub.vault, fresh).events] == [OrderPlaced.kind]


def test_a_hub_that_went_on_is_left_alone(hub: Hub, tmp_path: Path) -> None:
    watching(hub, tmp_path, begun)
    before = heads(hub)
    hub.place(1)
    watching(hub, tmp_path, begun)
    assert {name: head.log_id for name, head in heads(hub).items()} == {
        name: head.log_id for name, head in before.items()
    }


def test_a_head_below_its_mark_is_noticed_at_the_start(hub: Hub, tmp_path: Path) -> None:
    hub.place(1)
    watching(hub, tmp_path, begun)
    before = heads(hub)
    fall_back(hub)
    watching(hub, tmp_path, begun)
    assert all(head.log_id != before[name].log_id for name, head in heads(hub).items())
    again = heads(hub)
    watching(hub, tmp_path, begun)
    assert heads(hub) == again, "once is enough"


def test_the_same_backup_brought_back_twice_is_noticed_twice(hub: Hub, tmp_path: Path) -> None:
    """It has the incarnation of before, far below: the heads went on under another one since."""
    watching(hub, tmp_path, begun)
    first = heads(hub)[LOG]
    with hub.transaction() as tx:
        restoring.begin_anew(tx, "test")
    watching(hub, tmp_path, begun)
    with hub.transaction() as tx:
        tx.connection.execute(
            tables.log_heads.update().where(tables.log_heads.c.log == LOG).values(log_id=first.log_id, head=first.seq)
        )
    watching(hub, tmp_path, begun)
    assert heads(hub)[LOG].log_id != first.log_id


def test_what_began_anew_without_this_process_does_not_begin_again(hub: Hub, tmp_path: Path) -> None:
    """It died before it wrote the marks, or was down while another process noticed."""
    watching(hub, tmp_path, begun)
    with hub.transaction() as tx:
        restoring.begin_anew(tx, "test")
    now = heads(hub)
    watching(hub, tmp_path, begun)
    assert heads(hub) == now
    fall_back(hub)
    watching(hub, tmp_path, begun)
    assert heads(hub)[LOG].log_id != now[LOG].log_id, "the marks are of the new ones"


def test_a_log_that_is_gone_is_noticed(hub: Hub, tmp_path: Path) -> None:
    watching(hub, tmp_path, begun)
    before = heads(hub)
    with hub.transaction() as tx:
        tx.connection.execute(tables.log_heads.delete().where(tables.log_heads.c.log == LOG))
    watching(hub, tmp_path, begun)
    assert heads(hub)["catalogue"].log_id != before["catalogue"].log_id


@pytest.mark.parametrize("content", [b"", b"{", b'{"a": 1}'])
def test_marks_that_cannot_be_read_stop_nobody(hub: Hub, tmp_path: Path, content: bytes) -> None:
    before = heads(hub)
    (tmp_path / high_water.MARKS).write_bytes(content)
    watching(hub, tmp_path, begun)
    assert heads(hub) == before
    assert high_water.read_marks(tmp_path / high_water.MARKS) == high_water.marks_of(list(before.values()))


def test_an_agent_ahead_is_believed_once_in_a_while(hub: Hub, tmp_path: Path) -> None:
    hub.place(1)

    async def ahead(watch: HighWater, known: Heads) -> None:
        (head,) = known.of([LOG])
        await watch.heard([Cursor(LOG, head.log_id, head.seq), Cursor(LOG, "", 99), Cursor(LOG, "another", 99)])
        assert heads(hub)[LOG] == head
        await watch.heard([Cursor(LOG, head.log_id, head.seq + 1)])
        second = heads(hub)[LOG]
        assert second.log_id != head.log_id
        await asyncio.sleep(0)
        await watch.heard([Cursor(LOG, second.log_id, second.seq + 1)])
        assert heads(hub)[LOG] == second, "a broken agent does not send everybody to their snapshots again"
        hub.now += ONCE_IN
        await watch.heard([Cursor(LOG, second.log_id, second.seq + 1)])
        assert heads(hub)[LOG].log_id != second.log_id

    watching(hub, tmp_path, ahead)


def test_what_agents_show_is_believed_once_in_a_while_too(hub: Hub, tmp_path: Path) -> None:
    """One store whose program is broken, or not its own any more, must not reset the whole chain by the second."""
    hub.place(1)
    agent = hub.agent()

    async def shown(watch: HighWater) -> list[bool]:
        """By two of its requests at once."""
        now = heads(hub)[LOG]
        cursors = [Cursor(LOG, now.log_id, now.seq)]
        one = partial(evidence.of_operations, agent=agent, confirmed=99, cursors=cursors)
        return sorted(await asyncio.gather(watch.shown(one), watch.shown(one)))

    async def again_and_again(watch: HighWater, known: Heads) -> None:
        assert await shown(watch) == [False, True]
        assert await shown(watch) == [False, False]
        hub.now -= 2 * ONCE_IN  # a clock that was ahead and is put right forgets no hub that is put back
        assert await shown(watch) == [False, True]

    watching(hub, tmp_path, again_and_again)


def test_what_memory_has_not_heard_of_yet_alarms_nobody(hub: Hub, tmp_path: Path) -> None:
    async def behind(watch: HighWater, known: Heads) -> None:
        hub.place(1)  # by another process
        now = heads(hub)[LOG]
        await watch.heard([Cursor(LOG, now.log_id, now.seq)])
        assert heads(hub)[LOG] == now

    watching(hub, tmp_path, behind)


def test_a_database_that_went_back_under_the_running_hub_is_noticed_when_it_looks(hub: Hub, tmp_path: Path) -> None:
    """A failover to a standby that had not got the last event."""
    hub.place(1)

    async def failover(watch: HighWater, known: Heads) -> None:
        await watch.begin()
        logs = HubLogs(watch._writer, CHAIN, hub.vault, known)
        before = heads(hub)
        await logs.learn_heads()
        assert heads(hub) == before
        fall_back(hub)
        await logs.learn_heads()
        await asyncio.sleep(0)
        now = heads(hub)
        assert all(head.log_id != before[name].log_id and head.seq >= JUMP for name, head in now.items())
        assert known.all == now, "and memory knows at once"
        await logs.learn_heads()
        await watch.write_marks()
        assert heads(hub) == now, "once is enough"
        assert high_water.read_marks(tmp_path / high_water.MARKS) == high_water.marks_of(list(now.values()))

    watching(hub, tmp_path, failover)


@pytest.mark.parametrize("gone", [False, True])
def test_marks_are_compared_before_they_are_written_over(hub: Hub, tmp_path: Path, gone: bool) -> None:
    hub.place(1)

    async def loss(watch: HighWater, known: Heads) -> None:
        await watch.begin()
        before = heads(hub)
        if gone:
            with hub.transaction() as tx:
                tx.connection.execute(tables.log_heads.delete().where(tables.log_heads.c.log == LOG))
        else:
            fall_back(hub)
        await watch.write_marks()
        now = heads(hub)
        assert all(head.log_id != before[name].log_id for name, head in now.items())
        await watch.write_marks()
        assert heads(hub) == now

    watching(hub, tmp_path, loss)


def test_another_process_that_began_anew_alarms_nobody(hub: Hub, tmp_path: Path) -> None:
    async def beside(watch: HighWater, known: Heads) -> None:
        await watch.begin()
        with hub.transaction() as tx:
            restoring.begin_anew(tx, "by another process")
        now = heads(hub)
        await HubLogs(watch._writer, CHAIN, hub.vault, known).learn_heads()
        await watch.write_marks()
        assert heads(hub) == now and known.all == now

    watching(hub, tmp_path, beside)


def test_a_count_from_before_only_ever_lowers(hub: Hub) -> None:
    seen = heads(hub)[LOG].seq
    with hub.transaction() as tx:
        restoring.begin_anew(tx, "test")
    hub.do(StockCounted("sku1", units(99), "盘点", seen))
    assert hub.level("sku1").on_hand == units(10)
    hub.do(StockCounted("sku2", units(99), "盘点", heads(hub)[LOG].seq))
    assert hub.level("sku2").on_hand == units(99)


def test_the_same_order_comes_again_under_the_same_id_and_code(
    hub: Hub, new_database: Callable[[str], Database]
) -> None:
    first = hub.place(7)
    code = hub.row(tables.orders, order_id=first).code
    again = Hub.with_stock(new_database("sqlite" if hub.database.embedded else "postgresql"))
    assert again.place(7) == first
    assert again.row(tables.orders, order_id=first).code == code
    assert again.place(8) != first


def test_an_order_that_ended_meanwhile_is_told_to_a_store_that_may_have_it(hub: Hub) -> None:
    hub.now += 1_000
    over = Placed(channel_order(1, state=OrderState.COMPLETED))
    hub.accept(pushed(1, over, "paid:1"))
    assert hub.told(OrderPlaced) == []
    with hub.transaction() as tx:
        restoring.begin_anew(tx, "test")
    (accepted,) = hub.accept(pushed(2, Placed(channel_order(2, state=OrderState.COMPLETED)), "paid:2"))
    now = heads(hub)[LOG]
    with hub.database.read() as connection:
        page = eventlog.page(connection, CHAIN, hub.vault, Cursor(LOG, now.log_id, now.floor))
    assert [event.order_id for event in page.events] == [accepted.order_id]
