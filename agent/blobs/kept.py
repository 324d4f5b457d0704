"""The blobs of this store's orders, and how far each has come."""

import logging
from collections.abc import Iterable
from enum import StrEnum

import msgspec

from agent import personal
from agent.blobs.pictures import media_type_of
from agent.engine import sqlite3
from agent.errors import WorkRefused
from agent.transactions import Reading, Topic, Transaction
from agent.vault import seal, unseal
from domain.blobs import LARGEST, Blob, digest
from domain.times import Millis

log = logging.getLogger(__name__)

PIECE = 128 * 1024
"""Bytes sealed as one: few enough that no scan waits behind the writing of it."""


class BlobState(StrEnum):
    WAITING = "waiting"
    """Headquarters has it, or will; it is fetched."""
    HERE = "here"
    UNSENT = "unsent"
    """Made here; headquarters has yet to get it."""
    SENT = "sent"
    REFUSED = "refused"
    """Made here; headquarters will never take it."""


class Kept(msgspec.Struct, frozen=True):
    """`attempts` in a row have failed, the last one for the reason `why`; the next is made at `next_at`."""

    order_id: str
    digest: str
    size: int
    media_type: str
    state: BlobState
    attempts: int
    next_at: Millis
    why: str

    @property
    def is_here(self) -> bool:
        return self.state is not BlobState.WAITING


def keep(tx: Transaction, order_id: str, content: bytes, media_type: str = "") -> Blob:
    """A photo made here, on its way to headquarters from now on. The same photo twice is one. Its bytes say what kind
    of picture it is; `media_type` is believed where they do not."""
    if not 0 < len(content) <= LARGEST:
        raise WorkRefused(f"照片大小须在 1 字节到 {LARGEST // 1024 // 1024} MB 之间")
    blob = Blob(digest(content), len(content), media_type_of(content) or media_type or "application/octet-stream")
    if find(tx, order_id, blob.digest) is None:
        _insert(tx, order_id, blob, BlobState.UNSENT)
        for start in range(0, len(content), PIECE):
            put_piece(tx, order_id, blob.digest, start, content[start : start + PIECE])
    return blob


def wanted(tx: Transaction, order_id: str, blobs: Iterable[Blob]) -> None:
    """Headquarters named them: they are fetched as soon as there is a line. Named again, nothing changes."""
    for blob in blobs:
        if find(tx, order_id, blob.digest) is None:
            _insert(tx, order_id, blob, BlobState.WAITING)


def find(reading: Reading, order_id: str, digest: str) -> Kept | None:
    row = reading.db.execute(
        f"SELECT {FIELDS} FROM blobs WHERE order_id = ? AND digest = ?", (order_id, digest)
    ).fetchone()
    return None if row is None else from_row(row)


def of_order(reading: Reading, order_id: str) -> tuple[Kept, ...]:
    rows = reading.db.execute(f"SELECT {FIELDS} FROM blobs WHERE order_id = ? ORDER BY named_at, digest", (order_id,))
    return tuple(map(from_row, rows))


def content(reading: Reading, order_id: str, digest: str) -> bytes | None:
    """The whole of it; None while it is not here, and once the order's person was erased. Raises SealBroken."""
    kept, key = find(reading, order_id, digest), personal.known_key(reading, order_id)
    if kept is None or not kept.is_here or key is None:
        return None
    return joined(reading, key, order_id, digest)


def joined(reading: Reading, key: bytes, order_id: str, digest: str) -> bytes:
    """What has come so far."""
    rows = reading.db.execute(
        "SELECT start, sealed FROM blob_pieces WHERE order_id = ? AND digest = ? ORDER BY start", (order_id, digest)
    )
    return b"".join(unseal(key, row["sealed"], _label(order_id, digest, row["start"])) for row in rows)


def came(reading: Reading, order_id: str, digest: str) -> int:
    """How many bytes of it are here."""
    row = reading.db.execute(
        "SELECT coalesce(sum(size), 0) AS came FROM blob_pieces WHERE order_id = ? AND digest = ?", (order_id, digest)
    ).fetchone()
    return int(row["came"])


def put_piece(tx: Transaction, order_id: str, digest: str, start: int, piece: bytes) -> None:
    sealed = seal(personal.key_of(tx, order_id), piece, _label(order_id, digest, start), tx.randomness)
    tx.db.execute(
        "INSERT INTO blob_pieces (order_id, digest, start, size, sealed) VALUES (?, ?, ?, ?, ?)",
        (order_id, digest, start, len(piece), sealed),
    )


def from_row(row: sqlite3.Row) -> Kept:
    return msgspec.convert(dict(row), Kept)


FIELDS = ", ".join(Kept.__struct_fields__)


def _insert(tx: Transaction, order_id: str, blob: Blob, state: BlobState) -> None:
    tx.db.execute(
        "INSERT INTO blobs (order_id, digest, size, media_type, state, named_at) VALUES (?, ?, ?, ?, ?, ?)",
        (order_id, blob.digest, blob.size, blob.media_type, state, tx.now),
    )
    tx.touch(Topic.BLOBS)
    tx.note(log, "blob %.12s of order %s (%d bytes) is %s", blob.digest, order_id, blob.size, state, order=order_id)


def _label(order_id: str, digest: str, start: int) -> str:
    """Bound to the seal: no piece can stand in another's place."""
    return f"{order_id}/blob:{digest}@{start}"
