"""What the board shows: all open orders, and orders found by what riders shout."""

import re

import msgspec

from agent import names, orders, picks, quarantine, slips, store
from agent.engine import sqlite3
from agent.prescriptions.gating import Stand, stand_of
from agent.slips import Slip
from agent.staff import colleagues
from agent.store import Identity
from agent.transactions import Reading
from domain.orders import OPEN, OrderState, RiderState
from domain.picks import PickState
from domain.quantity import Quantity
from domain.refunds import WAITING, RefundState
from domain.slips import SlipKind, SlipState
from domain.times import DAY, HOUR, Millis

_MOST_FOUND = 20
_SHOUTED = re.compile(r"(?P<channel>\D*?)[\s#＃]*(?P<number>\d{1,5})\s*[号單单]?")


class Card(msgspec.Struct, frozen=True):
    """One order on the board. The page counts its timers from these instants; what must hurry stands first."""

    order_id: str
    channel: str
    channel_name: str
    day_number: int
    shown_id: str
    state: OrderState
    rider: RiderState
    pick: PickState
    booked: bool
    prescription: bool
    pick_up: bool
    placed_at: Millis
    accepted_at: Millis | None
    started_at: Millis | None
    picker: str
    """Who picks it, where somebody is signed in; empty otherwise."""
    promised_at: Millis | None
    rider_at: Millis | None
    urged_at: Millis | None
    print_at: Millis | None
    """When a booked order's slip is due, while it has not been sent."""
    slip: str
    """State of the newest picking slip; empty before there is one."""
    slip_cause: str
    wanted: Quantity
    picked: Quantity
    short: bool
    unknown_product: bool
    refund_waiting: bool
    exceptions: int
    problem: str
    unsure: Slip | None = None
    """The oldest of its slips of which nobody knows whether it came out: a person is asked."""
    review: Stand | None = None
    """How its prescription stands; None where it needs none."""
    behind: bool = False
    """Something that headquarters said of it could not be applied: it may be further than is shown."""


class Board(msgspec.Struct, frozen=True):
    store: Identity
    now: Millis
    cards: tuple[Card, ...]


def board(reading: Reading) -> Board:
    """Open orders, and those that were closed within the hour (a cancellation must be seen)."""
    rows = reading.db.execute(
        "SELECT * FROM orders WHERE closed_at IS NULL OR (state = 'cancelled' AND closed_at > ?)", (reading.now - HOUR,)
    ).fetchall()
    cards = sorted((card(reading, row) for row in rows), key=_urgency)
    return Board(store.identity(reading), reading.now, tuple(cards))


def find(reading: Reading, text: str) -> tuple[Card, ...]:
    """By channel and day number as riders shout it (美团12, #12, 12号), or by a number the platform shows."""
    shouted = _SHOUTED.fullmatch(text.strip())
    rows = _with_number(reading, text.strip()) if shouted is None else _with_day_number(reading, shouted)
    return tuple(card(reading, row) for row in rows)


def card(reading: Reading, row: sqlite3.Row) -> Card:
    order = orders.from_row(reading, row)
    pick = picks.load(reading, order.order_id)
    started = reading.db.execute(
        "SELECT started_at, picker FROM picks WHERE order_id = ?", (order.order_id,)
    ).fetchone()
    picker = colleagues.find(reading, started["picker"])
    papers = slips.of_order(reading, order.order_id)
    slip = next((each for each in reversed(papers) if each.kind is SlipKind.PICKING), None)
    return Card(
        order_id=order.order_id,
        channel=order.channel,
        channel_name=names.channel(order),
        day_number=order.day_number,
        shown_id=order.shown_id,
        state=order.state,
        rider=order.rider,
        pick=pick.state,
        booked=order.booked,
        prescription=order.prescription,
        review=stand_of(reading, order),
        pick_up=order.pick_up,
        placed_at=order.placed_at,
        accepted_at=row["accepted_at"],
        started_at=started["started_at"],
        picker="" if picker is None else picker.name,
        promised_at=order.promised_at,
        rider_at=row["rider_at"],
        urged_at=row["urged_at"],
        print_at=slip.due_at if slip is not None and slip.state in slips.UNSENT and slip.due_at > reading.now else None,
        slip=slip.state if slip is not None else "",
        slip_cause=slip.cause if slip is not None else "",
        wanted=sum(line.wanted for line in order.lines),
        picked=sum(pick.picked(line.line_id) for line in order.lines),
        short=any(line.wanted and line.short > line.struck for line in order.lines),
        unknown_product=any(line.wanted and line.sku is None for line in order.lines),
        refund_waiting=_refund_waits(reading, order.order_id),
        exceptions=_open_exceptions(reading, order.order_id),
        problem=row["problem"],
        behind=quarantine.waits(reading, order.order_id),
        unsure=next((each for each in papers if each.state is SlipState.UNKNOWN), None),
    )


def _urgency(card: Card) -> tuple[bool, bool, bool, bool, Millis]:
    """A rider who waits comes first, then who urged, then who waits for an answer; then by the promised time."""
    at_work = card.state in OPEN
    return (
        not (at_work and card.rider is RiderState.AT_STORE),
        not (at_work and card.urged_at is not None),
        not (at_work and card.refund_waiting),
        not at_work,
        card.print_at or card.promised_at or card.placed_at,
    )


def _with_day_number(reading: Reading, shouted: re.Match[str]) -> list[sqlite3.Row]:
    said = shouted["channel"].strip()
    channels = [key for key, name in names.CHANNELS.items() if not said or said.lower() in (key, name)]
    if said and not channels:
        return []
    rows = reading.db.execute(
        "SELECT * FROM orders WHERE day_number = ? AND (closed_at IS NULL OR closed_at > ?)"
        " ORDER BY closed_at IS NOT NULL, placed_at DESC LIMIT ?",
        (int(shouted["number"]), reading.now - DAY, _MOST_FOUND),
    ).fetchall()
    return [row for row in rows if not said or row["channel"] in channels]


def _with_number(reading: Reading, text: str) -> list[sqlite3.Row]:
    """Whole, or its last digits where there are enough of them."""
    if len(text) < 4:
        return []
    return reading.db.execute(
        "SELECT * FROM orders WHERE code = ?1 OR substr(shown_id, -length(?1)) = ?1"
        " OR substr(channel_order_id, -length(?1)) = ?1 ORDER BY placed_at DESC LIMIT ?2",
        (text.upper(), _MOST_FOUND),
    ).fetchall()


def _refund_waits(reading: Reading, order_id: str) -> bool:
    rows = reading.db.execute("SELECT state FROM refunds WHERE order_id = ?", (order_id,))
    return any(RefundState(row["state"]) in WAITING for row in rows)


def _open_exceptions(reading: Reading, order_id: str) -> int:
    row = reading.db.execute(
        "SELECT count(*) FROM exceptions WHERE order_id = ? AND closed_at IS NULL AND choice IS NULL", (order_id,)
    ).fetchone()
    return int(row[0])
