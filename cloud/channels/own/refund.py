"""A refund in the hub's words."""

from cloud.channels.base import Refunded, RefundedLine
from cloud.channels.own.bodies import Refund
from cloud.channels.own.order import maybe_millis
from domain.quantity import units


def refunded(order_id: str, body: Refund) -> Refunded:
    return Refunded(
        channel_order_id=order_id,
        refund_id=body.refund_id,
        state=body.state,
        full=not body.lines,
        amount=body.amount,
        lines=tuple(RefundedLine(line.sku, units(line.quantity)) for line in body.lines),
        reason=body.reason,
        asked_at=maybe_millis(body.asked_at),
        answer_by=maybe_millis(body.answer_by),
    )
