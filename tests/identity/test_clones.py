"""Two computers with one disk."""

import asyncio
from pathlib import Path

import pytest

from agent.line import LineState
from tests.cloud.shell.serving import STORE, RunningHub
from tests.identity.computer import Computer
from tests.identity.headquarters import counted, keys_at, paired

pytestmark = pytest.mark.asyncio


async def test_both_are_frozen_say_so_work_on_and_one_is_paired_again(
    hub: RunningHub, computer: Computer, tmp_path: Path
) -> None:
    async with computer.running() as run:
        await paired(run, hub)
        keys = await counted(run, 2)
    clone = computer.copied_to(tmp_path / "clone")
    async with computer.running() as one:
        await one.becomes(LineState.ONLINE)
        async with clone.running() as two:
            await asyncio.gather(one.becomes(LineState.FROZEN), two.becomes(LineState.FROZEN))
            assert "两台电脑" in one.line.view.reason and "两台电脑" in two.line.view.reason
            kept = await one.count(1)
            assert await one.waiting() == 1
            await paired(one, hub)
            await two.becomes(LineState.REVOKED)
            await one.delivered()
            assert keys_at(hub) == sorted([*keys, kept])


async def test_with_the_other_off_it_is_unfrozen_and_goes_on_by_itself(
    hub: RunningHub, computer: Computer, tmp_path: Path
) -> None:
    async with computer.running() as run:
        await paired(run, hub)
    clone = computer.copied_to(tmp_path / "clone")
    async with computer.running() as one:
        await one.becomes(LineState.ONLINE)
        async with clone.running() as two:
            await asyncio.gather(one.becomes(LineState.FROZEN), two.becomes(LineState.FROZEN))
        key = await one.count(1)
        hub.operator().post(f"/api/stores/{STORE}/unfreeze").raise_for_status()
        await one.becomes(LineState.ONLINE)
        await one.delivered()
        assert key in keys_at(hub)


async def test_a_copy_that_replaces_a_dead_computer_is_none(
    hub: RunningHub, computer: Computer, tmp_path: Path
) -> None:
    async with computer.running() as run:
        await paired(run, hub)
        await counted(run, 1)
    new_pc = computer.copied_to(tmp_path / "new-pc")
    async with new_pc.running() as run:
        await run.becomes(LineState.ONLINE)
        await counted(run, 1)


async def test_restarts_at_any_moment_freeze_nobody(hub: RunningHub, computer: Computer) -> None:
    async with computer.running() as run:
        await paired(run, hub)
    for moment in range(25):
        async with computer.running() as run:
            await asyncio.sleep(0.004 * moment)
            await run.count(moment)
    async with computer.running() as run:
        await run.becomes(LineState.ONLINE)
        await run.delivered()
    assert len(keys_at(hub)) == 25
