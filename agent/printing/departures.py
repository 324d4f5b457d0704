"""Printers that left the settings: one that only got another name keeps what is known of it, and slips that were meant
for no other printer do not wait for one that is gone."""

from collections.abc import Iterable

from agent import slips
from agent.config import PrinterSettings
from agent.printing import known
from agent.transactions import Topic, Transaction
from domain.slips import SlipKind, SlipState
from drivers.printers.same_place import same_place

GONE = "printer_removed"
"""Why a test slip for a printer that was removed is withdrawn."""


def see_off(tx: Transaction, left: Iterable[PrinterSettings], came: Iterable[PrinterSettings]) -> None:
    """`left` are those whose names are gone, `came` those whose names are new."""
    newcomers = list(came)
    for printer in left:
        same = next((other for other in newcomers if same_place(other.address, printer.address)), None)
        if same is None:
            known.forget(tx, printer.name)
            _release(tx, printer.name)
        else:
            newcomers.remove(same)
            known.rename(tx, printer.name, same.name)
            tx.db.execute("UPDATE slips SET pinned = ? WHERE pinned = ?", (same.name, printer.name))
            tx.touch(Topic.SLIPS, Topic.WAITING)


def _release(tx: Transaction, printer: str) -> None:
    """Whoever prints their kind may take them; a test slip says something about this printer only."""
    for row in tx.db.execute("SELECT slip_id, kind, state FROM slips WHERE pinned = ?", (printer,)).fetchall():
        if row["kind"] == SlipKind.TEST and row["state"] in slips.UNSENT:
            slips.change(tx, slips.get(tx, row["slip_id"]), SlipState.WITHDRAWN, cause=GONE)
    tx.db.execute("UPDATE slips SET pinned = '' WHERE pinned = ? AND kind <> ?", (printer, SlipKind.TEST))
    tx.touch(Topic.SLIPS, Topic.WAITING)
