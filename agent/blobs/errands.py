"""What is to be carried next, and what came of it. Plain steps over a transaction; `carrier.py` carries."""

import logging

import msgspec

from agent import personal
from agent.blobs.kept import FIELDS, BlobState, Kept, came, find, from_row, joined, put_piece
from agent.errors import SealBroken
from agent.transactions import Reading, Topic, Transaction
from domain.blobs import digest as digest_of
from domain.times import DAY, HOUR, Millis

log = logging.getLogger(__name__)

LONGEST_REST: Millis = HOUR
"""A next attempt further away than this was set by a clock that was wrong."""
NEEDED: Millis = 7 * DAY
"""So long after its order was closed an image is still fetched; the archive is headquarters'."""


class Errand(msgspec.Struct, frozen=True):
    """`came` bytes of it are here; with `up`, it is to be sent."""

    blob: Kept
    came: int

    @property
    def up(self) -> bool:
        return self.blob.state is BlobState.UNSENT


_TO_CARRY = f"""SELECT {FIELDS} FROM blobs AS b WHERE state IN ('waiting', 'unsent') AND (state = 'unsent' OR NOT EXISTS
    (SELECT 1 FROM orders o WHERE o.order_id = b.order_id AND o.closed_at < :now - {NEEDED}))"""


def next_errand(reading: Reading) -> Errand | None:
    """Images before photos: somebody waits for them."""
    row = reading.db.execute(
        f"{_TO_CARRY} AND (next_at <= :now OR next_at > :now + {LONGEST_REST})"
        " ORDER BY state = 'unsent', next_at, named_at LIMIT 1",
        {"now": reading.now},
    ).fetchone()
    if row is None:
        return None
    blob = from_row(row)
    return Errand(blob, came(reading, blob.order_id, blob.digest))


def next_at(reading: Reading) -> Millis | None:
    """When the next attempt is due; None with nothing to carry."""
    row = reading.db.execute(f"SELECT min(next_at) AS at FROM ({_TO_CARRY})", {"now": reading.now}).fetchone()
    return None if row["at"] is None else min(int(row["at"]), reading.now + LONGEST_REST)


def hurry(tx: Transaction) -> None:
    """The line came back: all may be tried now."""
    tx.db.execute("UPDATE blobs SET next_at = 0 WHERE state IN ('waiting', 'unsent') AND next_at > 0")


def add_piece(tx: Transaction, errand: Errand, start: int, piece: bytes) -> bool:
    """False when it is not wanted any more: the order's person was erased meanwhile."""
    blob = errand.blob
    known = find(tx, blob.order_id, blob.digest)
    if known is None or known.state is not BlobState.WAITING or start != came(tx, blob.order_id, blob.digest):
        return False
    put_piece(tx, blob.order_id, blob.digest, start, piece)
    return True


def is_sound(reading: Reading, errand: Errand) -> bool:
    """Whether what came is what headquarters named."""
    blob = errand.blob
    key = personal.known_key(reading, blob.order_id)
    if key is None:
        return False
    try:
        return digest_of(joined(reading, key, blob.order_id, blob.digest)) == blob.digest
    except SealBroken:
        return False


def arrived(tx: Transaction, errand: Errand) -> None:
    _become(tx, errand, BlobState.HERE)


def sent(tx: Transaction, errand: Errand) -> None:
    _become(tx, errand, BlobState.SENT)


def refused(tx: Transaction, errand: Errand, why: str) -> None:
    """Nothing will change headquarters' mind; it stays here."""
    log.error("headquarters will not take blob %.12s of order %s: %s", errand.blob.digest, errand.blob.order_id, why)
    _become(tx, errand, BlobState.REFUSED, why)


def put_off(tx: Transaction, errand: Errand, why: str, until: Millis, *, anew: bool = False) -> None:
    """It did not come this time. With `anew` what came of it is worth nothing."""
    blob = errand.blob
    if anew:
        tx.db.execute("DELETE FROM blob_pieces WHERE order_id = ? AND digest = ?", (blob.order_id, blob.digest))
    tx.db.execute(
        "UPDATE blobs SET attempts = attempts + 1, why = ?, next_at = ? WHERE order_id = ? AND digest = ?",
        (why, until, blob.order_id, blob.digest),
    )
    if blob.attempts == 0:
        tx.note(log, "blob %.12s of order %s waits: %s", blob.digest, blob.order_id, why, order=blob.order_id)
    tx.touch(Topic.BLOBS)


def _become(tx: Transaction, errand: Errand, state: BlobState, why: str = "") -> None:
    blob = errand.blob
    tx.db.execute(
        "UPDATE blobs SET state = ?, why = ?, attempts = 0, next_at = 0 WHERE order_id = ? AND digest = ?",
        (state, why, blob.order_id, blob.digest),
    )
    tx.touch(Topic.BLOBS)
    tx.note(log, "blob %.12s of order %s is %s", blob.digest, blob.order_id, state, order=blob.order_id)
