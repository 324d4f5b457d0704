"""Compaction takes a log's beginning and nothing else, and nothing that somebody still needs."""

import asyncio
from pathlib import Path

import pytest

from cloud import compaction, eventlog, presence, tables
from cloud.compaction import Compaction, Keep
from cloud.presence import Attendance
from domain.events import OrderUrged, store_log
from domain.protocol import Cursor, Head
from domain.times import DAY
from tests.cloud.hub import CHAIN, STORE, Hub

LOG = store_log(STORE)


@pytest.fixture
def log(hub: Hub) -> Head:
    """A hundred events, one a day, the youngest of today."""
    with hub.transaction() as tx:
        tx.connection.execute(tables.events.delete())
        tx.connection.execute(tables.log_heads.update().values(head=0))
    for number in range(100):
        with hub.transaction() as tx:
            eventlog.append(tx, LOG, OrderUrged("o", number))
        hub.now += DAY
    hub.now -= DAY
    return head(hub)


def head(hub: Hub) -> Head:
    with hub.database.read() as connection:
        return eventlog.heads(connection, CHAIN, [LOG])[0]


def floor(hub: Hub, keep: Keep, held: int | None = None) -> int:
    with hub.database.read() as connection:
        return compaction.floor_of(connection, CHAIN, head(hub), keep, hub.now, held)


def left(hub: Hub) -> list[int]:
    return sorted(row.seq for row in hub.rows(tables.events) if row.log == LOG)


@pytest.mark.parametrize(
    ("keep", "held", "upto"),
    [
        (Keep(age=30 * DAY, events=10), None, 70),
        (Keep(age=30 * DAY, events=60), None, 40),
        (Keep(age=30 * DAY, events=10), 12, 12),
        (Keep(age=30 * DAY, events=10), 99, 70),
        (Keep(age=200 * DAY, events=10), None, 0),
        (Keep(age=30 * DAY, events=200), None, 0),
    ],
)
def test_what_is_young_or_among_the_last_or_not_applied_stays(
    hub: Hub, log: Head, keep: Keep, held: int | None, upto: int
) -> None:
    assert floor(hub, keep, held) == upto


def test_a_log_beyond_its_bytes_loses_more(hub: Hub, log: Head) -> None:
    size = max(len(row.body) for row in hub.rows(tables.events))
    keep = Keep(age=200 * DAY, events=200, size=20 * size)
    assert 75 <= floor(hub, keep, held=3) <= 80


def compacted(hub: Hub, keep: Keep, attendance: Attendance | None = None) -> None:
    async def run() -> None:
        writer = hub.writer()
        await writer.start()
        try:
            work = Compaction(writer, attendance or Attendance(), chain=CHAIN, keep=keep, clock=hub.clock)
            await work.run()
        finally:
            await writer.stop()

    asyncio.run(run())


@pytest.mark.parametrize("batch", [1, 7, 1000])
def test_only_the_beginning_goes_and_what_was_served_is_reset(
    hub: Hub, log: Head, batch: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compaction, "BATCH", batch)
    compacted(hub, Keep(age=30 * DAY, events=10))
    assert left(hub) == list(range(71, 101))
    with hub.database.read() as connection:
        at = [Cursor(LOG, log.log_id, seq) for seq in (69, 70)]
        pages = [eventlog.page(connection, CHAIN, hub.vault, cursor, 10) for cursor in at]
    assert [page.reset for page in pages] == [True, False]
    assert [event.seq for event in pages[1].events] == list(range(71, 81))


def test_what_a_hub_that_died_had_not_deleted_yet_is_deleted(hub: Hub, log: Head) -> None:
    with hub.transaction() as tx:
        compaction.raise_floor(tx, log, 50)
    assert left(hub) == list(range(1, 101))
    compacted(hub, Keep(age=200 * DAY))
    assert left(hub) == list(range(51, 101))


def test_another_incarnation_is_not_compacted_by_the_numbers_of_the_last(hub: Hub, log: Head) -> None:
    with hub.transaction() as tx:
        compaction.raise_floor(tx, Head(LOG, "another", 100), 50)
        compaction.raise_floor(tx, Head(LOG, log.log_id, 200), 150)
    assert head(hub).floor == 0


def test_an_agent_holds_back_what_it_has_yet_to_apply_while_it_is_here(hub: Hub, log: Head, tmp_path: Path) -> None:
    attendance = Attendance()
    with attendance.present(STORE, "d", hub.clock):
        attendance.applied(STORE, [Cursor(LOG, log.log_id, 20), Cursor("catalogue", "other", 3)])
    compacted(hub, Keep(age=30 * DAY, events=10), attendance)
    assert head(hub).floor == 20
    hub.now += compaction.LATELY + DAY
    compacted(hub, Keep(age=30 * DAY, events=10), attendance)
    assert head(hub).floor == 90
    assert presence.AWAY < compaction.LATELY
