"""Calls leave for the channel, come again after a failure, tell a person when refused; sweeps find what is missed."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from sqlalchemy import text

from cloud import caller
from cloud.channels.base import (
    CallKind,
    CallResult,
    CallState,
    Changed,
    Placed,
)
from cloud.views import exceptions
from cloud.views.exceptions import RefusedCall
from tests.awaiting import until
from tests.cloud.shell.carrying import CHAIN, Shell, order


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
    monkeypatch.setattr(caller, "REST", 3000)
    shell.platform.answers = [CallResult(CallState.LATER, "down")] * caller.STREAK
    await shell.taking.take("own", [Placed(order(f"A{number}")) for number in range(caller.STREAK)])
    await shell.until("calls_postponed", caller.STREAK)
    rests_from = time.monotonic()
    await shell.taking.take("own", [Placed(order("B1"))])
    await shell.until("calls_done", 1)
    assert time.monotonic() - rests_from > 1
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
    async with asyncio.timeout(60):
        while (await shell.board())[0].total != 900:
            pass


@asynccontextmanager
async def unreadable(shell: Shell, table: str) -> AsyncIterator[None]:
    """As every table is while PostgreSQL is being started again."""
    await shell.writer.run(lambda tx: tx.connection.execute(text(f"ALTER TABLE {table} RENAME TO away")))
    yield
    await shell.writer.run(lambda tx: tx.connection.execute(text(f"ALTER TABLE away RENAME TO {table}")))


async def test_a_database_that_cannot_be_read_for_a_while_stops_no_calls(
    shell: Shell, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(caller, "AFTER_FAILURE", 0.05)
    async with unreadable(shell, "calls"):
        shell.caller.wake()
        await until(lambda: "calling the channels broke off" in caplog.messages)
    await shell.taking.take("own", [Placed(order("A1"))])
    await shell.until("calls_done", 1)


async def test_a_database_that_cannot_be_read_for_a_while_stops_no_sweeps(
    shell: Shell, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(shell.sweeper, "_every", 0.05)
    async with unreadable(shell, "sweeps"):
        sweeping = asyncio.create_task(shell.sweeper.run())
        await until(lambda: sweeping.done() or "the sweep broke off" in caplog.messages)
    await until(lambda: shell.counters.sweeps > 0)
    sweeping.cancel()
    await asyncio.wait([sweeping])
