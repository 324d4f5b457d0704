"""Snapshots as a hub makes them, from whatever a test wants them to say."""

import base64
import gzip
import hashlib
import random
from collections.abc import Sequence
from pathlib import Path

import msgspec

from agent.files import DataFile
from agent.snapshots.loading import load
from agent.snapshots.reading import Snapshot
from agent.vault import seal
from domain.events import Event, EventBody, encode_body
from domain.personal import Personal
from domain.protocol import Cursor, SnapshotHeader, SnapshotTrailer
from tests.agent.core.hub import LOG, NOON, about

KEY = bytes(range(32))


def header(log: str = LOG, log_id: str = "first", seq: int = 10) -> SnapshotHeader:
    return SnapshotHeader(log, log_id, seq, NOON)


def packed(head: SnapshotHeader, *bodies: EventBody, personal: Sequence[Personal] = ()) -> bytes:
    """`personal` go with the first body of their order."""
    lines: list[object] = [head]
    left = list(personal)
    for place, body in enumerate(bodies, 1):
        mine = [record for record in left if record.order_id == about(body)]
        left = [record for record in left if record not in mine]
        raw = msgspec.Raw(encode_body(body))
        sealed = tuple(map(_sealed, mine))
        lines.append(Event(head.log, place, body.kind, body.version, NOON, raw, about(body), sealed))
    return finished([msgspec.json.encode(line) + b"\n" for line in lines])


def finished(lines: Sequence[bytes]) -> bytes:
    trailer = SnapshotTrailer(len(lines) - 1, hashlib.sha256(b"".join(lines)).hexdigest())
    return gzip.compress(b"".join(lines) + msgspec.json.encode(trailer) + b"\n")


def _sealed(record: Personal) -> Personal:
    sealed = seal(KEY, bytes(record.body), f"{record.order_id}/{record.name}", random.Random(1).randbytes)
    return msgspec.structs.replace(record, body=msgspec.Raw(msgspec.json.encode(base64.b64encode(sealed).decode())))


def loaded(
    file: DataFile, folder: Path, head: SnapshotHeader, *bodies: EventBody, personal: Sequence[Personal] = ()
) -> Cursor:
    path = folder / "snapshot.gz"
    path.write_bytes(packed(head, *bodies, personal=personal))
    snapshot = Snapshot(path, KEY)
    checked = snapshot.check()
    return file.write(lambda tx: load(tx, checked.log, checked, snapshot)).cursor
