"""What befell the data files, told until somebody has seen it."""

from enum import StrEnum

import msgspec

from agent.engine import Connection, sqlite3
from agent.transactions import Reading, Topic, Transaction
from domain.times import Millis


class Kind(StrEnum):
    WORK_REBUILT = "work_rebuilt"
    CACHE_REBUILT = "cache_rebuilt"
    WORK_MISSING = "work_missing"
    """There was none, and a backup or other files say that there should be."""
    RESTORED = "restored"
    """A person put a backup in its place."""


class Happening(msgspec.Struct, frozen=True, omit_defaults=True):
    """`aside` is where the file lies that was set aside, `wrong` what SQLite said of it, `backup` the backup whose rows
    went in too. `kept` and `lost` count rows by table; a loss of which nobody can tell the number is None."""

    kind: Kind
    aside: str = ""
    wrong: str = ""
    backup: str = ""
    kept: dict[str, int] = {}
    lost: dict[str, int | None] = {}
    filled: int = 0
    """Rows from the backup in place of lost ones."""
    unsent: int = 0
    """Operations on their way to headquarters after it."""
    unsent_lost: int | None = 0
    """How many of them, at most, could not be read."""
    seconds: float = 0.0


class Told(msgspec.Struct, frozen=True):
    happening_id: int
    at: Millis
    seen_at: Millis | None
    what: Happening


_encoder, _decoder = msgspec.json.Encoder(), msgspec.json.Decoder(Happening)


def write_down(tx: Transaction, what: Happening) -> None:
    insert(tx.db, what, tx.now)
    tx.touch(Topic.STORE)


def insert(db: Connection, what: Happening, now: Millis) -> None:
    """Into a file that nobody has opened yet."""
    db.execute("INSERT INTO happenings (kind, at, told) VALUES (?, ?, ?)", (what.kind, now, _encoder.encode(what)))


def unseen(reading: Reading) -> tuple[Told, ...]:
    return tuple(map(_told, reading.db.execute("SELECT * FROM happenings WHERE seen_at IS NULL ORDER BY happening_id")))


def last(reading: Reading, limit: int = 20) -> tuple[Told, ...]:
    """The newest first."""
    rows = reading.db.execute("SELECT * FROM happenings ORDER BY happening_id DESC LIMIT ?", (limit,))
    return tuple(map(_told, rows))


def seen(tx: Transaction, happening_id: int) -> None:
    tx.db.execute(
        "UPDATE happenings SET seen_at = ? WHERE happening_id = ? AND seen_at IS NULL", (tx.now, happening_id)
    )
    tx.touch(Topic.STORE)


def _told(row: sqlite3.Row) -> Told:
    return Told(row["happening_id"], row["at"], row["seen_at"], _decoder.decode(row["told"]))
