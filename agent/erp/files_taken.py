"""Which files of the watched folder were taken or refused, by what stands in them."""

import msgspec

from agent.transactions import Reading, Topic, Transaction
from domain.times import Millis
from erp.books import LONGEST_NAME, MOST_FLAWS, FileState
from erp.rows import Flaw

_flaws = msgspec.json.Decoder(tuple[Flaw, ...])


class TakenFile(msgspec.Struct, frozen=True):
    digest: str
    name: str
    state: FileState
    rows: int
    flaws: tuple[Flaw, ...]
    at: Millis


def state_of(reading: Reading, digest: bytes) -> FileState | None:
    row = reading.db.execute("SELECT state FROM erp_files WHERE hash = ?", (digest,)).fetchone()
    return None if row is None else FileState(row["state"])


def put(tx: Transaction, digest: bytes, name: str, state: FileState, rows: int, flaws: tuple[Flaw, ...]) -> None:
    tx.db.execute(
        "INSERT INTO erp_files (hash, name, state, rows, flaws, at) VALUES (?, ?, ?, ?, ?, ?)"
        " ON CONFLICT DO UPDATE SET name = excluded.name, state = excluded.state, rows = excluded.rows,"
        " flaws = excluded.flaws, at = excluded.at, seen_at = NULL",
        (digest, name[:LONGEST_NAME], state, rows, msgspec.json.encode(flaws[:MOST_FLAWS]).decode(), tx.now),
    )
    tx.touch(Topic.ERP)


def with_flaws(reading: Reading, limit: int = 50) -> tuple[TakenFile, ...]:
    """That nobody has looked at, the newest first."""
    rows = reading.db.execute(
        "SELECT * FROM erp_files WHERE state <> 'done' AND seen_at IS NULL ORDER BY at DESC LIMIT ?", (limit,)
    )
    return tuple(
        TakenFile(
            row["hash"].hex(), row["name"], FileState(row["state"]), row["rows"], _flaws.decode(row["flaws"]), row["at"]
        )
        for row in rows
    )  # fmt: skip


def seen(tx: Transaction, digest: str) -> None:
    """Somebody looked at it."""
    tx.db.execute("UPDATE erp_files SET seen_at = ? WHERE hex(hash) = ?", (tx.now, digest.upper()))
    tx.touch(Topic.ERP)
