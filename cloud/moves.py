"""The two ways an order goes on: further, or away. Who asked and whether it may be was decided by the caller."""

from cloud import audit, calls, exceptions, orders, reservations
from cloud.channels.base import CallKind
from cloud.codes import news as code_news
from cloud.orders import Known
from cloud.prescriptions import standing
from cloud.statements import Sql
from cloud.transaction import Transaction
from domain.events import OrderAdvanced, OrderCancelled
from domain.exceptions import ExceptionKind
from domain.orders import OPEN, OrderState, progress

_FREE = Sql("UPDATE bindings SET released_at = ? WHERE chain = ? AND order_id = ? AND released_at IS NULL")
_CODES = Sql("SELECT code FROM bindings WHERE chain = ? AND order_id = ?")


def advance(tx: Transaction, known: Known, state: OrderState, actor: str, *, there: OrderState | None = None) -> None:
    """The order came further, by whomever; the move was found legal. `there`: its channel is not told."""
    order = known.order
    calls.drop(tx, order.order_id, CallKind.ACCEPT)
    if state not in OPEN and known.picked_at is None:
        # Finished in the platform's own app: what left the store is the store's to record, the promise is over.
        reservations.release(tx, order.order_id)
    orders.put_state(tx, order.order_id, state, there=there)
    orders.tell(tx, known, OrderAdvanced(order.order_id, state))
    audit.append(tx, order.store, actor, f"order.{state}", order.order_id)
    if state is OrderState.COMPLETED:
        exceptions.close_kinds(tx, order, exceptions.ABOUT_GOODS | {ExceptionKind.NOT_APPLIED})


def cancel(tx: Transaction, known: Known, by: str) -> None:
    """Beats everything but completion. What was picked is not put back by itself: a pharmacist must look (GSP)."""
    order = known.order
    if progress(order.state, OrderState.CANCELLED) is not OrderState.CANCELLED or order.state is OrderState.CANCELLED:
        return
    reservations.release(tx, order.order_id)
    calls.drop(tx, order.order_id, CallKind.ACCEPT)
    orders.put_state(tx, order.order_id, OrderState.CANCELLED, cancelled_by=by, taken=int(known.gone))
    orders.tell(tx, known, OrderCancelled(order.order_id, by, taken=known.gone))
    audit.append(tx, order.store, order.channel, "order.cancelled", order.order_id, f"by {by}, was {order.state}")
    exceptions.close_kinds(tx, order, exceptions.ABOUT_GOODS | {ExceptionKind.NOT_APPLIED})
    if known.picked_at is not None:
        if not known.gone:
            _FREE.run(tx.connection, [(tx.now, tx.chain, order.order_id)])
            code_news.put(tx, [code for (code,) in _CODES.rows(tx.connection, tx.chain, order.order_id)])
        exceptions.open_or_widen(tx, order.store, order.order_id, ExceptionKind.CANCELLED_LATE)
    standing.cancelled(tx, orders.in_state(known, OrderState.CANCELLED), gone=known.gone)
