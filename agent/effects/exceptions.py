"""Exceptions of orders: opened, and closed with what is still short."""

import logging

import msgspec

from agent import orders
from agent.transactions import Topic, Transaction
from domain.events import ExceptionClosed, ExceptionOpened

log = logging.getLogger(__name__)


def opened(tx: Transaction, event: ExceptionOpened) -> None:
    """One that is open is told again when more lines came to it."""
    exception = event.exception
    tx.db.execute(
        "INSERT INTO exceptions (exception_id, kind, order_id, lines, choices, opened_at, deadline_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET lines = excluded.lines,"
        " choices = excluded.choices, deadline_at = excluded.deadline_at",
        (
            exception.exception_id,
            exception.kind,
            exception.order_id,
            msgspec.json.encode(exception.lines).decode(),
            msgspec.json.encode(exception.choices).decode(),
            exception.opened_at,
            exception.deadline_at,
        ),
    )
    tx.touch(Topic.ORDERS)
    of, kind = exception.order_id, exception.kind
    tx.note(log, "exception %s (%s) of order %s is open", exception.exception_id, kind, of, order=of)


def closed(tx: Transaction, event: ExceptionClosed) -> None:
    """A slip that still waits is printed as the lines read then; one on paper is not printed again for it."""
    tx.db.execute(
        "UPDATE exceptions SET closed_at = coalesce(closed_at, ?) WHERE exception_id = ?", (tx.now, event.exception_id)
    )
    if event.lines and orders.find(tx, event.order_id) is not None:
        orders.set_lines(tx, event.order_id, "short", event.lines)
    tx.touch(Topic.ORDERS)
    tx.note(log, "exception %s is closed", event.exception_id, order=event.order_id)
