"""What a disk may hold after the power failed: everything that was synced, and of the rest none, a beginning, some, or
some with writes torn between sectors."""

import random
from collections.abc import Callable, Iterator, Sequence
from enum import StrEnum
from pathlib import Path
from typing import TypeVar

from tests.power.disk import SHARED_MEMORY, Change, Disk, Keeps, Names, Naming, Node, Write

SECTOR = 512
T = TypeVar("T")


class Kind(StrEnum):
    NONE = "none"
    PREFIX = "prefix"
    SUBSET = "subset"
    TORN = "torn"


Wanted = Callable[[str], bool]


def write_image(disk: Disk, kind: Kind, dice: random.Random, folder: Path, wanted: Wanted = lambda _: True) -> None:
    """`folder` is empty; what it holds afterwards, its owner alone may read."""
    for name, node in sorted(surviving_names(disk, kind, dice).items()):
        path = folder / name
        if not name or name.endswith(SHARED_MEMORY) or not wanted(name):
            continue
        if node.is_folder:
            path.mkdir(mode=0o700, parents=True, exist_ok=True)
        elif path.parent.is_dir():  # a file in a folder that is gone is gone
            path.touch(0o600)
            path.write_bytes(node.content(_KEPT[kind](node, dice)))


def surviving_names(disk: Disk, kind: Kind, dice: random.Random) -> Names:
    names = dict(disk.safe_names)
    for naming in _surviving(disk, kind, dice):
        naming.apply(names)
    return names


def _surviving(disk: Disk, kind: Kind, dice: random.Random) -> Sequence[Naming]:
    """Of the journal always a beginning; without one, any."""
    if kind is Kind.NONE:
        return ()
    if kind is Kind.PREFIX or disk.keeps is Keeps.ORDERED:
        return disk.pending[: dice.randint(0, len(disk.pending))]
    return _some(disk.pending, dice)


def _none(_: Node, __: random.Random) -> Sequence[Change]:
    return ()


def _prefix(node: Node, dice: random.Random) -> Sequence[Change]:
    return node.pending[: dice.randint(0, len(node.pending))]


def _subset(node: Node, dice: random.Random) -> Sequence[Change]:
    return _some(node.pending, dice)


def _torn(node: Node, dice: random.Random) -> Sequence[Change]:
    """Every sector of what was written fares by itself."""
    return [piece for change in _some(node.pending, dice) for piece in _pieces(change, dice)]


def _pieces(change: Change, dice: random.Random) -> Iterator[Change]:
    if not isinstance(change, Write) or dice.random() < _WHOLE:
        yield change
        return
    at, end = change.offset, change.offset + len(change.data)
    while at < end:
        until = min(end, at // SECTOR * SECTOR + SECTOR)
        if dice.random() < _SECTOR_SURVIVES:
            yield Write(at, change.data[at - change.offset : until - change.offset])
        at = until


_WHOLE, _SECTOR_SURVIVES = 0.5, 0.6
"""Shares of the writes that are not torn, and of the sectors of the others."""


def _some(of: Sequence[T], dice: random.Random) -> list[T]:
    """In their order. How many of them survive is drawn first: nearly all and nearly none are as likely as half."""
    share = dice.random()
    return [each for each in of if dice.random() < share]


_KEPT: dict[Kind, Callable[[Node, random.Random], Sequence[Change]]] = {
    Kind.NONE: _none, Kind.PREFIX: _prefix, Kind.SUBSET: _subset, Kind.TORN: _torn,
}  # fmt: skip
