"""Making a snapshot's file: gzip of lines of JSON, a header first, a trailer with the checksum last.

What is said of persons is sealed under a key made for this one file. The key is kept in memory only and goes to the
agent in the answer's header: neither this disk nor the agent's holds anything readable (design.md §5).
"""

import base64
import gzip
import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Protocol

import msgspec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from cloud import heard, personal
from cloud.snapshots.rows import AT_ONCE, Fold, Row, View
from cloud.vault import NONCE_BYTES, Vault
from domain.events import BODIES, STORE_LOGS, Event, encode_body, lowered
from domain.ids import Randomness
from domain.personal import Personal
from domain.protocol import Head, SnapshotHeader, SnapshotTrailer

EVERYTHING = {kind: body.version for kind, body in BODIES.items()}
LEVEL = 5
"""Of gzip: two thirds of the best at a third of its time."""
_encode = msgspec.json.Encoder().encode


class Sink(Protocol):
    def write(self, data: bytes, /) -> int: ...


class Lines:
    """Writes lines and keeps what the trailer says of them."""

    def __init__(self, file: Sink) -> None:
        self._file, self._sum = file, hashlib.sha256()
        self.rows, self.size = 0, 0

    def write(self, line: object) -> None:
        text = _encode(line) + b"\n"
        self._sum.update(text)
        self._file.write(text)
        self.size += len(text)

    def row(self, line: Event) -> None:
        self.rows += 1
        self.write(line)

    def end(self) -> None:
        self.write(SnapshotTrailer(self.rows, self._sum.hexdigest()))


class Sealing(msgspec.Struct, frozen=True):
    """How persons get into the file: opened with the chain's `vault`, sealed again under the file's own `key`."""

    vault: Vault
    key: bytes
    randomness: Randomness

    def seal(self, record: str, body: bytes) -> msgspec.Raw:
        nonce = self.randomness(NONCE_BYTES)
        sealed = nonce + AESGCM(self.key).encrypt(nonce, body, record.encode())
        return msgspec.Raw(_encode(base64.b64encode(sealed).decode()))


def write(
    path: Path, head: Head, view: View, fold: Fold, sealing: Sealing, accepts: Mapping[str, int] = EVERYTHING
) -> int:
    """For agents that know these kinds. Returns how many bytes it has unpacked. Raises `OSError`; then nothing of it
    counts."""
    with path.open("xb") as file, gzip.GzipFile("", "wb", LEVEL, file, mtime=0) as packed:
        lines = Lines(packed)
        lines.write(_header(head, view))
        rows = (row for row in fold(view) if _is_known(row, accepts))
        for event in _events(head.log, view, rows, sealing):
            lines.row(lowered(event, accepts))
        lines.end()
    return lines.size


def _header(head: Head, view: View) -> SnapshotHeader:
    store = head.log.removeprefix(STORE_LOGS)
    if store == head.log:
        return SnapshotHeader(head.log, head.log_id, head.seq, view.now)
    contains = heard.by_incarnation(view.connection, view.chain, store)
    but = heard.left_out(view.connection, view.chain, store)
    return SnapshotHeader(head.log, head.log_id, head.seq, view.now, contains, but)


def _is_known(row: Row, accepts: Mapping[str, int]) -> bool:
    """A kind that an older agent never heard of would make the whole of no use to it. What must be understood stays:
    better no snapshot than one without a recall."""
    return row.body.kind in accepts or row.body.must_understand


def _events(log: str, view: View, rows: Iterable[Row], sealing: Sealing) -> Iterator[Event]:
    """Numbered by their place in the file; persons are looked up for a batch at a time."""
    place, rest = 0, iter(rows)
    while some := tuple(islice(rest, AT_ONCE)):
        persons = _persons(view, some, sealing)
        for row in some:
            place += 1
            yield _event(log, place, view, row, persons)


def _event(log: str, place: int, view: View, row: Row, persons: dict[tuple[str, str], Personal]) -> Event:
    order_id = row.order_id or ""
    return Event(
        log=log,
        seq=place,
        kind=row.body.kind,
        v=row.body.version,
        at=view.now,
        body=msgspec.Raw(encode_body(row.body)),
        order_id=row.order_id,
        personal=tuple(persons[order_id, name] for name in row.personal if (order_id, name) in persons),
        must_understand=row.body.must_understand,
    )


def _persons(view: View, rows: Sequence[Row], sealing: Sealing) -> dict[tuple[str, str], Personal]:
    wanted = {(row.order_id, name) for row in rows if row.order_id is not None for name in row.personal}
    found = personal.get_all(view.connection, view.chain, sealing.vault, sorted({order_id for order_id, _ in wanted}))
    return {
        (order_id, name): Personal(order_id, name, sealing.seal(f"{order_id}/{name}", body))
        for (order_id, name), body in found.items()
        if (order_id, name) in wanted
    }
