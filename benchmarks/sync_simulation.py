"""Hub and stores on a virtual clock, under every fault we can make: what was lost, doubled, or never came together.

    python -m benchmarks.sync_simulation --short --json
    python -m benchmarks.sync_simulation --minutes 60 --processes 2
    python -m benchmarks.sync_simulation --seed 4711          the history of that one world, as lines of JSON

Each seed is a world of its own with its own mix of faults; the same seed is the same execution. Beside the worlds every
mutant (one rule of the product broken) is put before its scene, and must be caught: a checker that finds nothing in
them proves nothing.
"""

import argparse
import gc
import itertools
import logging
import math
import multiprocessing
import os
import signal
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from dataclasses import dataclass, field
from random import Random

import msgspec

from benchmarks.figures import report
from tests.history.checks import Fault, Finding, check
from tests.simulation.lives import HOURS, STORES, lived
from tests.simulation.mutants.all_mutants import MUTANTS
from tests.simulation.weather import Weather, drawn

SHORT_STORE_HOURS = 100
FIRST_SEED = 1
HASHES, MODULE = "PYTHONHASHSEED", "benchmarks.sync_simulation"
LONGEST_WORLD = 900
"""Seconds; a quick machine needs five."""


@dataclass(slots=True)
class Lived:
    """One world."""

    seed: int
    orders: int
    steps: int
    operations: int
    findings: list[Finding]
    faults: Counter[str]


@dataclass(slots=True)
class Tally:
    worlds: int = 0
    orders: int = 0
    steps: int = 0
    operations: int = 0
    faults: Counter[str] = field(default_factory=Counter)
    found: Counter[Fault] = field(default_factory=Counter)
    wrong: list[Lived] = field(default_factory=list)

    def add(self, one: Lived) -> None:
        self.worlds += 1
        self.orders += one.orders
        self.steps += one.steps
        self.operations += one.operations
        self.faults += one.faults
        self.found += Counter(each.fault for each in one.findings)
        if one.findings:
            self.wrong.append(one)

    @property
    def store_hours(self) -> float:
        return self.worlds * STORES * HOURS


class TooLong(KeyboardInterrupt):
    """No rule of the product may catch it and go on."""


def live(seed: int) -> Lived:
    """A world that breaks, or in which time does not go on, is one of those that never came together."""
    signal.signal(signal.SIGALRM, _give_up)
    signal.alarm(LONGEST_WORLD)
    try:
        world = lived(seed)
    except (Exception, TooLong) as error:
        return Lived(seed, 0, 0, 0, [Finding(Fault.DIVERGED, "world", repr(error))], Counter())
    finally:
        signal.alarm(0)
    return Lived(
        seed, world.sold, world.loop.steps, len(world.end["hub_operation"]), check(world.end), Counter(world.faults())
    )


def _give_up(number: int, frame: object) -> None:
    raise TooLong(f"not over within {LONGEST_WORLD} s")


def caught(name: str) -> bool:
    return bool(next(mutant for mutant in MUTANTS if mutant.name == name).findings())


def _begin() -> None:
    """In each process: nothing is logged, and what is imported is not looked through again and again."""
    logging.disable(logging.CRITICAL)
    gc.collect()
    gc.freeze()


def _walk_sets_alike() -> None:
    """Text hashes differ from process to process, and with them the order in which a set is walked: one seed is one
    execution only where they are fixed. The processes of the pool inherit it."""
    if os.environ.get(HASHES) != "0":
        os.execve(sys.executable, [sys.executable, "-m", MODULE, *sys.argv[1:]], {**os.environ, HASHES: "0"})


def main() -> None:
    _walk_sets_alike()
    asked = _options()
    if asked.seed is not None:
        _tell(asked.seed)
        return
    began = time.monotonic()
    with ProcessPoolExecutor(asked.processes, multiprocessing.get_context("spawn"), _begin) as pool:
        mutants = {mutant.name: pool.submit(caught, mutant.name) for mutant in MUTANTS}
        tally = Tally()
        for one in _worlds(pool, asked):
            tally.add(one)
        survivors = [name for name, was_caught in mutants.items() if not was_caught.result()]
    _explain(tally, survivors, time.monotonic() - began)
    report(
        {
            "store_hours": tally.store_hours,
            "orders": tally.orders,
            **{fault.value: tally.found[fault] for fault in Fault},
            "mutants": len(mutants),
            "mutants_caught": len(mutants) - len(survivors),
            "seeds": tally.worlds,
            "operations": tally.operations,
            "steps": tally.steps,
            "bound_3_over_n": 3 / max(tally.orders, 1),
            "seconds": time.monotonic() - began,
        },
        quiet=asked.json,
    )


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.sync_simulation", description=__doc__)
    parser.add_argument("--short", action="store_true", help=f"{SHORT_STORE_HOURS} store-hours, for the tests")
    parser.add_argument("--json", action="store_true", help="only the last line: one JSON object")
    parser.add_argument("--minutes", type=float, default=5.0, help="new worlds begin for so long")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--first", type=int, default=FIRST_SEED, help="the first seed")
    parser.add_argument("--seed", type=int, help="tells the history of this one world, and what is wrong with it")
    return parser.parse_args()


def _worlds(pool: ProcessPoolExecutor, asked: argparse.Namespace) -> Iterator[Lived]:
    """As they come to an end; two are always waiting, so that no process rests."""
    until = time.monotonic() + asked.minutes * 60
    wanted = math.ceil(SHORT_STORE_HOURS / (STORES * HOURS)) if asked.short else None
    seeds = itertools.count(asked.first) if wanted is None else iter(range(asked.first, asked.first + wanted))
    running: set[Future[Lived]] = set()
    while True:
        while len(running) < asked.processes + 2 and (wanted is not None or time.monotonic() < until):
            if (seed := next(seeds, None)) is None:
                break
            running.add(pool.submit(live, seed))
        if not running:
            return
        done, running = wait(running, return_when=FIRST_COMPLETED)
        yield from (each.result() for each in done)


def _explain(tally: Tally, survivors: list[str], seconds: float) -> None:
    def say(line: str) -> None:
        print(line, file=sys.stderr)

    say(f"{tally.worlds} worlds of {STORES} stores and {HOURS} hours, {tally.orders} orders, {seconds:.0f} s")
    say(f"{tally.steps} steps, {tally.steps / max(seconds, 1e-9):.0f} a second")
    say("faults: " + ", ".join(f"{name} {count}" for name, count in sorted(tally.faults.items())))
    say(f"fault mixes: one per seed, each of {len(Weather.__struct_fields__)} rates drawn for itself")
    say(f"nothing wrong in N orders: less than 3/N = {3 / max(tally.orders, 1):.1e} of them, with 95 % confidence")
    for one in tally.wrong:
        say(f"seed {one.seed}: {len(one.findings)} findings; python -m benchmarks.sync_simulation --seed {one.seed}")
        for finding in one.findings[:3]:
            say(f"    {finding.fault}: {finding.check}: {finding.what}")
    for name in survivors:
        say(f"NOT CAUGHT: {name}")


def _tell(seed: int) -> None:
    logging.disable(logging.CRITICAL)
    world = lived(seed)
    for line in world.recorder.lines:
        print(line)
    print(msgspec.json.encode(drawn(Random(seed))).decode(), file=sys.stderr)
    for finding in check(world.end):
        print(f"{finding.fault}: {finding.check}: {finding.what}", file=sys.stderr)


if __name__ == "__main__":
    main()
