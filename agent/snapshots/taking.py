"""Applies the events of a snapshot as those of its log are applied: one that fails, or kills the program too often, is
set aside, and the others go on. Only an event that must be understood stops the log (facts/sync.md R10)."""

import logging
from collections.abc import Callable, Sequence

import msgspec

from agent import quarantine
from agent.carrying_out import carry_out
from agent.snapshots.reading import SnapshotStops
from agent.transactions import Transaction
from domain.events import Event, EventBody, decode_body, must_understand

log = logging.getLogger(__name__)

_BEFORE_ALL = -(1 << 30)
"""Added to the number of a snapshot's event that is set aside, so that it comes before every event of the log."""


def take_each(tx: Transaction, event: Event, effect: Callable[[EventBody], None]) -> None:
    """Applies one event that belongs to no order. Raises `SnapshotStops`."""
    take(tx, (event,), lambda: effect(decode_body(event)))


def take(tx: Transaction, events: Sequence[Event], effect: Callable[[], None]) -> None:
    """Applies these events together, or none of them. Raises `SnapshotStops`."""
    placed = [msgspec.structs.replace(event, seq=_BEFORE_ALL + event.seq) for event in events]
    failure = carry_out(tx, placed[0], effect)
    if failure is None:
        return
    for event in placed:
        if must_understand(event):
            raise SnapshotStops(event, failure.why)
    for event in placed:
        quarantine.put(tx, event, failure.why, holds=failure.holds)
    log.error("event %d of a snapshot of %s is set aside: %s", events[0].seq, events[0].log, failure.why)
