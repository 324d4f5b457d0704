"""Applies the effect of one event, of a log or a snapshot: all of it or, if it fails, nothing (facts/sync.md R10)."""

import logging
from collections.abc import Callable

import msgspec

from agent import attempts, stopped_logs
from agent.engine import is_of_the_file
from agent.transactions import Transaction
from domain.events import Event, UnknownKind

log = logging.getLogger(__name__)


class Failure(msgspec.Struct, frozen=True):
    """Why an event took no effect. `holds`: later events of its order must wait for it."""

    why: str
    holds: bool = True


def carry_out(tx: Transaction, event: Event, effect: Callable[[], None]) -> Failure | None:
    """Runs `effect` in a savepoint. Returns why it failed; None where it did not. An event that killed this version
    often enough is not tried. The crash mark is set meanwhile: it stays only if the process dies in between."""
    if attempts.spent(tx, event.log, event.seq):
        return Failure(f"the program died at it {attempts.deaths(tx, event.log, event.seq)} times")
    tx.mark.put(event.log, event.seq)
    try:
        failure = _tried(tx, event, effect)
    except Exception:  # told as an error: no death. What ends the process leaves the mark
        tx.mark.clear()
        raise
    tx.mark.clear()
    return failure


def _tried(tx: Transaction, event: Event, effect: Callable[[], None]) -> Failure | None:
    """A failure of the data file is no fault of the event: it is raised, and nothing of the page is kept."""
    try:
        with tx.savepoint():
            effect()
            attempts.forget(tx, event.log, event.seq)
    except UnknownKind as unknown:
        return Failure(f"unknown kind: {unknown}", holds=False)
    except Exception as error:  # whatever its effect raises: the event is set aside, and the log goes on
        if is_of_the_file(error) or isinstance(error, MemoryError):
            raise
        if not stopped_logs.stands_before(tx, event):  # of that it was told when it stopped, with all it could say
            log.exception("event %s %d (%s v%d) fails", event.log, event.seq, event.kind, event.v)
        return Failure(f"{type(error).__name__}: {error}")
    return None
