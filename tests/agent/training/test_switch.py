"""The switch by itself: a forgotten training ends, and what fails leaves it off."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import pytest

from agent.changes import Changes
from agent.errors import AgentError
from agent.training.switch import TrainingSwitch
from drivers.scanners.base import Scan
from tests.awaiting import until


class Ground:
    """An open training in few lines."""

    def __init__(self) -> None:
        self.changes, self.is_open = Changes(), True

    def link(self) -> str:
        return "http://127.0.0.1:1/?link=x"

    async def knows(self, text: str) -> bool:
        return text == "practice"

    def take(self, scan: Scan) -> bool:
        if not self.is_open:
            raise AgentError("its data are closed")
        return scan.raw == b"practice"


class Grounds:
    def __init__(self) -> None:
        self.made = list[Ground]()
        self.fails = False

    def __call__(self) -> AbstractAsyncContextManager[Ground]:
        return self._open()

    @asynccontextmanager
    async def _open(self) -> AsyncIterator[Ground]:
        if self.fails:
            raise AgentError("the disk is full")
        self.made.append(Ground())
        yield self.made[-1]
        self.made[-1].is_open = False


@pytest.fixture
def grounds() -> Grounds:
    return Grounds()


async def test_nobody_looks_so_it_ends(grounds: Grounds) -> None:
    switch = TrainingSwitch(grounds, forgotten_after=1.0, look_every=0.02)
    await switch.turn_on()
    page = asyncio.create_task(_look(grounds.made[0].changes))
    await asyncio.sleep(2.0)
    assert switch.is_on, "a page shows it"
    page.cancel()
    await until(lambda: not switch.is_on)
    assert not grounds.made[0].is_open
    await switch.close()


async def _look(changes: Changes) -> None:
    async for _ in changes.listen():
        pass


async def test_what_cannot_be_opened_is_off_and_may_be_tried_again(grounds: Grounds) -> None:
    switch, grounds.fails = TrainingSwitch(grounds), True
    with pytest.raises(AgentError, match="full"):
        await switch.turn_on()
    assert not switch.is_on and not await switch.knows("practice")
    grounds.fails = False
    assert await switch.turn_on()
    assert await switch.knows("practice") and not await switch.knows("other")
    await switch.close()
    assert not switch.is_on


async def test_a_scan_while_it_ends_is_nobodys(grounds: Grounds) -> None:
    """It may have been a practice code: rather lost than bound to a real order."""
    switch, scan = TrainingSwitch(grounds), Scan(b"practice", "gun", 0.0)
    assert switch.take(scan) is False
    await switch.turn_on()
    assert switch.take(scan) is True
    assert switch.take(Scan(b"other", "gun", 0.0)) is False
    grounds.made[0].is_open = False
    assert switch.take(scan) is True
    await switch.close()


async def test_on_and_off_by_many_at_once(grounds: Grounds) -> None:
    switch = TrainingSwitch(grounds)
    for _ in range(20):
        await asyncio.gather(switch.turn_on(), switch.turn_off(), switch.turn_on(), switch.turn_off())
    assert [ground.is_open for ground in grounds.made if ground.is_open] == []
    await switch.close()
