"""Slips that follow from work: the customer's copy from a completed pick, the refund slip from a granted refund, the
copy of a prescription from its approval, the shift report from whoever asks for it. Which print by themselves, the
templates say."""

from agent import slip_templates, slips
from agent.documents import shift
from agent.transactions import Transaction
from domain.prescriptions import Prescription
from domain.refunds import Refund
from domain.slips import SlipKind


def want_customer_copy(tx: Transaction, order_id: str) -> None:
    """Once per order: a pick is completed once."""
    if slip_templates.prints_by_itself(tx, SlipKind.CUSTOMER):
        slips.want(tx, SlipKind.CUSTOMER, order_id)


def want_refund_slip(tx: Transaction, refund: Refund) -> None:
    """Once per refund."""
    earlier = slips.of_order(tx, refund.order_id, SlipKind.REFUND)
    if slip_templates.prints_by_itself(tx, SlipKind.REFUND) and all(
        slip.subject != refund.refund_id for slip in earlier
    ):
        slips.want(tx, SlipKind.REFUND, refund.order_id, subject=refund.refund_id)


def want_prescription_copy(tx: Transaction, approved: Prescription) -> None:
    """Once per approval, where the chain wants it."""
    decision = approved.decision
    if decision is None or not slip_templates.prints_by_itself(tx, SlipKind.PRESCRIPTION):
        return
    subject = f"{approved.prescription_id}@{decision.at}"
    earlier = slips.of_order(tx, approved.order_id, SlipKind.PRESCRIPTION)
    if all(slip.subject != subject for slip in earlier):
        slips.want(tx, SlipKind.PRESCRIPTION, approved.order_id, subject=subject)


def want_shift_report(tx: Transaction) -> str:
    """From the last one to now; returns the slip's id."""
    return slips.want(tx, SlipKind.SHIFT, subject=shift.span(*shift.next_span(tx)))
