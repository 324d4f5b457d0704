"""One timer for thousands of streams."""

import asyncio

import pytest

from cloud.wheel import AT_ONCE, TICK_SECONDS, Wheel
from tests.awaiting import until

pytestmark = pytest.mark.asyncio


async def test_everybody_is_called_once_at_its_time_or_a_tick_later() -> None:
    wheel, loop = Wheel(), asyncio.get_running_loop()
    late: list[float] = []
    began = loop.time()
    for wanted in (0.0, 0.1, 0.3, 0.3, 0.7):
        wheel.after(wanted, lambda wanted=wanted: late.append(loop.time() - began - wanted))  # type: ignore[misc]
    await until(lambda: len(late) == 5)
    assert min(late) >= 0


async def test_who_is_called_may_ask_again() -> None:
    wheel, beats = Wheel(), list[int]()

    def beat() -> None:
        beats.append(1)
        wheel.after(0.0, beat)

    loop = asyncio.get_running_loop()
    began = loop.time()
    wheel.after(0.0, beat)
    await until(lambda: len(beats) >= 3)
    assert len(beats) <= (loop.time() - began) / TICK_SECONDS + 1, "never twice in a tick"


async def test_one_that_breaks_stops_no_other(caplog: pytest.LogCaptureFixture) -> None:
    wheel, called = Wheel(), list[str]()
    later = asyncio.Event()

    def breaks() -> None:
        raise RuntimeError("one stream")

    wheel.after(0.1, breaks)
    wheel.after(0.1, lambda: called.append("neighbour"))
    wheel.after(0.7, later.set)
    await asyncio.wait_for(later.wait(), 30)
    assert called == ["neighbour"]
    again = asyncio.Event()
    wheel.after(0.0, again.set)
    await asyncio.wait_for(again.wait(), 30)
    (told,) = [record for record in caplog.records if record.levelname == "ERROR"]
    assert told.name == "asyncio" and "breaks" in told.message
    assert told.exc_info is not None and str(told.exc_info[1]) == "one stream"


async def test_between_many_everything_else_has_its_turn() -> None:
    wheel, loop, order = Wheel(), asyncio.get_running_loop(), list[str]()

    def beat() -> None:
        if not order:
            loop.call_soon(order.append, "push")
        order.append("beat")

    for _ in range(5 * AT_ONCE):
        wheel.after(0.0, beat)
    await until(lambda: order.count("beat") == 5 * AT_ONCE)
    assert order.index("push") <= AT_ONCE


async def test_it_begins_again_after_a_rest() -> None:
    wheel, called = Wheel(), asyncio.Event()
    wheel.after(0.0, lambda: None)
    await asyncio.sleep(3 * TICK_SECONDS)
    wheel.after(0.0, called.set)
    await asyncio.wait_for(called.wait(), 30)
