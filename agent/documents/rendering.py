"""From a slip to the document that goes on its paper."""

import msgspec

from agent.documents.content import gather
from agent.documents.picking import picking_slip
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
    """As it would print now. Raises KeyError for a kind that nobody renders yet."""
    content = gather(reading, slip)
    return Rendered(_RENDERERS[slip.kind](content), content.revision)


_RENDERERS = {SlipKind.PICKING: picking_slip, SlipKind.STOP: stop_slip}
