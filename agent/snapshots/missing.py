"""Closes orders and exceptions that are open here and that the snapshot does not name: for headquarters they are over.
They are marked so for the clerk; nothing is deleted."""

from collections.abc import Collection

from agent import orders, outbox, revival, stopping
from agent.transactions import Topic, Transaction
from domain.orders import OrderState

WORDS = "总部已没有这张订单，请停止拣货；如有疑问请联系总部 / headquarters does not know this order any more"


def close_orders(tx: Transaction, named: Collection[str], *, quietly: bool) -> None:
    """Cancels every open order that is not in `named`, except where the outbox still holds work on it that headquarters
    has not heard of. `quietly` prints no stop slips: headquarters was restored from a backup, and will hear of most of
    these orders again from the platforms."""
    rows = tx.db.execute(
        "SELECT order_id FROM orders WHERE closed_at IS NULL AND order_id NOT IN"
        f" (SELECT order_id FROM outbox WHERE order_id IS NOT NULL AND {outbox.UNHEARD})"
    ).fetchall()
    for order_id in (row["order_id"] for row in rows if row["order_id"] not in named):
        tx.db.execute("UPDATE orders SET cancelled_by = ? WHERE order_id = ?", (revival.FORGOTTEN, order_id))
        orders.set_state(tx, order_id, OrderState.CANCELLED)
        orders.set_problem(tx, order_id, WORDS)
        stopping.stop_work(tx, order_id, taken=False, quietly=quietly)


def close_exceptions(tx: Transaction, named: Collection[str]) -> None:
    rows = tx.db.execute("SELECT exception_id FROM exceptions WHERE closed_at IS NULL").fetchall()
    gone = [(tx.now, row["exception_id"]) for row in rows if row["exception_id"] not in named]
    tx.db.executemany("UPDATE exceptions SET closed_at = ? WHERE exception_id = ?", gone)
    tx.touch(Topic.ORDERS)
