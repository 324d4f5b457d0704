"""The recorder's log, read back. The layout is that of recorder/recorder.h."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path

_HEAD = struct.Struct("<IIiiqQ")


class Op(IntEnum):
    OPEN = 1
    CLOSE = 2
    DUP = 3
    WRITE = 4
    TRUNCATE = 5
    SYNC = 6
    RENAME = 7
    UNLINK = 8
    LINK = 9
    MKDIR = 10
    RMDIR = 11
    MAP = 12
    SAID = 13
    """Bytes that left by a socket."""


CREATED, EMPTIED, FOLDER = 1, 2, 4
"""Flags of OPEN."""


@dataclass(frozen=True, slots=True)
class Record:
    """`fd` is the process's own number, `offset` a TRUNCATE's length; `data` are bytes written or said, or a path."""

    op: Op
    pid: int
    fd: int
    flags: int
    offset: int
    data: bytes

    @property
    def path(self) -> str:
        return self.data.decode()

    @property
    def two_paths(self) -> tuple[str, str]:
        here, _, there = self.data.decode().partition("\0")
        return here, there


def read(log: Path) -> Iterator[Record]:
    """A last record that is not whole was being written when the process was killed."""
    whole = log.read_bytes()
    at = 0
    while at + _HEAD.size <= len(whole):
        op, pid, fd, flags, offset, length = _HEAD.unpack_from(whole, at)
        at += _HEAD.size + length
        if at <= len(whole):
            yield Record(Op(op), pid, fd, flags, offset, whole[at - length : at])
