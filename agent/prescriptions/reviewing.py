"""Which prescriptions wait for a pharmacist's word, and what keeps them from it."""

from collections.abc import Iterable

from agent import blobs, orders, picks
from agent.prescriptions import records
from agent.prescriptions.records import Record
from agent.transactions import Reading
from domain.orders import OPEN, OrderLine, OrderState
from domain.picks import PickState
from domain.prescriptions import Prescription, PrescriptionState, covered


def waiting(reading: Reading) -> tuple[Record, ...]:
    """Of all open orders, the oldest order first."""
    rows = reading.db.execute(
        "SELECT p.prescription_id FROM prescriptions p JOIN orders o USING (order_id) JOIN picks k USING (order_id)"
        " WHERE o.closed_at IS NULL AND k.state <> 'stopped' ORDER BY o.placed_at, o.order_id, p.came_at"
    ).fetchall()
    found = (records.get(reading, row["prescription_id"]) for row in rows)
    return tuple(each for each in found if wants_review(reading, each))


def wants_review(reading: Reading, record: Record) -> bool:
    """Nobody decided, or what was approved is not what is wanted now; and no other approval of the order will do."""
    order = orders.find(reading, record.told.order_id)
    if order is None or order.state not in OPEN or _is_stopped(reading, order.order_id):
        return False
    if any(_holds(each.now, order.lines) for each in records.of_order(reading, order.order_id)):
        return False
    return record.now.state is not PrescriptionState.REFUSED


def is_ready(reading: Reading, order_id: str) -> bool:
    """A pharmacist could look at it now."""
    return any(
        wants_review(reading, each) and not why_unseen(reading, each) for each in records.of_order(reading, order_id)
    )


def why_unseen(reading: Reading, record: Record) -> str:
    """What a pharmacist cannot see of it yet; empty when all is here."""
    told = record.told
    if not told.images and not told.number:
        return "处方图片未到，总部正在获取"
    kept = [blobs.find(reading, told.order_id, image.digest) for image in told.images]
    late = sum(each is None or not each.is_here for each in kept)
    return f"还有 {late} 张处方图片未到" if late else ""


def used_by(reading: Reading, record: Record) -> str:
    """The order of this store that was approved by the same prescription before; empty when there is none. One that was
    cancelled before it left has not used it."""
    for other in records.with_content(reading, record.told.content):
        if other.told.order_id != record.told.order_id and other.now.state is PrescriptionState.APPROVED:
            order = orders.find(reading, other.told.order_id)
            if order is not None and not _freed(reading, order.order_id, order.state):
                return order.order_id
    return ""


def _freed(reading: Reading, order_id: str, state: OrderState) -> bool:
    row = reading.db.execute("SELECT taken FROM orders WHERE order_id = ?", (order_id,)).fetchone()
    return state is OrderState.CANCELLED and not row["taken"]


def _holds(prescription: Prescription, lines: Iterable[OrderLine]) -> bool:
    """An approval that counts as far as it goes: by a licensed pharmacist, for what is wanted now."""
    decision = prescription.decision
    return decision is not None and decision.approved and bool(decision.licence) and covered(decision.covers, lines)


def _is_stopped(reading: Reading, order_id: str) -> bool:
    return picks.load(reading, order_id).state is PickState.STOPPED
