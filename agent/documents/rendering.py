"""From a slip to the document that goes on its paper."""

from collections.abc import Callable

import msgspec

from agent import store
from agent.documents.content import gather
from agent.documents.customer import customer_copy, gather_customer
from agent.documents.mark import heading, mark_of
from agent.documents.picking import picking_slip
from agent.documents.prescription import gather_prescription, prescription_copy
from agent.documents.refund import gather_refund, refund_slip
from agent.documents.shift import gather_shift, shift_report
from agent.documents.stop import stop_slip
from agent.slips import Slip
from agent.transactions import Reading
from domain.slips import SlipKind
from drivers.printers.document import Document


class Rendered(msgspec.Struct, frozen=True):
    """`revision` is the order's when it was read; a slip of no order has revision 0."""

    document: Document
    revision: int


def rendered(reading: Reading, slip: Slip) -> Rendered:
    """As it would print now, with what stands above everything on every kind."""
    above = heading(mark_of(store.identity(reading)), slip.copy)
    document = _RENDERERS[slip.kind](reading, slip)
    return Rendered(Document((*above, *document.blocks)), _revision(reading, slip.order_id))


def _revision(reading: Reading, order_id: str) -> int:
    row = reading.db.execute("SELECT revision FROM orders WHERE order_id = ?", (order_id,)).fetchone()
    return 0 if row is None else int(row["revision"])


_RENDERERS: dict[SlipKind, Callable[[Reading, Slip], Document]] = {
    SlipKind.PICKING: lambda reading, slip: picking_slip(gather(reading, slip)),
    SlipKind.CUSTOMER: lambda reading, slip: customer_copy(gather_customer(reading, slip)),
    SlipKind.REFUND: lambda reading, slip: refund_slip(gather_refund(reading, slip)),
    SlipKind.STOP: lambda reading, slip: stop_slip(gather(reading, slip)),
    SlipKind.PRESCRIPTION: lambda reading, slip: prescription_copy(gather_prescription(reading, slip)),
    SlipKind.SHIFT: lambda reading, slip: shift_report(gather_shift(reading, slip)),
}
