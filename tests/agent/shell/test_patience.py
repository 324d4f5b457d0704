"""How long the agent waits."""

import pytest

from agent.patience import Backoff, Patience, PollWait

PATIENCE = Patience()


def longest(low: float, high: float) -> float:
    return high


def test_the_first_three_failures_are_alike_and_then_each_waits_twice_as_long() -> None:
    backoff = Backoff(PATIENCE, longest)
    assert [backoff.next() for _ in range(8)] == [10, 10, 10, 20, 40, 60, 60, 60]
    backoff.reset()
    assert backoff.next() == 10


def test_the_hubs_wish_comes_before_our_own_spread() -> None:
    backoff = Backoff(PATIENCE, longest)
    assert backoff.next(7) == 17
    assert Backoff(PATIENCE, lambda low, high: low).next(7) == 7


@pytest.mark.parametrize("cut_at", [50.0, 25.0])
def test_polls_grow_as_far_as_the_way_bears(cut_at: float) -> None:
    wait = PollWait(PATIENCE)
    waited: list[float] = []
    for _ in range(5):
        waited.append(wait.seconds)
        if wait.seconds >= cut_at:
            wait.was_cut()
        else:
            wait.was_quiet()
    assert waited[0] == 25 and waited[2:] == [25.0] * 3


def test_polls_stay_long_where_nothing_cuts_them() -> None:
    wait = PollWait(PATIENCE)
    for _ in range(4):
        wait.was_quiet()
    assert wait.seconds == 50
