"""Which slip a printer takes next: the oldest that may be sent, is its to take, and says something printable."""

import logging
from dataclasses import dataclass

from agent import slips
from agent.documents.rendering import Rendered, rendered
from agent.engine import sqlite3
from agent.errors import StorageError
from agent.files import WorkFile
from agent.printing.standing import Standing
from agent.slips import Slip
from agent.transactions import Reading, Transaction
from domain.slips import MOVES, SlipState
from domain.times import SECOND

log = logging.getLogger(__name__)

UNPRINTABLE = "unprintable"
_LONGEST_S = 30.0
"""Catches a clock that jumped or a PC that slept."""


@dataclass(frozen=True, slots=True)
class Ready:
    """A slip and what it says, as of the revision of its order."""

    slip: Slip
    paper: Rendered


class Taking:
    """Of one printer, for its thread."""

    def __init__(self, name: str, work: WorkFile, standing: Standing) -> None:
        self._name, self._work, self._standing = name, work, standing
        self._unprintable: dict[str, int] = {}

    def take(self) -> Ready | float:
        """What is taken is claimed for a moment; `let_go` gives it back early. With nothing to take: the seconds until
        there may be something without any news."""
        found = self._work.read(self._next)
        while isinstance(found, _Unreadable):
            self.refuse(found.slip, found.revision, found.error)
            found = self._work.read(self._next)
        return found

    def let_go(self, ready: Ready) -> None:
        self._standing.claims.release(ready.slip.slip_id, self._name)

    def refuse(self, slip: Slip, revision: int, error: Exception) -> None:
        """This slip waits for its order to change, or for a printer with other paper; the others go on."""
        log.error("slip %s cannot be printed on %s: %s", slip.slip_id, self._name, error, exc_info=error)
        self._unprintable[slip.slip_id] = revision
        self._standing.claims.release(slip.slip_id, self._name)

        def hold(tx: Transaction) -> None:
            now = slips.get(tx, slip.slip_id)
            if SlipState.HELD in MOVES[now.state]:  # it may have been withdrawn meanwhile
                slips.change(tx, now, SlipState.HELD, cause=UNPRINTABLE)

        self._work.write(hold)

    def _next(self, reading: Reading) -> "Ready | float | _Unreadable":
        routes, waits = self._standing.routes(), [_LONGEST_S]
        for one in slips.waiting(reading):
            route = routes.of(one.kind, one.pinned)
            if self._name not in route.takers:
                if route.changes_at is not None:
                    waits.append(max(route.changes_at - self._standing.now(), 0.0))
                continue
            taken_for = self._standing.claims.take(one.slip_id, self._name)
            if taken_for:
                waits.append(taken_for)
                continue
            found = self._rendered(reading, slips.get(reading, one.slip_id))
            if found is not None:
                return found
            self._standing.claims.release(one.slip_id, self._name)
        due_at = slips.next_due_at(reading)
        if due_at is not None:
            waits.append((due_at - reading.now) / SECOND)
        return min(waits)

    def _rendered(self, reading: Reading, slip: Slip) -> "Ready | _Unreadable | None":
        """None for one known not to be printable here as its order stands."""
        revision = slips.revision_of(reading, slip.order_id)
        if self._unprintable.get(slip.slip_id) == revision:
            return None
        try:
            return Ready(slip, rendered(reading, slip))
        except (StorageError, sqlite3.Error):
            raise  # the file's trouble, not the slip's
        except Exception as error:  # whatever an order does to a template: the other slips go on
            return _Unreadable(slip, revision, error)


@dataclass(frozen=True, slots=True)
class _Unreadable:
    slip: Slip
    revision: int
    error: Exception
