"""Random sequences of what may happen, and how often something illegal went through."""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from benchmarks.pick_rules.oracle import wrongs
from benchmarks.pick_rules.world import World, made

STEPS = 40

LIKELY: tuple[tuple[Callable[[World], object], float], ...] = (
    (World.scan, 12),
    (World.scan_barcode, 2),
    (World.scan_nonsense, 0.2),
    (World.type_code, 1.5),
    (World.name_lot, 6),
    (World.waive, 2.5),
    (World.undo, 0.6),
    (World.start, 2),
    (World.take_over, 0.4),
    (World.give_back, 0.2),
    (World.check, 2.5),
    (World.decide, 2),
    (World.verify, 0.4),
    (World.use_elsewhere, 0.05),
    (World.pause, 0.2),
    (World.resume, 0.6),
    (World.cancel, 0.08),
    (World.strike, 0.5),
    (World.substitute, 1.2),
    (World.grow, 0.4),
    (World.recall, 0.25),
    (World.sell_elsewhere, 0.4),
    (World.midnight, 0.2),
    (World.insure, 0.1),
)
_WHAT, _HOW_OFTEN = [what for what, _ in LIKELY], [often for _, often in LIKELY]


@dataclass(slots=True)
class Tally:
    sequences: int = 0
    steps: int = 0
    packed: int = 0
    released: int = 0
    refusals: int = 0
    unnamed: int = 0
    illegal: int = 0
    needless: int = 0
    """Packing or handing over refused although nothing was wrong."""
    first: str = ""
    """What the first illegal release was about."""


def run(number: int, tally: Tally) -> None:
    """The same number gives the same sequence."""
    world = made(Random(f"pick-rules/{number}"))
    if world.chance.random() < 0.85:
        world.clock += 1
        world.decide()
        world.verify()
        world.start()
    if world.chance.random() < 0.15:
        _approved_late(world)
    for _ in range(STEPS):
        world.clock += 1
        tally.steps += 1
        world.chance.choices(_WHAT, _HOW_OFTEN)[0](world)
        if world.chance.random() < 0.35:
            _try_to_end(world, tally)
    tally.sequences += 1
    tally.refusals += world.refusals
    tally.unnamed += world.unnamed


def _approved_late(world: World) -> None:
    """What chance alone brings about too seldom."""
    for step in (*(world.scan,) * 5, world.turn, *(world.decide,) * 2, *(world.scan,) * 5):
        world.clock += 1
        step()


def _try_to_end(world: World, tally: Tally) -> None:
    wrong = wrongs(world, leaves=False)
    packed = world.pack()
    tally.packed += packed
    _count(packed, wrong, tally)
    if world.chance.random() < 0.5:
        boxed = world.chance.random() < 0.7
        wrong = wrongs(world, leaves=True, boxed=boxed)
        released = world.hand_over(boxed=boxed)
        tally.released += released
        _count(released, wrong, tally)


def _count(done: bool, wrong: list[str], tally: Tally) -> None:
    if done and wrong:
        tally.illegal += 1
        tally.first = tally.first or wrong[0]
    if not done and not wrong:
        tally.needless += 1
