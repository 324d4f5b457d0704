"""Whole worlds under all faults: some seeds in full; benchmarks/sync_simulation.py runs many."""

import asyncio
from random import Random

import pytest

from tests.history.checks import check
from tests.simulation.weather import CALM, Weather, drawn
from tests.simulation.world import World, run, world


async def _lived(one: World, hours: float) -> None:
    await one.open()
    await one.live(hours)
    await one.heal()


@pytest.mark.parametrize("seed", range(2))
def test_a_day_of_bad_weather_ends_well(seed: int) -> None:
    with world(seed, stores=2, weather=drawn(Random(seed))) as one:
        run(one, _lived(one, 0.3))
        assert check(one.history()) == []
        assert one.sold > 5


def _told(seed: int, weather: Weather) -> list[str]:
    with world(seed, stores=2, weather=weather) as one:
        run(one, _lived(one, 0.1))
        return one.recorder.lines


def test_one_seed_is_one_execution() -> None:
    assert _told(5, drawn(Random(5))) == _told(5, drawn(Random(5)))


def test_time_costs_nothing() -> None:
    with world(1, stores=1, weather=CALM) as one:
        run(one, asyncio.sleep(1e6))
        assert one.loop.time() == 1e6
