import select
import threading
import time
from collections.abc import Iterator

import pytest

from drivers.printers.waker import Waker

A_STEP = 0.016
"""Seconds by which the clock of Windows moves on."""


@pytest.fixture
def waker() -> Iterator[Waker]:
    waker = Waker()
    yield waker
    waker.close()


def test_it_wakes_who_waits_and_stays_set_until_cleared(waker: Waker) -> None:
    threading.Timer(0.05, waker.set).start()
    assert waker.wait(30)
    assert waker.is_set()
    waker.clear()
    assert not waker.is_set()


def test_it_can_be_waited_on_with_a_wire(waker: Waker) -> None:
    waker.set()
    assert select.select([waker.fileno()], [], [], 1)[0]


def test_set_ever_so_often_it_blocks_nobody(waker: Waker) -> None:
    for _ in range(100_000):
        waker.set()
    waker.clear()
    assert not waker.is_set()


def test_waiting_ends_with_its_time(waker: Waker) -> None:
    began = time.monotonic()
    assert not waker.wait(0.05)
    assert time.monotonic() - began > 0.05 - A_STEP


def test_waking_one_that_is_gone_does_no_harm() -> None:
    waker = Waker()
    waker.close()
    waker.set()
