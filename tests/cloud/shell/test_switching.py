"""Going on trial and back while calls are on their way: once the switch is answered, not one leaves or is under way."""

import asyncio
import itertools
import os
import random
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import msgspec
import pytest

from cloud import load, stock_calls
from cloud.channels.base import Call, CallKind, CallResult, CallState, Placed
from cloud.commit import transact
from cloud.database import Database
from cloud.switching import Switching
from cloud.vault import Vault
from cloud.views import untold
from cloud.views.untold import Untold
from cloud.writer import Writer
from domain.modes import Mode
from tests.cloud.shell.carrying import CHAIN, Platform, Shell, order
from tests.cloud.shell.serving import CHAIN_FILE, RunningHub, clock
from tests.cloud.shell.test_cli import run
from tests.waiting import eventually

STORE = "S1"


class SlowPlatform(Platform):
    """Holds every call until it is let go, and counts those that are with it."""

    def __init__(self) -> None:
        super().__init__()
        self.open, self.entered = asyncio.Event(), asyncio.Event()
        self.inside = 0

    async def call(self, call: Call) -> CallResult:
        self.inside += 1
        self.entered.set()
        try:
            await self.open.wait()
            await asyncio.sleep(random.uniform(0, 0.01))
            return await super().call(call)
        finally:
            self.inside -= 1


@asynccontextmanager
async def carrying(database: Database) -> AsyncIterator[Shell]:
    vault = Vault(bytes(32))
    with transact(database, CHAIN, clock, os.urandom, vault) as tx:
        load.apply(tx, msgspec.convert(CHAIN_FILE, load.ChainFile), by="test")
    writer = Writer(database, CHAIN, clock, os.urandom, vault)
    await writer.start()
    shell = Shell(writer, SlowPlatform())
    calling = asyncio.create_task(shell.caller.run())
    try:
        yield shell
    finally:
        calling.cancel()
        with suppress(asyncio.CancelledError):
            await calling
        await writer.stop()


@pytest.fixture
async def shell(database: Database) -> AsyncIterator[Shell]:
    async with carrying(database) as made:
        yield made


def slow(shell: Shell) -> SlowPlatform:
    assert isinstance(shell.platform, SlowPlatform)
    return shell.platform


async def untold_of(shell: Shell) -> tuple[Untold, ...]:
    return await shell.writer.read(lambda connection: untold.newest(connection, CHAIN, STORE))


async def test_a_call_on_its_way_is_waited_for_and_its_answer_kept(shell: Shell) -> None:
    platform = slow(shell)
    await shell.taking.take("own", [Placed(order("A1"))])
    await asyncio.wait_for(platform.entered.wait(), 60)
    switching = asyncio.create_task(Switching(shell.writer, shell.caller).switch([STORE], Mode.SHADOW, "test"))
    await asyncio.sleep(0.2)
    assert not switching.done()
    platform.open.set()
    assert await switching == (STORE,)
    assert platform.inside == 0 and shell.counters.calls_done == 1
    await shell.taking.take("own", [Placed(order("A2"))])
    await asyncio.sleep(0.3)
    assert [call.channel_order_id for call in platform.called] == ["A1"]
    assert [(one.kind, one.shown_id) for one in await untold_of(shell)] == [("accept", "A2")]


async def test_what_waits_for_another_try_is_withheld_at_once(shell: Shell) -> None:
    platform = slow(shell)
    platform.open.set()
    platform.answers = [CallResult(CallState.LATER, "busy", 300.0)]
    await shell.taking.take("own", [Placed(order("A1"))])
    await shell.until("calls_postponed", 1)
    await Switching(shell.writer, shell.caller).switch(None, Mode.SHADOW, "test")
    assert [one.shown_id for one in await untold_of(shell)] == ["A1"]


async def test_under_load_no_call_leaves_while_a_store_is_on_trial(shell: Shell) -> None:
    """Orders and stock come without a pause, and the store is put on trial and back again and again."""
    platform, switching = slow(shell), Switching(shell.writer, shell.caller)
    platform.open.set()
    ended = asyncio.Event()
    numbers = itertools.count()

    async def orders() -> None:
        while not ended.is_set():
            await shell.taking.take("own", [Placed(order(f"L{next(numbers)}")) for _ in range(5)])
            await shell.writer.run(lambda tx: stock_calls.enqueue(tx, {(STORE, "M1")}))

    load = [asyncio.create_task(orders()) for _ in range(3)]
    for _ in range(6):
        platform.entered.clear()
        await asyncio.wait_for(platform.entered.wait(), 60)  # the control: live, calls do leave
        await switching.switch([STORE], Mode.SHADOW, "test")
        before = len(platform.called)
        assert platform.inside == 0
        await asyncio.sleep(0.15)
        assert (len(platform.called), platform.inside) == (before, 0)
        await switching.switch([STORE], Mode.LIVE, "test")
    ended.set()
    await asyncio.gather(*load)
    accepted = {call.channel_order_id for call in platform.called if call.kind is CallKind.ACCEPT}
    assert accepted.isdisjoint(one.shown_id for one in await untold_of(shell))


def test_by_the_command_line_and_by_a_loaded_file(hub: RunningHub, tmp_path: Path) -> None:
    config, file = tmp_path / "hub.toml", tmp_path / "chain.json"
    config.write_text(f'data = "data"\nport = {hub.port}\n', encoding="utf-8")
    at = ["--config", str(config)]
    assert run(*at, "mode", "S1", "shadow").stdout == "shadow now: S1\n"
    assert run(*at, "mode", "--all", "shadow").stdout == "shadow now: S2\n"
    assert "nothing changed" in run(*at, "mode", "--all", "shadow").stdout
    assert "nowhere" in run(*at, "mode", "nowhere", "live").stderr
    file.write_text('{"stores": [{"store": "S1", "name": "人民路店", "mode": "live"}]}', encoding="utf-8")
    run(*at, "load", str(file))
    modes = {one["store"]["store"]: one["store"]["mode"] for one in hub.operator().get("/api/stores").json()}
    assert modes == {"S1": "live", "S2": "shadow"}


def test_going_live_tells_all_stock_within_seconds(hub: RunningHub) -> None:
    """Nothing else happens at the hub that would make it look for calls."""
    operator = hub.operator()
    operator.post("/api/mode", json={"mode": "shadow"})
    time.sleep(1.5)  # what was left from the start is told or withheld
    before = operator.get("/metrics").json()["calls_done"]
    operator.post("/api/mode", json={"mode": "live", "stores": ["S1"]})
    eventually(lambda: operator.get("/metrics").json()["calls_done"] != before, "the stock is told")


def test_the_same_without_a_running_hub(tmp_path: Path) -> None:
    config, file = tmp_path / "hub.toml", tmp_path / "chain.json"
    config.write_text('data = "data"\nport = 1\n', encoding="utf-8")
    file.write_text('{"stores": [{"store": "S1", "name": "a", "mode": "shadow"}, {"store": "S2", "name": "b"}]}')
    at = ["--config", str(config)]
    run(*at, "init")
    run(*at, "load", str(file))
    assert run(*at, "mode", "--all", "shadow").stdout == "shadow now: S2\n"
    assert run(*at, "mode", "S1", "live").stdout == "live now: S1\n"


def test_an_order_of_a_store_on_trial_stays_unconfirmed_for_the_chains_own_programs(hub: RunningHub) -> None:
    asked = {"stores": ["S1"], "mode": "shadow"}
    assert hub.operator().post("/api/mode", json=asked).json() == {"stores": ["S1"]}
    hub.order("T1")
    assert hub.client("own-key").get("/channels/own/orders/T1").json()["state"] == "placed"
    rows = hub.operator().get("/api/untold", params={"store": "S1"}).json()
    assert [row["state_there"] for row in rows if row["kind"] == "accept"] == ["placed"]
