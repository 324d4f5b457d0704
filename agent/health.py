"""How the store is: well, to be looked at, or not working. Pure rules over what the agent knows of itself; the tray and
the page say what they remark. The worst remark is the store's health.

    down   the store's work cannot go on here: no order arrives, nothing prints, nothing can be kept
    look   work goes on, and a person has something to do (being offline is such a thing, design.md §6)
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import msgspec

from agent.board import Card
from agent.errors import DiskFull, StorageError
from agent.line import LineState
from agent.pages.words import Words
from agent.printing.routes import Out, Place, Routes
from agent.state import DeviceView, StateView
from agent.storage.story import Happening, Kind
from domain.orders import OPEN, AcceptRule, OrderState, RiderState, called
from domain.picks import PickState
from domain.slips import SlipKind
from domain.thresholds import CLOCK_OFF, DISK_LOW, MOST_UNSENT
from domain.times import HOUR, MINUTE, SECOND, Millis, shown
from drivers.printers.status import Blocked
from drivers.scanners.trouble import Trouble

MOST_UNACCEPTED: Millis = 2 * MINUTE
"""An order that the clerk must accept waits no longer unnoticed: platforms cancel it after a few minutes."""
MOST_UNBEGUN: Millis = 10 * MINUTE


_OF_EACH_ORDER = (SlipKind.PICKING, SlipKind.CUSTOMER, SlipKind.STOP)
"""Slips that an order's work waits for."""


class Health(StrEnum):
    WELL = "well"
    LOOK = "look"
    DOWN = "down"


_WORST_FIRST = (Health.DOWN, Health.LOOK, Health.WELL)


class Remark(msgspec.Struct, frozen=True):
    """`of_store`: of no single device or order, so that nothing else on a page shows it. `why` is technical, `more` are
    further sentences for who has the time."""

    health: Health
    sentence: str
    of_store: bool = False
    why: str = ""
    more: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Seen:
    """What the rules look at. `trouble` is why the data file took nothing the last time it was asked to, `free` how
    many bytes its disk has left."""

    state: StateView
    cards: Sequence[Card]
    trouble: StorageError | None = None
    free: int = DISK_LOW
    stuck_documents: int = 0
    """That the chain's ERP refused, or has not answered for too long."""
    scarce: bool = False
    """The disk is so full that no new order is taken."""


def worst(remarks: Sequence[Remark]) -> Health:
    return min((remark.health for remark in remarks), key=_WORST_FIRST.index, default=Health.WELL)


def remarks(seen: Seen, words: Words) -> tuple[Remark, ...]:
    """Nothing while all is well; the worst come first, and among equals those that keep all orders back."""
    found = (
        *_file(seen, words),
        *_line(seen, words),
        *_devices(seen, words),
        *_erp(seen, words),
        *_orders(seen, words),
    )
    return tuple(sorted(found, key=lambda remark: _WORST_FIRST.index(remark.health)))


def storage_remark(error: StorageError, words: Words) -> Remark:
    key = "health.disk_full" if isinstance(error, DiskFull) else "health.storage"
    return Remark(Health.DOWN, words(key), of_store=True, why=str(error))


def to_begin(card: Card) -> bool:
    """It waits for somebody to begin with it now; a booked order does so from the time its slip is due."""
    return card.state in (OrderState.PLACED, OrderState.ACCEPTED) and card.started_at is None and card.print_at is None


def _file(seen: Seen, words: Words) -> Iterator[Remark]:
    if seen.trouble is not None:
        yield storage_remark(seen.trouble, words)
    if seen.scarce:
        yield Remark(Health.DOWN, words("health.disk_scarce").format(megabytes=seen.free >> 20), of_store=True)
    elif seen.free < DISK_LOW:
        yield Remark(Health.LOOK, words("health.disk_low").format(megabytes=seen.free >> 20), of_store=True)
    for told in seen.state.happened:
        yield from _happened(told.what, words)
    if seen.state.jobs_failed:
        said = words("health.jobs").format(
            jobs=words("and").join(words(f"job.{job}") for job in seen.state.jobs_failed)
        )
        yield Remark(Health.LOOK, said, of_store=True)
    for stopped in seen.state.stopped:
        yield Remark(Health.DOWN, words("health.stopped"), of_store=True, why=f"{stopped.log}: {stopped.why}")
    if seen.state.undelivered:
        said = words("health.undelivered").format(count=seen.state.undelivered)
        yield Remark(Health.LOOK, said, of_store=True)
    if seen.state.quarantined:
        said = words("health.quarantined").format(count=seen.state.quarantined)
        yield Remark(Health.LOOK, said, of_store=True)


def _happened(what: Happening, words: Words) -> Iterator[Remark]:
    """A restored backup is what somebody wanted."""
    if what.kind is Kind.RESTORED:
        return
    lost = "none" if not what.lost else "some" if what.unsent_lost is None else "most"
    said = words(f"health.{what.kind}").format(unsent=what.unsent)
    if what.kind is not Kind.CACHE_REBUILT:
        said += words(f"health.lost_{lost}").format(lost=what.unsent_lost)
    yield Remark(Health.LOOK, said, of_store=True, why=what.aside)


_SHUT_OUT = {
    LineState.UNPAIRED: "health.unpaired",
    LineState.REVOKED: "health.revoked",
    LineState.STRANGER: "health.stranger",
    LineState.FROZEN: "health.frozen",
}


def _line(seen: Seen, words: Words) -> Iterator[Remark]:
    state, line, outage = seen.state, seen.state.line, seen.state.outage
    if line.state in _SHUT_OUT:
        kept = (words("health.kept_until_paired"),) if line.state is not LineState.UNPAIRED else ()
        yield Remark(Health.DOWN, words(_SHUT_OUT[line.state]), of_store=True, why=line.reason, more=kept)
        if state.enrolling:
            yield Remark(Health.DOWN, words("health.enrolling").format(problem=state.enrolling), of_store=True)
    elif outage.since is not None:
        yield _offline(state, outage.since, words)
    elif state.outbox.oldest_at is not None and state.now - state.outbox.oldest_at > MOST_UNSENT:
        yield Remark(Health.LOOK, words("health.unsent").format(count=state.outbox.depth), of_store=True)
    elif outage.back_at is not None:
        yield _back(state, words)
    if abs(line.clock_off) > CLOCK_OFF:
        said = words("health.clock").format(seconds=abs(line.clock_off) // SECOND)
        yield Remark(Health.LOOK, said, of_store=True)
    elif state.clock_behind:
        said = words("health.clock_back").format(hours=max(state.clock_behind // HOUR, 1))
        yield Remark(Health.LOOK, said, of_store=True)


def _offline(state: StateView, since: Millis, words: Words) -> Remark:
    to_send = words("health.to_send").format(count=state.outbox.depth) if state.outbox.depth else ""
    said = words("health.offline").format(since=shown(since)) + to_send
    kept = (words("health.kept").format(what=_kinds(state.outbox.kinds, words)),) if state.outbox.kinds else ()
    return Remark(
        Health.LOOK, said, of_store=True, why=state.line.reason, more=(words("health.offline_not"), *kept)
    )  # fmt: skip


_BESIDE = frozenset({"slip.changed", "trail.grown", "prefix.learned", "erp.documented", "erp.answered"})
"""What the program writes down by itself: nobody did it."""


def _kinds(kinds: Mapping[str, int], words: Words) -> str:
    """The most frequent first."""
    done = sorted(((count, kind) for kind, count in kinds.items() if kind not in _BESIDE), reverse=True)
    told = [f"{words(f'operation.{kind}')} {count}" for count, kind in done]
    if beside := sum(count for kind, count in kinds.items() if kind in _BESIDE):
        told.append(f"{words('health.records')} {beside}")
    return words("and").join(told)


def _back(state: StateView, words: Words) -> Remark:
    minutes, sent, left = max(state.outage.away // MINUTE, 1), state.outbox.sent, state.outbox.left
    away = words("health.hours").format(hours=minutes // 60) if minutes >= 120 else ""
    said = words("health.back").format(away=away or words("health.minutes").format(minutes=minutes))
    if left:
        said += words("health.sending").format(sent=sent, left=left)
    elif sent:
        said += words("health.sent").format(sent=sent)
    return Remark(Health.WELL, said, of_store=True)


def _devices(seen: Seen, words: Words) -> Iterator[Remark]:
    printers = seen.state.printers
    if not printers:
        yield Remark(Health.LOOK, words("health.no_printer"))
    routes = Routes(map(_place, printers), now=0.0)
    for printer in printers:
        if printer.paused:
            said = words("health.printer_paused" if not printer.waiting else "health.printer_paused_waiting")
            yield Remark(Health.LOOK, said.format(name=printer.name, waiting=printer.waiting))
        elif _cannot_print(printer):
            yield _stands_still(printer, routes, words)
        elif printer.paper_near_end:
            yield Remark(Health.LOOK, words("health.paper_low").format(name=printer.name))
    for scanner in seen.state.scanners:
        if scanner.state == "blocked":
            trouble = words(f"scannertrouble.{scanner.cause or Trouble.MISSING}")
            yield Remark(Health.LOOK, words("health.scanner").format(name=scanner.name, trouble=trouble))


def _erp(seen: Seen, words: Words) -> Iterator[Remark]:
    if seen.stuck_documents:
        yield Remark(Health.LOOK, words("health.erp").format(count=seen.stuck_documents), of_store=True)


def _cannot_print(printer: DeviceView) -> bool:
    """One that another program holds is shared and comes free by itself (design.md §7)."""
    return printer.state == "blocked" and printer.cause != Blocked.busy


def _place(printer: DeviceView) -> Place:
    out = printer.paused or _cannot_print(printer)
    return Place(printer.name, frozenset(printer.prints), printer.backup, Out(printer.cause, 0.0) if out else None)


def _stands_still(printer: DeviceView, routes: Routes, words: Words) -> Remark:
    """The store is down where nobody else prints what orders need."""
    needed = [routes.of(kind) for kind in _OF_EACH_ORDER if not printer.prints or kind in printer.prints]
    others = dict.fromkeys(name for route in needed for name in route.takers)
    covered = all(route.takers for route in needed)
    said = words("health.printer").format(name=printer.name, cause=words.cause(printer.cause))
    if covered and others:
        said += words("health.printer_covered").format(others=words("and").join(others))
    if todo := words.todo(printer.cause):
        said += words("health.todo").format(todo=todo)
    return Remark(Health.LOOK if covered else Health.DOWN, said)


Waits = Callable[[Card, StateView], bool]


def _at_work(card: Card) -> bool:
    return card.state in OPEN


_ORDERS: tuple[tuple[str, Waits], ...] = (
    ("health.rider", lambda card, _: _at_work(card) and card.rider is RiderState.AT_STORE),
    ("health.refund", lambda card, _: card.refund_waiting),
    ("health.urged", lambda card, _: to_begin(card) and card.urged_at is not None),
    ("health.unaccepted", lambda card, state: _unaccepted(card, state)),
    ("health.slip_unknown", lambda card, _: card.unsure is not None),
    ("health.slip_held", lambda card, _: _at_work(card) and card.slip == "held"),
    ("health.exception", lambda card, _: card.exceptions > 0),
    ("health.behind", lambda card, _: card.behind),
    ("health.problem", lambda card, _: bool(card.problem)),
    ("health.late", lambda card, state: _late(card, state.now)),
    ("health.unbegun", lambda card, state: _unbegun(card, state)),
)
"""What an order may wait for, in the order of haste."""


def _orders(seen: Seen, words: Words) -> Iterator[Remark]:
    for key, waits in _ORDERS:
        waiting = [card for card in seen.cards if waits(card, seen.state)]
        if waiting:
            why = _held_by(waiting, words) if key == "health.slip_held" else ""
            yield Remark(Health.LOOK, words(key).format(orders=_named(waiting, words)) + why)


def _held_by(cards: Sequence[Card], words: Words) -> str:
    """What holds their slips up, where it is the same for all: another program, or no printer that prints them, is no
    trouble of a printer that would be told of by itself."""
    causes = {card.slip_cause for card in cards}
    return words("health.held_by").format(cause=words.cause(causes.pop())) if len(causes) == 1 else ""


def _named(cards: Sequence[Card], words: Words) -> str:
    first = f"{cards[0].channel_name} {called(cards[0].day_number, cards[0].shown_id)}"
    return first if len(cards) == 1 else words("health.and_more").format(first=first, all=len(cards))


def _unaccepted(card: Card, state: StateView) -> bool:
    waits = card.state is OrderState.PLACED and state.accept is AcceptRule.CLERK
    return waits and state.now - card.placed_at > MOST_UNACCEPTED


def _late(card: Card, now: Millis) -> bool:
    at_hand = card.state in (OrderState.PLACED, OrderState.ACCEPTED)
    return at_hand and card.promised_at is not None and card.promised_at < now


def _unbegun(card: Card, state: StateView) -> bool:
    """Of a booked order only the promised time counts: when its slip came due is not on the card any more."""
    ready = to_begin(card) and card.pick is PickState.ASSIGNED and not card.booked
    since = card.accepted_at or card.placed_at
    return ready and not _unaccepted(card, state) and not _late(card, state.now) and state.now - since > MOST_UNBEGUN
