"""What the store is to hear about its orders, until somebody has seen it.

A row is made in the transaction of the effect that causes it, once per occasion, so that an event read again says
nothing twice. It waits while nobody saw it *and* its cause still stands (the order is not yet begun, the rider is
still here, the refund is not answered): what an order came to silences it without anybody's help.

A new order speaks as soon as the clerk has something to do for it: at once, or, booked, when its slip is due (and at
its arrival only where the clerk must accept it). No sentence holds anything about a person.
"""

from collections.abc import Iterable
from enum import StrEnum

import msgspec

from agent.staff import duty
from agent.transactions import Reading, Topic, Transaction
from domain.orders import called
from domain.times import DAY, HOUR, SECOND, Millis

MOST_NAMED = 3
"""More of one kind are said in one sentence (有 12 个新订单): an agent that was off for hours does not recite."""
HEARD: Millis = 10 * SECOND
"""Within it a new order will have been spoken: then its cancellation is spoken too."""
CANCELLED_WAITS: Millis = HOUR
"""As long as the board shows a cancelled order."""


class Kind(StrEnum):
    """The most urgent first."""

    CANCELLED = "cancelled"
    PRINTER = "printer"
    RIDER_HERE = "rider_here"
    REFUND_ASKED = "refund_asked"
    PRESCRIPTION_REFUSED = "prescription_refused"
    URGED = "urged"
    PRESCRIPTION = "prescription"
    """One waits for a pharmacist; said only while one is here."""
    NEW_ORDER = "new_order"


class Waiting(msgspec.Struct, frozen=True):
    """One sentence's worth: of one order, of `count` orders, or of one printer."""

    id: str
    kind: Kind
    raised_at: Millis
    members: tuple[str, ...]
    """The rows it stands for; a new one among them makes it new."""
    order_id: str | None = None
    channel: str = ""
    day_number: int = 0
    shown_id: str = ""
    count: int = 1
    printer: str = ""
    cause: str = ""

    @property
    def called(self) -> str:
        return called(self.day_number, self.shown_id)


def raise_(tx: Transaction, order_id: str, kind: Kind, occasion: str = "") -> None:
    _forget(tx)
    tx.db.execute(
        "INSERT INTO announcements (order_id, kind, occasion, raised_at) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
        (order_id, kind, occasion, tx.now),
    )
    tx.touch(Topic.ANNOUNCEMENTS)


def raise_cancelled(tx: Transaction, order_id: str) -> None:
    """Before the work is stopped. Only where somebody can know of the order, and it was not stopped already."""
    if _known_here(tx, order_id):
        raise_(tx, order_id, Kind.CANCELLED)


def rearm(tx: Transaction, order_id: str, kind: Kind) -> None:
    """The next of this kind is another occasion: that rider left, one who comes now is a new one."""
    tx.db.execute("DELETE FROM announcements WHERE order_id = ? AND kind = ?", (order_id, kind))
    tx.touch(Topic.ANNOUNCEMENTS)


def seen(tx: Transaction, order_id: str) -> None:
    """Somebody looks at this order or works on it. A booked one whose time has not come will still be heard of."""
    if tx.db.execute(_UNHEARD, (order_id,)).fetchone() is not None:  # asked at every scan: mostly there is nothing
        _end(tx, [row.announcement_id for row in _standing(tx, order_id)])


def acknowledge(tx: Transaction, members: Iterable[str]) -> None:
    """Somebody said 知道了 to these."""
    _end(tx, [int(member) for member in members])


def waiting(reading: Reading) -> tuple[Waiting, ...]:
    """All that waits to be heard, the oldest first; many of one kind as one."""
    kinds: dict[Kind, dict[str, list[_Row]]] = {}
    for row in _standing(reading):
        kinds.setdefault(row.kind, {}).setdefault(row.order_id, []).append(row)
    found: list[Waiting] = []
    for orders in kinds.values():
        each = [_of_order(rows) for rows in orders.values()]
        found.extend(each if len(each) <= MOST_NAMED else [_together(each)])
    return tuple(sorted(found, key=lambda one: (one.raised_at, one.id)))


def next_due_at(reading: Reading) -> Millis | None:
    """When the next booked order's time comes."""
    row = reading.db.execute(
        "SELECT min(due_at) AS at FROM slips WHERE state = 'accepted' AND due_at > ?", (reading.now,)
    ).fetchone()
    return None if row["at"] is None else int(row["at"])


class _Row(msgspec.Struct, frozen=True):
    announcement_id: int
    kind: Kind
    raised_at: Millis
    order_id: str
    channel: str
    day_number: int
    shown_id: str


_STANDING = """
    SELECT a.announcement_id, a.kind, a.raised_at, o.order_id, o.channel, o.day_number, o.shown_id
    FROM announcements a JOIN orders o USING (order_id) JOIN picks p USING (order_id)
    WHERE a.ended_at IS NULL AND {which} AND CASE a.kind
        WHEN 'new_order' THEN o.state IN ('placed', 'accepted') AND p.state IN ('assigned', 'paused')
            AND p.started_at IS NULL AND NOT EXISTS (
                SELECT 1 FROM slips s WHERE s.order_id = a.order_id AND s.kind = 'picking' AND s.state = 'accepted'
                AND s.due_at > :now)
        WHEN 'urged' THEN o.closed_at IS NULL AND p.state <> 'stopped'
        WHEN 'prescription' THEN o.closed_at IS NULL AND p.state <> 'stopped'
        WHEN 'prescription_refused' THEN o.closed_at IS NULL AND p.state <> 'stopped'
        WHEN 'rider_here' THEN o.closed_at IS NULL AND p.state <> 'stopped' AND o.rider = 'at_store'
        WHEN 'refund_asked' THEN EXISTS (
            SELECT 1 FROM refunds r WHERE r.order_id = a.order_id AND r.answer IS NULL
            AND r.state IN ('asked', 'appealed') AND r.refund_id || ':' || r.state = a.occasion)
        ELSE a.raised_at > :now - :cancelled_waits END
    ORDER BY a.raised_at, a.announcement_id"""


_OF_ALL, _OF_ONE = _STANDING.format(which="true"), _STANDING.format(which="a.order_id = :order_id")
_UNHEARD = "SELECT 1 FROM announcements WHERE order_id = ? AND ended_at IS NULL"


def _standing(reading: Reading, order_id: str = "") -> list[_Row]:
    """Nobody saw them, and their cause still stands; of one order, or of all."""
    values = {"now": reading.now, "cancelled_waits": CANCELLED_WAITS, "order_id": order_id}
    rows = reading.db.execute(_OF_ONE if order_id else _OF_ALL, values)
    found = [msgspec.convert(dict(row), _Row) for row in rows]
    if any(row.kind is Kind.PRESCRIPTION for row in found) and not duty.on_duty(reading):
        found = [row for row in found if row.kind is not Kind.PRESCRIPTION]
    return found


def _of_order(rows: list[_Row]) -> Waiting:
    """An order that is urged twice is announced once."""
    first = rows[0]
    return Waiting(
        id=str(first.announcement_id),
        kind=first.kind,
        raised_at=first.raised_at,
        members=tuple(str(row.announcement_id) for row in rows),
        order_id=first.order_id,
        channel=first.channel,
        day_number=first.day_number,
        shown_id=first.shown_id,
    )


def _together(each: list[Waiting]) -> Waiting:
    first = min(each, key=lambda one: one.raised_at)
    members = tuple(member for one in each for member in one.members)
    return Waiting(f"many-{first.kind}", first.kind, first.raised_at, members, count=len(each))


def _end(tx: Transaction, rows: list[int]) -> None:
    if rows:
        tx.db.executemany(
            "UPDATE announcements SET ended_at = coalesce(ended_at, ?) WHERE announcement_id = ?",
            [(tx.now, row) for row in rows],
        )
        tx.touch(Topic.ANNOUNCEMENTS)


def _forget(tx: Transaction) -> None:
    """What nobody saw of orders long closed is read no more."""
    tx.db.execute(
        "UPDATE announcements AS a SET ended_at = ? WHERE ended_at IS NULL AND EXISTS"
        " (SELECT 1 FROM orders o WHERE o.order_id = a.order_id AND o.closed_at < ?)",
        (tx.now, tx.now - DAY),
    )


def _known_here(tx: Transaction, order_id: str) -> bool:
    row = tx.db.execute(_KNOWN_HERE, {"order_id": order_id, "now": tx.now, "heard": HEARD}).fetchone()
    return bool(row["known"])


_KNOWN_HERE = """
    SELECT EXISTS (SELECT 1 FROM picks WHERE order_id = :order_id AND state <> 'stopped') AND (
        EXISTS (SELECT 1 FROM picks WHERE order_id = :order_id AND started_at IS NOT NULL)
        OR EXISTS (
            SELECT 1 FROM slips WHERE order_id = :order_id AND kind = 'picking'
            AND state IN ('sending', 'confirming', 'unknown', 'printed'))
        OR EXISTS (
            SELECT 1 FROM announcements WHERE order_id = :order_id AND kind = 'new_order'
            AND (ended_at IS NOT NULL OR raised_at <= :now - :heard)) AND NOT EXISTS (
            SELECT 1 FROM slips WHERE order_id = :order_id AND kind = 'picking' AND state = 'accepted'
            AND due_at > :now)) AS known"""
