"""What an earlier life of these data did and told, and headquarters keeps unread or waiting: it is told again from
here, and no order is packed a second time for it."""

import msgspec

from agent import orders, outbox, taking_over
from agent.effects.orders import advanced
from agent.transactions import Transaction
from domain.events import DoneInStore, OperationKept, OrderAdvanced
from domain.operations import OperationBody, OrderHandedOver, PickCompleted, UnknownOperation, decode_body
from domain.orders import OrderState, progress


def kept(tx: Transaction, event: OperationKept) -> None:
    """One that this program cannot read either goes as it is. Stock follows from what waits (`agent.redoing`)."""
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
            pass  # what else was done is known by what follows from it, or done once more without harm
