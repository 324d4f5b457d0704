"""Where the logs stand, and who is told of it."""

import asyncio

import pytest

from cloud.heads import Heads
from cloud.hints import AT_ONCE, Hints
from domain.protocol import Cursor, Head

pytestmark = pytest.mark.asyncio


async def test_commits_that_come_out_of_order_never_lead_back() -> None:
    hints, told = Hints(), list[str]()
    heads = Heads(hints)
    with hints.following(["a"], told.append):
        heads.learn([Head("a", "x", 3)])
        heads.learn([Head("a", "x", 2)])
    assert heads.of(["a"]) == (Head("a", "x", 3),)
    assert told == ["a"]


async def test_a_raised_floor_and_another_incarnation_are_news() -> None:
    heads = Heads(Hints())
    for head in (Head("a", "x", 3), Head("a", "x", 3, 2), Head("a", "y", 1)):
        heads.learn([head])
        assert heads.of(["a"]) == (head,)


async def test_only_who_stands_exactly_at_the_head_needs_not_read() -> None:
    heads = Heads(Hints())
    heads.learn([Head("a", "x", 3)])
    assert heads.at(Cursor("a", "x", 3)) == Head("a", "x", 3)
    for elsewhere in (Cursor("a", "x", 2), Cursor("a", "x", 4), Cursor("a", "y", 3), Cursor("b", "x", 3)):
        assert heads.at(elsewhere) is None


async def test_a_log_that_all_follow_does_not_keep_others_waiting() -> None:
    hints, woken, between = Hints(), list[int](), list[int]()
    loop = asyncio.get_running_loop()
    wakes = [lambda log, number=number: woken.append(number) for number in range(3 * AT_ONCE)]
    followings = [hints.following(["catalogue"], wake) for wake in wakes]
    for following in followings:
        following.__enter__()
    hints.publish(["catalogue"])
    for _ in range(3):
        loop.call_soon(lambda: between.append(len(woken)))
        await asyncio.sleep(0)
    for following in followings:
        following.__exit__(None, None, None)
    assert sorted(woken) == list(range(3 * AT_ONCE))
    assert between[0] < 3 * AT_ONCE
    assert hints.count() == 0
