"""The next order to do: whatever hurries most on the board and may be picked now."""

from agent import board, orders, store
from agent.catalogue import Lookup
from agent.errors import WorkRefused
from agent.picking import holding
from agent.transactions import Transaction
from domain.orders import Order
from domain.picks import PickState
from domain.staff import Actor


def take(tx: Transaction, actor: Actor, lookup: Lookup) -> Order | None:
    """Begins it at this station. One whose prescription still waits is passed over."""
    accept = store.identity(tx).accept
    for card in board.board(tx).cards:
        if card.pick is not PickState.ASSIGNED or card.print_at is not None:
            continue
        order = orders.get(tx, card.order_id)
        if orders.workable(order, accept) and _begun(tx, order, actor, lookup):
            return order
    return None


def _begun(tx: Transaction, order: Order, actor: Actor, lookup: Lookup) -> bool:
    try:
        with tx.savepoint():
            holding.start(tx, order, actor, lookup)
    except WorkRefused:
        return False
    return True
