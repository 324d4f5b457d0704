"""Which slips an order wants as it goes its way: the picking slip at its time, a new one when it reads differently,
none any more once it is over."""

from agent import announcements, orders, picks, slip_templates, slips, store
from agent.announcements import Kind
from agent.slips import Slip
from agent.transactions import Topic, Transaction
from domain.orders import Order
from domain.picks import PickState
from domain.slips import SlipKind, SlipState
from domain.times import Millis

CHANGED = "changed"
"""The cause of a picking slip that replaces one on which the order read differently."""
_OF_OPEN_ORDERS = (SlipKind.PICKING, SlipKind.CUSTOMER)
"""Once their order is stopped, nobody needs them; what tells of the end is needed all the more."""


def want_picking(tx: Transaction, order: Order) -> None:
    """The picking slip, once per order, as soon as the order may be worked; a booked order's waits for its time."""
    identity = store.identity(tx)
    if orders.workable(order, identity.accept) and not slips.of_order(tx, order.order_id, SlipKind.PICKING):
        due_at = _due_at(tx, order, identity.lead)
        if slip_templates.prints_by_itself(tx, SlipKind.PICKING):
            slip_id = slips.want(tx, SlipKind.PICKING, order.order_id, due_at=due_at)
            if order.placed_at < store.slips_lost_before(tx):
                slips.doubt(tx, slip_id)
        if due_at != slips.AT_ONCE:
            announcements.raise_(tx, order.order_id, Kind.NEW_ORDER, occasion="due")


def want_changed(tx: Transaction, order: Order) -> None:
    """The order reads differently: what was not sent yet is rendered anew and on its new time, what was is replaced.
    Of an order whose work was stopped nothing is printed any more."""
    if _is_over(tx, order.order_id):
        return
    picking = [slip for slip in slips.of_order(tx, order.order_id, SlipKind.PICKING) if slip.copy == 0]
    if not picking:
        want_picking(tx, order)
    elif picking[-1].state in slips.UNSENT:
        due_at = _due_at(tx, order, store.identity(tx).lead)
        tx.db.execute("UPDATE slips SET due_at = ? WHERE slip_id = ?", (due_at, picking[-1].slip_id))
        tx.touch(Topic.SLIPS, Topic.WAITING)
    elif orders.workable(order, store.identity(tx).accept):
        slips.want(tx, SlipKind.PICKING, order.order_id, cause=CHANGED)


def stop(tx: Transaction, order_id: str) -> None:
    """The order is over: what was not sent is withdrawn; if a picking slip may lie on paper, a stop slip follows it."""
    picking = slips.of_order(tx, order_id, SlipKind.PICKING)
    withdraw(tx, order_id)
    for slip in slips.of_order(tx, order_id, SlipKind.CUSTOMER):
        slips.withdraw_unsent(tx, slip, slips.STOPPED)
    wanted = slip_templates.prints_by_itself(tx, SlipKind.STOP) and not slips.of_order(tx, order_id, SlipKind.STOP)
    if wanted and any(map(slips.may_lie_on_paper, picking)):
        slips.want(tx, SlipKind.STOP, order_id)


def withdraw(tx: Transaction, order_id: str) -> None:
    """Nobody needs the picking slip any more, and it was not sent."""
    for slip in slips.of_order(tx, order_id, SlipKind.PICKING):
        slips.withdraw_unsent(tx, slip, slips.STOPPED)


def give_back(tx: Transaction, slip_id: str, cause: str) -> None:
    """Proven not printed: it is sent again, unless it was replaced, or its order ended, while it was being sent."""
    slips.change(tx, slips.get(tx, slip_id), SlipState.NOT_PRINTED, cause=cause)
    slip = slips.get(tx, slip_id)
    if slip.order_id and _is_replaced(tx, slip):
        slips.withdraw_unsent(tx, slip, slips.SUPERSEDED)
    elif slip.kind in _OF_OPEN_ORDERS and _is_over(tx, slip.order_id):
        slips.withdraw_unsent(tx, slip, slips.STOPPED)


def reschedule(tx: Transaction, lead: Millis) -> None:
    """The store's lead changed: booked orders not yet printed follow it."""
    for row in tx.db.execute(
        "SELECT slip_id, order_id FROM slips WHERE kind = 'picking' AND state = 'accepted' AND due_at > ?", (tx.now,)
    ).fetchall():
        due_at = _due_at(tx, orders.get(tx, row["order_id"]), lead)
        tx.db.execute("UPDATE slips SET due_at = ? WHERE slip_id = ?", (due_at, row["slip_id"]))
    tx.touch(Topic.SLIPS, Topic.WAITING)


def read_anew(tx: Transaction) -> None:
    """All slips say something else from now on: one that was rendered and not sent yet is rendered again."""
    for row in tx.db.execute("SELECT DISTINCT order_id FROM slips WHERE state IN (?, ?, ?)", slips.UNSENT).fetchall():
        orders.changed(tx, row["order_id"])
    tx.touch(Topic.WAITING)


def _is_replaced(tx: Transaction, slip: Slip) -> bool:
    """A newer issue was wanted after it."""
    same = (other for other in slips.of_order(tx, slip.order_id, slip.kind) if other.subject == slip.subject)
    return any(other.issue > slip.issue and other.number > slip.number for other in same)


def _is_over(tx: Transaction, order_id: str) -> bool:
    return picks.load(tx, order_id).state is PickState.STOPPED


def _due_at(tx: Transaction, order: Order, lead: Millis) -> Millis:
    if not order.booked or order.promised_at is None or order.promised_at - lead <= tx.now:
        return slips.AT_ONCE
    return order.promised_at - lead
