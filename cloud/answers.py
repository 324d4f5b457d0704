"""What a channel's answer to a call does. Its word is progress; a refusal for good is a person's to see."""

from cloud import audit, calls, exceptions, moves, orders, refunding
from cloud.calls import Carried
from cloud.channels.base import Call, CallKind, CallResult, CallState, Refunded
from cloud.orders import Known
from cloud.transaction import Transaction
from domain.exceptions import ExceptionKind
from domain.quantity import ONE
from domain.refunds import RefundState


def settle(tx: Transaction, carried: Carried, result: CallResult) -> None:
    """Ends a call that `calls.due` leased, or lets it wait with back-off."""
    if not calls.write_result(tx, carried, result) or carried.order_id is None:
        return
    known = orders.load(tx, carried.order_id)
    call = carried.call
    audit.append(tx, known.order.store, known.order.channel, f"call.{call.kind}", carried.order_id, result.state.value)
    if result.state is CallState.REFUSED:
        exceptions.open_or_widen(tx, known.order.store, carried.order_id, ExceptionKind.CALL_FAILED)
    else:
        _take(tx, known, call, carried.call_id, result.no_push_follows)


def _take(tx: Transaction, known: Known, call: Call, call_id: str, no_push_follows: bool) -> None:
    """What follows at once. A part refund gets its number from the platform, so its push is waited for."""
    match call.kind:
        case CallKind.CANCEL:
            moves.cancel(tx, known, "store")
        case CallKind.AGREE_REFUND:
            refunding.answered(tx, known, call.refund_id, RefundState.AGREED)
        case CallKind.REFUSE_REFUND:
            refunding.answered(tx, known, call.refund_id, RefundState.REFUSED)
        case CallKind.PART_REFUND if no_push_follows:
            refunding.apply(tx, known, _as_paid(known, call, call_id))
        case _:
            pass


def _as_paid(known: Known, call: Call, call_id: str) -> Refunded:
    lines = refunding.match_lines(known.order.lines, call.lines)
    prices = {line.line_id: line.price for line in known.order.lines}
    return Refunded(
        channel_order_id=known.order.channel_order_id,
        refund_id=call_id,
        state=RefundState.PAID,
        full=False,
        amount=sum(prices[line.line_id] * line.quantity // ONE for line in lines),
        lines=call.lines,
        reason="",
        asked_at=None,
        answer_by=None,
    )
