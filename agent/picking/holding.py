"""Who holds an order while it is picked: one station at a time. Another may take it over, which is recorded."""

import msgspec

from agent import announcements, names, orders, outbox, picks, store, trail
from agent.catalogue import Lookup
from agent.errors import NotNow
from agent.picking import asks, desks
from agent.picking.refusals import Forbidden, HeldElsewhere
from agent.picking.terms import terms
from agent.staff import colleagues, stations
from agent.staff.stations import PAGE
from agent.transactions import Reading, Transaction
from domain.operations import PickStarted
from domain.orders import Order, OrderState
from domain.picks import Pick, PickState
from domain.rules import VERSION, Rule, book, may_give_back, may_start, may_take_over
from domain.staff import Actor
from domain.times import MINUTE, Millis
from domain.trail import StepKind

ABANDONED: Millis = 10 * MINUTE
"""What lies at a station that was not used for so long is taken over without asking; it is recorded all the same."""


class Holder(msgspec.Struct, frozen=True):
    """`name` is empty where nobody was signed in."""

    station: str
    staff_id: str = ""
    name: str = ""


def of(reading: Reading, order_id: str) -> Holder | None:
    """None while nobody has it in hand."""
    row = reading.db.execute("SELECT station, picker FROM picks WHERE order_id = ?", (order_id,)).fetchone()
    if row is None or not row["station"]:
        return None
    staff = colleagues.find(reading, row["picker"])
    return Holder(row["station"], row["picker"], staff.name if staff else "")


def start(tx: Transaction, order: Order, actor: Actor, lookup: Lookup) -> Pick:
    """Opens the order at this station, and begins its pick if nobody has. Raises NotNow with what to do instead."""
    pick = picks.load(tx, order.order_id)
    if obstacles := may_start(pick, terms(tx, order, lookup, actor.staff_id)):
        raise Forbidden(obstacles)
    if pick.state is PickState.ASSIGNED:
        pick = _begin(tx, order, pick, actor)
    else:
        _keep_or_take(tx, order.order_id, actor)
    announcements.seen(tx, order.order_id)
    desks.sit_down(tx, actor.station, order.order_id)
    return pick


def take_over(tx: Transaction, order_id: str, actor: Actor, lookup: Lookup) -> None:
    """Somebody said so at this station, and answers for what lies in the bag."""
    order = orders.get(tx, order_id)
    if found := may_take_over(picks.load(tx, order_id), terms(tx, order, lookup, actor.staff_id)):
        raise Forbidden(found)
    if not is_held_by(tx, order_id, actor.station):
        _take_over(tx, order_id, actor)
    desks.sit_down(tx, actor.station, order_id)


def give_back(tx: Transaction, order_id: str, actor: Actor) -> None:
    """Back to those that wait, with an empty bag."""
    require(tx, order_id, actor.station)
    pick = picks.load(tx, order_id)
    if found := may_give_back(pick):
        raise Forbidden(found)
    if pick.state is PickState.PAUSED:
        raise Forbidden([book.obstacle(Rule.PAUSED)])
    picks.advance(tx, pick, PickState.ASSIGNED)
    _put(tx, order_id, "", "")
    desks.clear(tx, order_id)
    asks.drop_of_order(tx, order_id)
    trail.record(tx, order_id, StepKind.GIVEN_BACK, actor)


def require(reading: Reading, order_id: str, station: str) -> None:
    """Raises HeldElsewhere."""
    if not is_held_by(reading, order_id, station):
        raise _held_elsewhere(reading, order_id)


def is_held_by(reading: Reading, order_id: str, station: str) -> bool:
    """Or by nobody; or by the scanner that serves this very page; or by a page that does not say which it is."""
    held, asking = of(reading, order_id), desks.holder(reading, station)
    if held is None or (held.station == PAGE and stations.is_page(asking)):
        return True
    return desks.holder(reading, held.station) == asking


def picked_by(reading: Reading, order_id: str) -> frozenset[str]:
    """Everybody who began it, took it over or put a pack into its bag."""
    rows = reading.db.execute(
        "SELECT staff_id FROM bindings WHERE order_id = ?1 AND released_at IS NULL"
        " UNION SELECT picker FROM picks WHERE order_id = ?1",
        (order_id,),
    )
    return frozenset(row["staff_id"] for row in rows) - {""}


def _begin(tx: Transaction, order: Order, pick: Pick, actor: Actor) -> Pick:
    if not orders.workable(order, store.identity(tx).accept):
        what = "请先接单" if order.state is OrderState.PLACED else "不能拣货"
        raise NotNow(f"订单{names.STATES[order.state]}，{what}")
    pick = picks.advance(tx, pick, PickState.PICKING)
    _put(tx, order.order_id, desks.holder(tx, actor.station), actor.staff_id)
    trail.record(tx, order.order_id, StepKind.STARTED, actor, rules=VERSION)
    outbox.put(tx, PickStarted(order.order_id), order.order_id)
    return pick


def _keep_or_take(tx: Transaction, order_id: str, actor: Actor) -> None:
    if is_held_by(tx, order_id, actor.station):
        _put(tx, order_id, desks.holder(tx, actor.station), actor.staff_id)
        return
    held = of(tx, order_id)
    if held is None or not (_same_person(held, actor) or _is_abandoned(tx, held.station)):
        raise _held_elsewhere(tx, order_id)
    _take_over(tx, order_id, actor)


def _take_over(tx: Transaction, order_id: str, actor: Actor) -> None:
    held = of(tx, order_id) or Holder(PAGE)
    desks.clear(tx, order_id)
    _put(tx, order_id, desks.holder(tx, actor.station), actor.staff_id)
    trail.record(tx, order_id, StepKind.TAKEN_OVER, actor, from_station=held.station, from_staff=held.staff_id)


def _put(tx: Transaction, order_id: str, station: str, picker: str) -> None:
    tx.db.execute("UPDATE picks SET station = ?, picker = ? WHERE order_id = ?", (station, picker, order_id))


def _held_elsewhere(reading: Reading, order_id: str) -> HeldElsewhere:
    held = of(reading, order_id)
    who = held.name if held is not None and held.name else "另一台设备"
    return HeldElsewhere(book.verdict(Rule.HELD, who=who).sentence, hint="如需继续，请按“接手”")


def _same_person(held: Holder, actor: Actor) -> bool:
    return bool(actor.staff_id) and held.staff_id == actor.staff_id


def _is_abandoned(reading: Reading, station: str) -> bool:
    row = reading.db.execute("SELECT used_at FROM stations WHERE station = ?", (station,)).fetchone()
    return row is None or reading.now - row["used_at"] > ABANDONED
