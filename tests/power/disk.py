"""The disk under a recorded process: what its files contain, and how much of that would outlive a power cut.

A file's writes and truncations are pending until the file is synced. Names (create, rename, unlink) are pending until

- ORDERED: anything at all is synced, for the file system keeps one journal and commits it up to there (ext4 as it
  comes: https://docs.kernel.org/filesystems/ext4/journal.html);
- HARSH: the folder itself is synced. POSIX promises no more; btrfs, XFS and others come close to it in places.

What is pending may be on the disk or not, `images` draws it.
"""

import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import TypeAlias

from tests.power.records import CREATED, EMPTIED, FOLDER, Op, Record

SHARED_MEMORY = "-shm"
"""SQLite's: written through a map, never synced, made anew after a crash."""


class NotWhole(Exception):
    """Something was done to the files that the recorder did not see or cannot tell."""


class Keeps(Enum):
    """What of names a sync brings to the disk."""

    ORDERED = "ordered"
    HARSH = "harsh"


@dataclass(frozen=True, slots=True)
class Write:
    offset: int
    data: bytes

    def apply(self, content: bytearray) -> None:
        if len(content) < self.offset:
            content.extend(bytes(self.offset - len(content)))
        content[self.offset : self.offset + len(self.data)] = self.data


@dataclass(frozen=True, slots=True)
class Truncate:
    length: int

    def apply(self, content: bytearray) -> None:
        del content[self.length :]
        content.extend(bytes(self.length - len(content)))


Change: TypeAlias = Write | Truncate


@dataclass(eq=False, slots=True)
class Node:
    """A file, or a folder. `safe` is on the disk whatever happens."""

    is_folder: bool = False
    safe: bytearray = field(default_factory=bytearray)
    pending: list[Change] = field(default_factory=list)

    def sync(self) -> None:
        for change in self.pending:
            change.apply(self.safe)
        self.pending.clear()

    def content(self, kept: Iterable[Change] | None = None) -> bytearray:
        """With all that is pending, or with some of it."""
        content = bytearray(self.safe)
        for change in self.pending if kept is None else kept:
            change.apply(content)
        return content


@dataclass(frozen=True, slots=True)
class Naming:
    """`there` is called so now (None: nothing is); `was` is not called so any more."""

    name: str
    there: Node | None
    was: str = ""

    def folders(self) -> set[str]:
        return {name.rpartition("/")[0] for name in (self.name, self.was) if name}

    def apply(self, names: dict[str, Node]) -> None:
        if self.was:
            names.pop(self.was, None)
        if self.there is None:
            names.pop(self.name, None)
        else:
            names[self.name] = self.there


Names = dict[str, Node]


class Disk:
    """Begins as the folder was when it was copied to `begun_as`; paths are relative to `folder`."""

    def __init__(self, folder: Path, begun_as: Path, keeps: Keeps = Keeps.ORDERED) -> None:
        self._root, self.keeps = str(folder.resolve()), keeps
        self._open: dict[tuple[int, int], Node] = {}
        self._names_of: dict[Node, str] = {}
        self.names: Names = {"": Node(is_folder=True)}
        for path in sorted(begun_as.rglob("*")):
            content = bytearray() if path.is_dir() else bytearray(path.read_bytes())
            self.names[str(path.relative_to(begun_as))] = Node(path.is_dir(), content)
        self.safe_names: Names = dict(self.names)
        self.pending: list[Naming] = []

    def apply(self, record: Record) -> bool:
        """Whether the record touched what would be on the disk."""
        match record.op:
            case Op.OPEN:
                return self._opened(record)
            case Op.CLOSE:
                self._open.pop((record.pid, record.fd), None)
                return False
            case Op.DUP:
                self._open[record.pid, record.fd] = self._open[record.pid, record.flags]
                return False
            case Op.WRITE:
                self._node(record).pending.append(Write(record.offset, record.data))
            case Op.TRUNCATE:
                self._node(record).pending.append(Truncate(record.offset))
            case Op.SYNC:
                self._sync(self._node(record))
            case Op.MAP:
                if not self._names_of.get(self._node(record), "").endswith(SHARED_MEMORY):
                    raise NotWhole(f"{self._names_of.get(self._node(record))} is written through a map")
                return False
            case Op.SAID:
                return False
            case _:
                self._renamed(record)
        return True

    def _node(self, record: Record) -> Node:
        try:
            return self._open[record.pid, record.fd]
        except KeyError:
            raise NotWhole(f"{record.op.name} on descriptor {record.fd}, whose opening was not seen") from None

    def _opened(self, record: Record) -> bool:
        name = self._name(record.path)
        if record.flags & CREATED:
            self._call(Naming(name, Node()))
        node = self.names.get(name)
        if node is None or node.is_folder != bool(record.flags & FOLDER):
            raise NotWhole(f"{name} was opened, and nobody saw it made")
        if record.flags & EMPTIED:
            node.pending.append(Truncate(0))
        self._open[record.pid, record.fd] = node
        self._names_of[node] = name
        return bool(record.flags & (CREATED | EMPTIED))

    def _renamed(self, record: Record) -> None:
        if record.op is Op.MKDIR:
            self._call(Naming(self._name(record.path), Node(is_folder=True)))
        elif record.op in (Op.UNLINK, Op.RMDIR):
            self._call(Naming(self._name(record.path), None))
        else:
            here, there = map(self._name, record.two_paths)
            node = self.names[here]
            if node.is_folder and any(name.startswith(f"{here}/") for name in self.names):
                raise NotWhole(f"the folder {here} was renamed with files in it")
            self._call(Naming(there, node, was=here if record.op is Op.RENAME else ""))

    def _call(self, naming: Naming) -> None:
        naming.apply(self.names)
        self.pending.append(naming)

    def _sync(self, node: Node) -> None:
        node.sync()
        if self.keeps is Keeps.ORDERED:
            self._keep_names(self.pending)
        elif node.is_folder:
            folder = next(name for name, other in self.names.items() if other is node)
            self._keep_names([naming for naming in self.pending if folder in naming.folders()])

    def _keep_names(self, kept: list[Naming]) -> None:
        for naming in kept:
            naming.apply(self.safe_names)
        self.pending = [naming for naming in self.pending if naming not in kept]

    def _name(self, path: str) -> str:
        name = os.path.relpath(path, self._root)
        return "" if name == "." else name


def differences(disk: Disk, folder: Path) -> list[str]:
    """Where the replayed disk is not what lies in the folder, byte for byte. Unless this is empty, the recorder missed
    something, and whatever an image shows is worth nothing."""
    there = {str(path.relative_to(folder)): path for path in folder.rglob("*")}
    seen = set(disk.names) - {""}
    found = [f"{name} is there and was never made" for name in there.keys() - seen]
    found += [f"{name} was made and is not there" for name in seen - there.keys()]
    for name in sorted(there.keys() & seen):
        if there[name].is_dir() or name.endswith(SHARED_MEMORY):
            continue
        if there[name].read_bytes() != disk.names[name].content():
            found.append(f"{name} reads otherwise")
    return found
