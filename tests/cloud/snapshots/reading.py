"""A snapshot as an agent reads it, without an agent."""

import base64
import gzip
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import msgspec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from cloud import eventlog
from cloud.snapshots import writing
from cloud.snapshots.folds import fold_of
from cloud.snapshots.rows import View
from cloud.snapshots.writing import Sealing
from domain.events import Event, EventBody, decode_body
from domain.personal import Personal
from domain.protocol import SnapshotHeader, SnapshotTrailer
from tests.cloud.hub import CHAIN, Hub

KEY = bytes(range(32))


@dataclass(frozen=True)
class Read:
    header: SnapshotHeader
    events: list[Event]

    def bodies(self, *kinds: type[EventBody]) -> list[EventBody]:
        return [decode_body(event) for event in self.events if event.kind in {kind.kind for kind in kinds}]


def taken(hub: Hub, log: str, folder: Path, accepts: Mapping[str, int] = writing.EVERYTHING) -> Read:
    """Made and read at once."""
    path = folder / f"{hub.clock()}.gz"
    with hub.database.read() as connection:
        (head,) = eventlog.heads(connection, CHAIN, [log])
        sealing = Sealing(hub.vault, KEY, hub.randomness.randbytes)
        writing.write(path, head, View(connection, CHAIN, hub.now), fold_of(log), sealing, accepts)
    return read(path.read_bytes())


def read(packed: bytes) -> Read:
    """Its checksum holds, or this fails."""
    *lines, last = gzip.decompress(packed).splitlines(keepends=True)
    trailer = msgspec.json.decode(last, type=SnapshotTrailer)
    assert hashlib.sha256(b"".join(lines)).hexdigest() == trailer.sha256
    events = [msgspec.json.decode(line, type=Event) for line in lines[1:]]
    assert len(events) == trailer.rows
    assert [event.seq for event in events] == list(range(1, trailer.rows + 1))
    return Read(msgspec.json.decode(lines[0], type=SnapshotHeader), events)


def opened(record: Personal, key: bytes) -> bytes:
    sealed = base64.b64decode(msgspec.json.decode(record.body, type=str))
    return AESGCM(key).decrypt(sealed[:12], sealed[12:], f"{record.order_id}/{record.name}".encode())
