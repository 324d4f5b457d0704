"""Operations that this store told before its data were restored from an older copy, and that headquarters still keeps
set aside (it could not read them, or they wait for others).

Headquarters gives them back with the snapshot: this store puts them into its outbox again under their old keys, and
learns from them which orders are packed already, so that nobody packs one a second time.
"""

import msgspec

from agent import orders, outbox, taking_over
from agent.effects.orders import advanced
from agent.transactions import Transaction
from domain.events import DoneInStore, OperationKept, OrderAdvanced
from domain.operations import OperationBody, OrderHandedOver, PickCompleted, UnknownOperation, decode_body
from domain.orders import OrderState, progress


def kept(tx: Transaction, event: OperationKept) -> None:
    """An operation that this program cannot read either is only sent on. Stock needs nothing here: whatever waits in
    the outbox is applied to the levels anyway (`agent.redoing`)."""
    if not outbox.put_kept(tx, event.operation):
        return
    try:
        _happened(tx, decode_body(event.operation))
    except (UnknownOperation, msgspec.MsgspecError):
        return


def _happened(tx: Transaction, body: OperationBody) -> None:
    match body:
        case PickCompleted(order_id=order_id, bindings=bindings):
            order, done = orders.find(tx, order_id), DoneInStore(bindings=bindings)
            if order is not None and taking_over.was_packed(tx, order_id, done):
                orders.set_state(tx, order_id, progress(order.state, OrderState.PICKED))
                taking_over.take_packed(tx, order_id, done)
        case OrderHandedOver(order_id=order_id):
            if orders.find(tx, order_id) is not None:
                advanced(tx, OrderAdvanced(order_id, OrderState.HANDED_OVER))
        case _:
            pass  # other work shows in later events, or can be done a second time without harm
