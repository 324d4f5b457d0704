"""One seed's whole life: opened, lived in under its own weather, healed, and what is left of it."""

from random import Random

from tests.simulation.weather import drawn
from tests.simulation.world import World, run, world

STORES = 4
HOURS = 1.25


def lived(seed: int, *, stores: int = STORES, hours: float = HOURS) -> World:
    """Its folder is gone, its history is not."""
    with world(seed, stores=stores, weather=drawn(Random(seed))) as one:
        run(one, _live(one, hours))
        one.end = one.history()
    return one


async def _live(one: World, hours: float) -> None:
    await one.open()
    await one.live(hours)
    await one.heal()
