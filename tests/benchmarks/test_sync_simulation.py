"""What the simulation says of worlds that end badly."""

import os
import signal

import pytest

from benchmarks import sync_simulation
from tests.history.checks import Fault
from tests.simulation.world import World


def test_a_world_that_breaks_is_told_of_and_stops_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks(seed: int) -> World:
        raise RuntimeError(f"broken by {seed}")

    monkeypatch.setattr(sync_simulation, "lived", breaks)
    assert [(each.fault, each.what) for each in sync_simulation.live(4711).findings] == [
        (Fault.DIVERGED, "RuntimeError('broken by 4711')")
    ]


def test_a_world_in_which_time_stands_still_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    def stands_still(seed: int) -> World:
        os.kill(os.getpid(), signal.SIGALRM)
        signal.pause()
        raise AssertionError("nobody gave it up")

    monkeypatch.setattr(sync_simulation, "lived", stands_still)
    (found,) = sync_simulation.live(1).findings
    assert "not over within" in found.what
