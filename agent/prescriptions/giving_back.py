"""Giving an order back to the customer because nobody may, or will, approve its prescription."""

import msgspec

from agent import orders, outbox, trail
from agent.errors import NotNow
from agent.prescriptions import gating
from agent.prescriptions.attendance import attendance
from agent.prescriptions.gating import Stand
from agent.transactions import Reading, Topic, Transaction
from agent.trial import refuse_on_trial
from domain.operations import ReportShort, ShortChoice
from domain.orders import OPEN
from domain.policy import WithoutPharmacist
from domain.prescriptions import NOBODY_HERE, REFUSED_HERE
from domain.rules.version import VERSION
from domain.staff import Actor
from domain.trail import StepKind


def why(reading: Reading, order_id: str) -> str:
    """The reason for which it may be given back now; empty while it may not."""
    order = orders.get(reading, order_id)
    stands = gating.stand_of(reading, order)
    if order.state not in OPEN or stands in (None, Stand.APPROVED) or is_asked(reading, order_id):
        return ""
    if stands is Stand.REFUSED:
        return REFUSED_HERE
    return NOBODY_HERE if attendance(reading).allows(WithoutPharmacist.GIVE_BACK) else ""


def is_asked(reading: Reading, order_id: str) -> bool:
    """It was asked for, and headquarters did not refuse it."""
    rows = reading.db.execute(
        "SELECT body FROM outbox WHERE order_id = ? AND kind = ? AND state <> 'refused'", (order_id, ReportShort.kind)
    )
    said = (msgspec.json.decode(row["body"], type=ReportShort) for row in rows)
    return any(each.choice is ShortChoice.GIVE_BACK for each in said)


def give_back(tx: Transaction, order_id: str, actor: Actor) -> None:
    """A request: headquarters cancels it with its channel. Raises NotFound and NotNow."""
    reason = why(tx, order_id)
    if not reason:
        raise NotNow("现在不能因处方退单")
    refuse_on_trial(tx)
    order = orders.get(tx, order_id)
    line = next((each for each in order.lines if each.wanted), order.lines[0])
    short = ReportShort(order_id, line.line_id, line.wanted, ShortChoice.GIVE_BACK, reason=reason)
    outbox.put(tx, short, order_id)
    trail.record(
        tx, order_id, StepKind.SHORT, actor, rules=VERSION, line_id=line.line_id, missing=line.wanted,
        choice=ShortChoice.GIVE_BACK, reason=reason,
    )  # fmt: skip
    tx.touch(Topic.ORDERS)
