"""How slips would look with other templates: of the sample order, or of a real one."""

from agent import slips, store
from agent.documents import shift
from agent.documents.rendering import rendered
from agent.documents.samples import sample
from agent.errors import NotFound
from agent.slips import Slip
from agent.transactions import Reading
from domain.slips import SlipKind, SlipState
from domain.templates import FIELDS, SlipTemplates
from drivers.printers.document import Document

SAMPLE_STORE = "示例大药房（人民路店）"


def tried(reading: Reading, kind: SlipKind, templates: SlipTemplates, order_id: str = "") -> Document:
    """Raises NotFound. A shift report is of no order: its real one is that of this shift."""
    if kind not in FIELDS:
        raise NotFound(f"没有这种小票的样式：{kind}")
    if not order_id:
        return sample(kind, templates, store.identity(reading).name or SAMPLE_STORE, reading.now)
    return rendered(reading, _slip(reading, kind, order_id), templates).document


def _slip(reading: Reading, kind: SlipKind, order_id: str) -> Slip:
    """One that is never written down."""
    subject = ""
    if kind is SlipKind.SHIFT:
        order_id, subject = "", shift.span(*shift.next_span(reading))
    elif kind is SlipKind.REFUND:
        subject = _latest_refund(reading, order_id)
    return Slip(
        slip_id="",
        number=0,
        order_id=order_id,
        kind=kind,
        issue=1,
        copy=0,
        subject=subject,
        pinned="",
        state=SlipState.ACCEPTED,
        cause="",
        evidence=None,
        printer="",
        sends=0,
        told=0,
        due_at=slips.AT_ONCE,
        expires_at=None,
        created_at=reading.now,
        changed_at=reading.now,
    )


def _latest_refund(reading: Reading, order_id: str) -> str:
    row = reading.db.execute(
        "SELECT refund_id FROM refunds WHERE order_id = ? ORDER BY asked_at DESC LIMIT 1", (order_id,)
    ).fetchone()
    if row is None:
        raise NotFound("这张订单没有退款")
    return str(row["refund_id"])
