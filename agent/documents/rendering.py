"""From a slip to the document that goes on its paper."""

from collections.abc import Callable

import msgspec

from agent import slip_templates, slips, store
from agent.documents.content import gather
from agent.documents.customer import customer_copy, gather_customer
from agent.documents.mark import heading, mark_of
from agent.documents.of_printer import printer_slip
from agent.documents.picking import picking_slip
from agent.documents.prescription import gather_prescription, prescription_copy
from agent.documents.refund import gather_refund, refund_slip
from agent.documents.shift import gather_shift, shift_report
from agent.documents.stop import stop_slip
from agent.slips import Slip
from agent.transactions import Reading
from domain.slips import SlipKind
from domain.templates import SlipTemplates
from drivers.printers.document import Document


class Rendered(msgspec.Struct, frozen=True):
    """`revision` is the order's when it was read; a slip of no order has revision 0."""

    document: Document
    revision: int


def rendered(reading: Reading, slip: Slip, templates: SlipTemplates | None = None) -> Rendered:
    """As it would print now, with what stands above everything on every kind. `templates` are those in force, unless
    somebody tries others."""
    if templates is None:
        templates = slip_templates.in_force(reading).templates
    above = heading(mark_of(store.identity(reading)), slip.copy)
    document = _RENDERERS[slip.kind](reading, slip, templates)
    return Rendered(Document((*above, *document.blocks)), slips.revision_of(reading, slip.order_id))


_RENDERERS: dict[SlipKind, Callable[[Reading, Slip, SlipTemplates], Document]] = {
    SlipKind.PICKING: lambda *of: picking_slip(gather(*of)),
    SlipKind.CUSTOMER: lambda *of: customer_copy(gather_customer(*of)),
    SlipKind.REFUND: lambda *of: refund_slip(gather_refund(*of)),
    SlipKind.STOP: lambda *of: stop_slip(gather(*of)),
    SlipKind.PRESCRIPTION: lambda *of: prescription_copy(gather_prescription(*of)),
    SlipKind.SHIFT: lambda *of: shift_report(gather_shift(*of)),
    SlipKind.TEST: printer_slip,
}
