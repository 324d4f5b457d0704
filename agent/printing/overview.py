"""What the printers page shows: each printer with its last slips, and before them the slips that wait or that nobody
is sure of."""

import msgspec

from agent import printer_settings
from agent.parts import Parts
from agent.printing import listing
from agent.printing.listing import PrinterNow, SlipNow
from agent.printing.spoken import proof
from agent.settings_tables import Value
from agent.slips import UNSENT
from agent.transactions import Reading
from domain.slips import SlipKind, SlipState

_LAST = 5
_LOOKED_THROUGH = 2000
"""Slips. Who printed none of so many shows none: the page is drawn at each change."""
_MOST_OPEN = 30


class PrinterShown(msgspec.Struct, frozen=True):
    """`plain` are its settings as agent.toml has them, `proof` the best evidence that it gives (A, B, C or ?)."""

    now: PrinterNow
    plain: dict[str, Value]
    proof: str
    last: tuple[SlipNow, ...]

    @property
    def unfinished(self) -> bool:
        """Added, and nobody has said yet what its test slip looks like."""
        return self.now.settings.prints == (SlipKind.TEST,)


class Overview(msgspec.Struct, frozen=True):
    """`open`: slips that wait, the oldest first."""

    printers: tuple[PrinterShown, ...]
    open: tuple[SlipNow, ...]
    can_change: bool


async def overview(parts: Parts) -> Overview:
    now = await listing.printers(parts)
    names = [printer.settings.name for printer in now.printers]
    last, waiting = await parts.work.aread(lambda reading: (_last(reading, names), _open(reading)))
    return Overview(tuple(_shown(each, last) for each in now.printers), waiting, now.can_change)


def _shown(now: PrinterNow, last: dict[str, tuple[SlipNow, ...]]) -> PrinterShown:
    return PrinterShown(now, printer_settings.plain(now.settings), proof(now.capabilities), last[now.settings.name])


def _last(reading: Reading, names: list[str]) -> dict[str, tuple[SlipNow, ...]]:
    """By printer, the newest first, without those that are open."""
    query = (
        "SELECT * FROM slips WHERE printer = ? AND state NOT IN (?, ?, ?, 'unknown')"
        " AND number > (SELECT max(number) FROM slips) - ? ORDER BY number DESC LIMIT ?"
    )
    return {
        name: listing.named(reading, reading.db.execute(query, (name, *UNSENT, _LOOKED_THROUGH, _LAST)))
        for name in names
    }


def _open(reading: Reading) -> tuple[SlipNow, ...]:
    rows = reading.db.execute(
        "SELECT * FROM slips WHERE state IN ('accepted', 'held', 'not_printed') AND due_at <= ?"
        " UNION ALL SELECT * FROM slips WHERE state = ? ORDER BY number LIMIT ?",
        (reading.now, SlipState.UNKNOWN, _MOST_OPEN),
    )
    return listing.named(reading, rows)
