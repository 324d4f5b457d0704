"""The printers as page, command line and other programs see them: settings, state and what each can prove."""

from collections.abc import Iterable

import msgspec

from agent import names, orders
from agent.config import PrinterSettings
from agent.engine import sqlite3
from agent.parts import Parts
from agent.printing import known
from agent.printing.known import NOTHING, Known
from agent.printing.view import PrinterView
from agent.slips import Slip, from_row
from agent.transactions import Reading
from domain.times import Millis
from drivers.printers.capability import Capabilities


class PrinterNow(msgspec.Struct, frozen=True):
    """`address` is where it is reached now, which may differ from its settings' for a moment."""

    settings: PrinterSettings
    address: str
    state: str
    """ready, blocked or unknown; `cause` says why it is not ready."""
    cause: str
    at: Millis
    """When that was seen; 0 if not yet."""
    paper_near_end: bool
    paused: bool
    waiting: int
    """Slips that it should print and that are due."""
    last_slip: str
    capabilities: Capabilities | None
    """None until it was asked."""
    probed_at: Millis | None
    identity: str
    """Its MAC or serial number, empty where it has not shown one."""


class PrintersNow(msgspec.Struct, frozen=True):
    """`can_change`: the agent was started from a settings file, so printers can be added and changed."""

    printers: tuple[PrinterNow, ...]
    can_change: bool


class SlipNow(msgspec.Struct, frozen=True):
    """`order` is what people call its order (美团 #12), empty for a slip of no order."""

    slip: Slip
    order: str


async def printers(parts: Parts) -> PrintersNow:
    kept = await parts.work.aread(known.of_all)
    return PrintersNow(
        tuple(
            _printer(worker.settings, worker.view, worker.paused, kept.get(worker.settings.name, NOTHING))
            for worker in parts.printers
        ),
        can_change=parts.settings_now.path is not None,
    )


def slips(reading: Reading, printer: str, limit: int) -> tuple[SlipNow, ...]:
    """The newest first; those that `printer` has or had last, or all where it is empty."""
    rows = reading.db.execute(
        "SELECT * FROM slips WHERE ? IN ('', printer) ORDER BY number DESC LIMIT ?", (printer, limit)
    )
    return named(reading, rows)


def named(reading: Reading, rows: Iterable[sqlite3.Row]) -> tuple[SlipNow, ...]:
    """Rows of slips, with what their orders are called."""
    return tuple(_slip(reading, from_row(row)) for row in list(rows))


def _printer(settings: PrinterSettings, view: PrinterView, paused: bool, kept: Known) -> PrinterNow:
    kept = kept.at(settings.address)
    return PrinterNow(
        settings=settings,
        address=view.address,
        state=view.state,
        cause=view.cause,
        at=view.at,
        paper_near_end=view.paper_near_end,
        paused=paused,
        waiting=view.waiting,
        last_slip=view.last_slip,
        capabilities=kept.capabilities,
        probed_at=kept.probed_at,
        identity=kept.identity,
    )


def _slip(reading: Reading, slip: Slip) -> SlipNow:
    return SlipNow(slip, names.shouted(orders.get(reading, slip.order_id)) if slip.order_id else "")
