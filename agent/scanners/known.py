"""What this store knows of its scanners, by their stations."""

import msgspec

from agent.transactions import Reading, Transaction
from domain.codes import Part
from domain.scanner_sheet import examine
from domain.times import Millis


class SheetRead(msgspec.Struct, frozen=True):
    """How one code of the set-up sheet was read."""

    part: Part
    raw: bytes
    at: Millis


def speeds(reading: Reading) -> dict[str, int]:
    """In baud; of those whose line has one."""
    return {row["station"]: row["speed"] for row in reading.db.execute("SELECT station, speed FROM scanner_speeds")}


def keep_speed(tx: Transaction, station: str, speed: int) -> None:
    tx.db.execute("INSERT OR REPLACE INTO scanner_speeds (station, speed) VALUES (?, ?)", (station, speed))


def keep_read(tx: Transaction, station: str, read: SheetRead) -> None:
    tx.db.execute(
        "INSERT OR REPLACE INTO sheet_reads (station, part, raw, at) VALUES (?, ?, ?, ?)",
        (station, read.part, read.raw, read.at),
    )


def reads(reading: Reading) -> dict[str, tuple[SheetRead, ...]]:
    found = dict[str, tuple[SheetRead, ...]]()
    for row in reading.db.execute("SELECT * FROM sheet_reads ORDER BY at"):
        read = SheetRead(Part(row["part"]), row["raw"], row["at"])
        found[row["station"]] = (*found.get(row["station"], ()), read)
    return found


def sends_separators(reading: Reading, station: str) -> bool:
    """Whether this scanner read the GS1 code of the sheet whole; then a message without a separator needed none."""
    row = reading.db.execute(
        "SELECT raw FROM sheet_reads WHERE station = ? AND part = ?", (station, Part.SEPARATORS)
    ).fetchone()
    read = examine(row["raw"].decode("utf-8", "replace")) if row is not None else None
    return read is not None and read.whole


def forget_reads(tx: Transaction, station: str) -> None:
    """Before it is tried again."""
    tx.db.execute("DELETE FROM sheet_reads WHERE station = ?", (station,))
