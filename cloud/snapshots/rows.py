"""What a snapshot is made of. A log is *folded*: instead of all its events, a few of the same kinds are written that
together say how things are now."""

from collections.abc import Callable, Iterator

import msgspec
from sqlalchemy import Connection

from domain.events import EventBody
from domain.times import DAY, Millis

INTEREST: Millis = 14 * DAY
"""How long an order that is over stays in snapshots: there may still be a refund, a return, an audit."""
AT_ONCE = 200
"""Rows read in one statement, so that a log of a million streams through little memory."""


class View(msgspec.Struct, frozen=True):
    """One consistent view of the database: everything a snapshot reads, and its head, is of one moment."""

    connection: Connection
    chain: str
    now: Millis


class Row(msgspec.Struct, frozen=True):
    """One event of the snapshot. `personal` names the records that travel beside it."""

    body: EventBody
    order_id: str | None = None
    personal: tuple[str, ...] = ()


Fold = Callable[[View], Iterator[Row]]
"""Reads a log's state in a few statements at a time, in an order that an agent can apply."""
