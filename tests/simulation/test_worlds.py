"""Whole worlds under all faults: some seeds here; benchmarks/sync_simulation.py lives through many."""

import asyncio

import pytest

from tests.history.checks import check
from tests.simulation.lives import lived
from tests.simulation.weather import CALM
from tests.simulation.world import run, world


@pytest.mark.parametrize("seed", range(2))
def test_hours_of_bad_weather_end_well(seed: int) -> None:
    one = lived(seed, stores=2, hours=0.3)
    assert check(one.end) == []
    assert one.sold > 5


def test_one_seed_is_one_execution() -> None:
    first, second = (lived(5, stores=2, hours=0.2).recorder.lines for _ in range(2))
    assert first == second


def test_time_costs_nothing() -> None:
    with world(1, stores=1, weather=CALM) as one:
        run(one, asyncio.sleep(1e6))
        assert one.loop.time() == 1e6
