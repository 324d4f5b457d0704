"""The writer: answers only what is committed, each job for itself, and what it answered survives kill -9."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path

import pytest
from sqlalchemy import Connection, create_engine, func, select, text
from sqlalchemy.exc import OperationalError

from cloud import chain, eventlog, tables
from cloud.database import Database, is_passing, open_database
from cloud.errors import DatabaseUnusable, WriterStopped
from cloud.received import PushState
from cloud.transaction import AuditEntry, Transaction
from cloud.writer import Writer
from domain.events import OrderUrged, store_log
from domain.protocol import Head
from tests.cloud.conftest import POSTGRES
from tests.cloud.hub import STORE, Hub, paid

LOG = store_log(STORE)


@pytest.fixture
async def writer(hub: Hub) -> AsyncIterator[Writer]:
    writer = hub.writer()
    await writer.start()
    yield writer
    await writer.stop()


def count_orders(connection: Connection) -> int:
    return connection.execute(select(func.count()).select_from(tables.orders)).scalar_one()


async def test_whoever_is_answered_finds_the_order_committed(writer: Writer, hub: Hub) -> None:
    async def place(number: int) -> None:
        accepted = await writer.accept(paid(number))
        assert accepted.state is PushState.UNDERSTOOD
        assert any(row.order_id == accepted.order_id for row in hub.rows(tables.orders))

    await asyncio.gather(*(place(number) for number in range(12)))
    assert await writer.read(count_orders) == 12


@pytest.mark.parametrize("kind", [pytest.param("postgresql", marks=POSTGRES)])
async def test_a_reader_whose_database_went_says_so_and_the_next_reads(
    kind: str, new_database: Callable[[str], Database]
) -> None:
    """As while PostgreSQL is started again; what asks by the clock waits for such an error, and doors answer 503."""
    writer = Hub.with_stock(new_database(kind)).writer()
    await writer.start()
    try:
        with pytest.raises(DatabaseUnusable):
            await writer.read(
                lambda connection: connection.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))
            )
        assert await writer.read(count_orders) == 0
    finally:
        await writer.stop()


def test_a_postgresql_that_is_not_there_is_no_fault_of_what_was_asked() -> None:
    with pytest.raises(OperationalError) as nowhere:
        create_engine("postgresql+psycopg://postgres@/postgres?host=/nowhere").connect()
    assert is_passing(nowhere.value, may_retry=False)


async def test_a_job_that_fails_takes_only_itself_back(writer: Writer, hub: Hub) -> None:
    def urge(tx: Transaction, number: int) -> int:
        eventlog.append(tx, LOG, OrderUrged("o", number))
        if number % 3 == 0:
            raise ZeroDivisionError(number)
        return number

    def job(number: int) -> asyncio.Task[int]:
        return asyncio.create_task(writer.run(lambda tx: urge(tx, number)))

    answers = await asyncio.gather(*(job(number) for number in range(12)), return_exceptions=True)
    assert [str(answer) for answer in answers] == [str(number) for number in range(12)]
    assert [isinstance(answer, ZeroDivisionError) for answer in answers] == [n % 3 == 0 for n in range(12)]
    said = sorted(body.urged_at for body in hub.told(OrderUrged) if isinstance(body, OrderUrged))
    assert said == [number for number in range(12) if number % 3]


async def test_news_comes_after_the_commit_in_the_loops_thread(writer: Writer, hub: Hub) -> None:
    heard: list[tuple[list[tuple[str, int]], list[str]]] = []
    loop = asyncio.get_running_loop()

    def listen(news: Sequence[Head], happened: Sequence[AuditEntry]) -> None:
        assert asyncio.get_running_loop() is loop
        heard.append(([(head.log, head.seq) for head in news], [entry.action for entry in happened]))

    writer.after_commit(listen)
    await writer.accept(paid(1))
    await asyncio.sleep(0)
    assert heard == [([(LOG, hub.events()[-1].seq)], ["order.placed"])]
    assert writer.take_stock_news() == {(STORE, "sku1")}
    assert writer.take_stock_news() == set()


async def test_a_cancelled_waiter_harms_nobody(writer: Writer) -> None:
    waiting = asyncio.create_task(writer.accept(paid(1)))
    await asyncio.sleep(0)
    waiting.cancel()
    assert (await writer.accept(paid(1))).state in (PushState.REPEATED, PushState.UNDERSTOOD)
    assert await writer.read(count_orders) == 1


async def test_a_stopped_writer_answers_what_it_had_and_takes_no_more(hub: Hub) -> None:
    writer = hub.writer()
    await writer.start()
    waiting = [asyncio.create_task(writer.accept(paid(number))) for number in range(5)]
    await asyncio.sleep(0)
    await writer.stop()
    assert all(one.order_id for one in await asyncio.gather(*waiting))
    with pytest.raises(WriterStopped):
        await writer.accept(paid(9))


async def test_the_shape_of_the_chain_is_seen_fresh(writer: Writer, hub: Hub) -> None:
    """Another process, such as a command line, binds a shop while the hub runs."""
    other = Hub(open_database(hub.database.writing.url.render_as_string(hide_password=False)))
    assert (await writer.accept(paid(1, shop="new"))).state is PushState.NEEDS_PERSON
    with other.transaction() as tx:
        chain.put_shop(tx, "meituan", "new", STORE)
    assert (await writer.accept(paid(2, shop="new"))).state is PushState.UNDERSTOOD
    with other.transaction() as tx:
        chain.put_shop(tx, "meituan", "new", "s2")
    other.database.close()
    await writer.accept(paid(3, shop="new"))
    assert hub.row(tables.orders, channel_order_id="3").store == "s2"


KILLED = """
import asyncio, sys
from cloud.database import open_database
from tests.cloud.hub import Hub, paid

async def main():
    writer = Hub(open_database(sys.argv[1])).writer()
    await writer.start()
    async def client(first):
        for number in range(first, 10**6, 8):
            await writer.accept(paid(number, ("sku1", 1)))
            print(number, flush=True)
    await asyncio.gather(*(client(first) for first in range(8)))

asyncio.run(main())
"""


def test_what_was_answered_survives_a_kill(tmp_path: Path, sqlite_template: Path) -> None:
    path = tmp_path / "hub.db"
    path.write_bytes(sqlite_template.read_bytes())
    hub = Hub.with_stock(open_database(f"sqlite:///{path}"))
    answered: list[str] = []
    with subprocess.Popen(
        [sys.executable, "-c", KILLED, f"sqlite:///{path}"],
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            answered.append(line.strip())
            if len(answered) == 60:
                process.send_signal(signal.SIGKILL)
                answered += [rest.strip() for rest in process.stdout if rest.endswith("\n")]
                break
    kept = {row.channel_order_id for row in hub.rows(tables.orders)}
    assert len(answered) >= 60 and set(answered) <= kept
    hub.balanced()
    hub.events()
    hub.database.close()
