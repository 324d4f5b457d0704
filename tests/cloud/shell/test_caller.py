"""Calls leave for the channel, come again after a failure, tell a person when refused; sweeps find what is missed."""

import asyncio
import contextlib
import os
import time
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest

from cloud import caller, load
from cloud.caller import Caller
from cloud.channel_list import Channels
from cloud.channels.base import (
    Call,
    CallKind,
    CallResult,
    CallState,
    Changed,
    ChannelError,
    ChannelLine,
    ChannelOrder,
    Message,
    Placed,
    Push,
    Understood,
)
from cloud.commit import transact
from cloud.counters import Counters
from cloud.database import migrate, open_database
from cloud.details import Details
from cloud.sweeper import Sweeper
from cloud.taking import Taking
from cloud.vault import Vault
from cloud.views import exceptions, orders
from cloud.views.exceptions import RefusedCall
from cloud.views.orders import OrderRow, Wanted
from cloud.writer import Writer
from domain.orders import OrderState
from domain.personal import Recipient
from domain.quantity import units
from domain.times import Millis
from tests.cloud.shell.serving import CHAIN_FILE, clock

CHAIN = "c"


def order(order_id: str, total: int = 500) -> ChannelOrder:
    line = ChannelLine("M1", "", "阿莫西林胶囊", "", "盒", units(1), 500)
    return ChannelOrder(
        order_id,
        order_id,
        "shop-1",
        1,
        clock(),
        None,
        False,
        False,
        False,
        total,
        OrderState.PLACED,
        (line,),
        Recipient(),
    )


class Platform:
    """A channel whose answers a test writes down beforehand."""

    name = label = "own"

    def __init__(self) -> None:
        self.answers: list[CallResult] = []
        self.called: list[Call] = []
        self.found: list[Message] = []
        self.down = False
        self.detailed: dict[str, ChannelOrder] = {}

    def understand(self, push: Push) -> Understood:
        raise AssertionError

    def answer(self) -> bytes:
        return b""

    async def call(self, call: Call) -> CallResult:
        self.called.append(call)
        wanted = [] if call.kind is CallKind.STOCK else self.answers
        return wanted.pop(0) if wanted else CallResult(CallState.DONE)

    async def sweep(self, shop: str, since: Millis) -> AsyncIterator[Message]:
        for message in self.found if shop == "shop-1" else ():
            yield message
        if self.down:
            raise ChannelError("the platform is down")

    async def detail(self, channel_order_id: str) -> ChannelOrder | None:
        return self.detailed.get(channel_order_id)

    async def close(self) -> None:
        """Nothing is open."""


class Shell:
    def __init__(self, writer: Writer) -> None:
        self.writer, self.platform, self.counters = writer, Platform(), Counters()
        channels = Channels({"own": self.platform}, {}, {})
        self.taking = Taking(channels.by_name, writer, clock)
        self.details = Details(channels.by_name, self.taking)
        self.caller = Caller(channels.by_name, chain=CHAIN, writer=writer, counters=self.counters, clock=clock)
        self.sweeper = Sweeper(
            channels, self.taking, chain=CHAIN, writer=writer, counters=self.counters, clock=clock, every_seconds=60
        )
        writer.after_commit(lambda news, happened: self.caller.wake())

    async def board(self) -> tuple[OrderRow, ...]:
        return (await self.writer.read(lambda connection: orders.board(connection, CHAIN, Wanted()))).orders

    async def until(self, condition: str, count: int) -> None:
        async with asyncio.timeout(10):
            while getattr(self.counters, condition) < count:
                await self.board()


@pytest.fixture
async def shell(tmp_path: Path) -> AsyncIterator[Shell]:
    database = open_database(f"sqlite:///{tmp_path / 'hub.db'}")
    migrate(database)
    vault = Vault(bytes(32))
    with transact(database, CHAIN, clock, os.urandom, vault) as tx:
        load.apply(tx, msgspec.convert(CHAIN_FILE, load.ChainFile), by="test")
    writer = Writer(database, CHAIN, clock, os.urandom, vault)
    await writer.start()
    made = Shell(writer)
    calling = asyncio.create_task(made.caller.run())
    yield made
    calling.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await calling
    await writer.stop()
    database.close()


async def test_an_accepted_order_is_told_to_its_channel(shell: Shell) -> None:
    await shell.taking.take("own", [Placed(order("A1"))])
    await shell.until("calls_done", 1)
    assert [(call.kind, call.channel_order_id) for call in shell.platform.called] == [(CallKind.ACCEPT, "A1")]


async def test_what_could_not_be_told_is_told_again(shell: Shell) -> None:
    shell.platform.answers = [CallResult(CallState.LATER, "busy"), CallResult(CallState.ALREADY)]
    await shell.taking.take("own", [Placed(order("A1"))])
    await shell.until("calls_done", 1)
    assert shell.counters.calls_postponed == 1
    assert len(shell.platform.called) == 2


async def test_a_refusal_for_good_is_a_persons_to_see(shell: Shell) -> None:
    shell.platform.answers = [CallResult(CallState.REFUSED, "no")]
    await shell.taking.take("own", [Placed(order("A1"))])
    await shell.until("calls_refused", 1)
    (opened,) = await shell.writer.read(lambda connection: exceptions.open_ones(connection, CHAIN))
    assert opened.kind == "call_failed"
    assert opened.refused == (RefusedCall("accept", "no"),), "what was asked for, and what the channel said"


async def test_a_channel_that_does_not_answer_rests_and_is_called_again(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(caller, "REST", 400)
    shell.platform.answers = [CallResult(CallState.LATER, "down")] * caller.STREAK
    await shell.taking.take("own", [Placed(order(f"A{number}")) for number in range(caller.STREAK)])
    await shell.until("calls_postponed", caller.STREAK)
    rests_from = time.monotonic()
    await shell.taking.take("own", [Placed(order("B1"))])
    await shell.until("calls_done", 1)
    assert 0.3 < time.monotonic() - rests_from < 5
    await shell.until("calls_done", caller.STREAK + 1)


async def test_a_sweep_places_what_no_push_brought_and_only_once(shell: Shell) -> None:
    shell.platform.found = [Placed(order("A1")), Placed(order("A2"))]
    for _ in range(2):
        await shell.sweeper.sweep_all()
    assert sorted(row.shown_id for row in await shell.board()) == ["A1", "A2"]


async def test_what_a_sweep_found_before_it_failed_is_kept(shell: Shell, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    shell.platform.found, shell.platform.down = [Placed(order("A1"))], True
    for _ in range(2):
        await shell.sweeper.sweep_all()
    shell.platform.down = False
    await shell.sweeper.sweep_all()
    said = [record.message for record in caplog.records if "shop shop-1" in record.message]
    assert [("cannot" in message, "again" in message) for message in said] == [(True, False), (False, True)]
    assert [row.shown_id for row in await shell.board()] == ["A1"]


async def test_a_change_without_its_detail_is_asked_for(shell: Shell) -> None:
    await shell.taking.take("own", [Placed(order("A1"))])
    shell.platform.detailed["A1"] = order("A1", total=900)
    shell.details.ask_where_needed("own", [Changed("A1", None)])
    async with asyncio.timeout(10):
        while (await shell.board())[0].total != 900:
            pass
