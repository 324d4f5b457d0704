"""Cuts the power of one recorded program again and again, and looks at what is left."""

import hashlib
import logging
import random
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Protocol

from agent.engine import sqlite3
from agent.errors import AgentError
from agent.storage.room import RESERVE
from benchmarks.power_loss import of_agent, of_hub
from benchmarks.power_loss.promises import Listener, Promised
from benchmarks.power_loss.worlds import World
from cloud.errors import HubError
from tests.power import records
from tests.power.disk import Disk, Keeps, NotWhole, differences
from tests.power.images import Kind, Wanted, write_image
from tests.power.records import Op, Record

KINDS = tuple(Kind)
_TOUCHES = frozenset(Op) - {Op.CLOSE, Op.DUP, Op.MAP, Op.SAID}
_NOT_REPLAYED = frozenset({"agent.log reads otherwise", f"data/{RESERVE} reads otherwise"})
"""The program's standard output, which was opened before the recording; and room held in reserve, sixteen megabytes of
noise that nobody reads: the one kill may fall between a write and its record, and with a file this long it does."""
_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Cuts:
    """What one process is asked to do: `images` of one program of one world."""

    world: World
    side: str
    keeps: Keeps
    images: int
    seed: int
    start_every: int
    """Every so many images go through the program's own start too."""


@dataclass(slots=True)
class Found:
    images: int = 0
    started: int = 0
    promises: int = 0
    bad: Counter[Kind] = field(default_factory=Counter)
    seen: set[bytes] = field(default_factory=set)
    """Hashes of the images: how many differ."""
    examples: list[str] = field(default_factory=list)

    def and_also(self, other: "Found") -> "Found":
        """Of two programs."""
        both = Found()
        both.add(self)
        both.add(other)
        both.promises = self.promises + other.promises
        return both

    def add(self, other: "Found") -> None:
        """More of the same program."""
        self.images += other.images
        self.started += other.started
        self.promises = max(self.promises, other.promises)
        self.bad += other.bad
        self.seen |= other.seen
        self.examples += other.examples


def cut(cuts: Cuts) -> Found:
    """Raises NotWhole where the recording is not all that happened: then it proves nothing."""
    logging.disable(logging.CRITICAL)
    recorded = list(records.read(cuts.world.log(cuts.side)))
    disk = Disk(cuts.world.files(cuts.side), cuts.world.begun_as(cuts.side), cuts.keeps)
    listener, found, look = Listener(), Found(), _look_at(cuts)
    dice = random.Random(f"{cuts.seed} {cuts.side} {cuts.keeps} {cuts.world.mode}")
    moments = Counter(_moments(recorded, cuts.images, dice))
    for at, record in enumerate(recorded):
        for _ in range(moments[at]):
            kind = KINDS[found.images % len(KINDS)]
            whole = found.images % cuts.start_every == 0
            with tempfile.TemporaryDirectory(prefix="yaolink-cut-", dir=cuts.world.folder) as image:
                _draw(disk, kind, dice, Path(image), look.wanted, found)
                why = look.wrong(Path(image), listener.promised, whole)
            found.images += 1
            found.started += whole
            if why:
                found.bad[kind] += 1
                found.examples.append(f"{cuts.world.mode} {cuts.side} {cuts.keeps.value} {kind} at {at}: {why}")
        disk.apply(record)
        listener.hear(record)
    found.promises = listener.promised.count
    del found.examples[_SHOWN:]
    if missed := set(differences(disk, cuts.world.files(cuts.side))) - _NOT_REPLAYED:
        raise NotWhole(f"{cuts.side} of {cuts.world.mode}: {missed}")
    _heard_all(cuts, listener.promised)
    return found


def _moments(recorded: Sequence[Record], images: int, dice: random.Random) -> Iterator[int]:
    """Before one of the records that touch the disk: half of them any, half at a sync, just before or just after it."""
    touching = [at for at, record in enumerate(recorded) if record.op in _TOUCHES]
    syncs = [at + after for at in touching if recorded[at].op is Op.SYNC for after in (0, 1) if at + 1 < len(recorded)]
    return (dice.choice(dice.choice((touching, syncs))) for _ in range(images))


def _draw(disk: Disk, kind: Kind, dice: random.Random, image: Path, wanted: Wanted, found: Found) -> None:
    write_image(disk, kind, dice, image, wanted)
    hashed = hashlib.blake2b(digest_size=8)
    for path in sorted(image.rglob("*")):
        if path.is_file():
            hashed.update(path.name.encode() + path.read_bytes())
    found.seen.add(hashed.digest())


class Flaws(Protocol):
    def __call__(self, image: Path, *, promised: Promised, started: bool) -> Iterator[str]: ...


@dataclass(frozen=True, slots=True)
class _Look:
    wanted: Wanted
    flaws: Flaws
    start: Callable[[Path], str]

    def wrong(self, image: Path, promised: Promised, whole: bool) -> str:
        """The first that is wrong with it; empty where all is well."""
        try:
            said = next(self.flaws(image, promised=promised, started=False), "")
            if not said and whole:
                said = self.start(image) or next(self.flaws(image, promised=promised, started=True), "")
        except (sqlite3.Error, AgentError, HubError, OSError, ValueError) as error:
            return f"{type(error).__name__}: {error}"
        return said


def _look_at(cuts: Cuts) -> _Look:
    if cuts.side == "hub":
        hub = of_hub.Later.of(cuts.world)
        return _Look(of_hub.wanted, partial(of_hub.flaws, later=hub), of_hub.start)
    agent = of_agent.Later.of(cuts.world)
    return _Look(of_agent.wanted, partial(of_agent.flaws, later=agent), of_agent.start)


def _heard_all(cuts: Cuts, promised: Promised) -> None:
    """What buyers and people were told is among what the recording holds: else it is deaf, and finds nothing."""
    ledger = cuts.world.ledger
    if cuts.side == "hub":
        missed = ledger.answered - promised.orders
        empty = not (promised.outcomes and promised.logs)
    else:
        missed = (ledger.heard - {code for code, _ in promised.scans.values()}) | (ledger.sold - promised.sales)
        empty = not (
            promised.operations and promised.logs and promised.backups and promised.papers and len(promised.keys) >= 2
        )
    if missed or empty:
        raise NotWhole(f"{cuts.side} of {cuts.world.mode} said what was not heard: {sorted(missed)[:3]}")
