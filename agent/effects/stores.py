"""How the hub wants this store to work."""

import logging

from agent import orders, slips, store
from agent.transactions import Transaction
from domain.events import StoreConfigured
from domain.times import MINUTE

log = logging.getLogger(__name__)


def configured(tx: Transaction, event: StoreConfigured) -> None:
    """A new accepting rule may free orders that waited for the clerk; a new lead moves booked slips."""
    store.put(tx, name=event.name, accept=event.accept, lead=str(event.lead))
    tx.note(
        log,
        "headquarters set how orders are accepted to %s, the lead to %d minutes",
        event.accept,
        event.lead // MINUTE,
    )
    slips.reschedule(tx, event.lead)
    for row in tx.db.execute("SELECT order_id FROM orders WHERE state = 'placed'").fetchall():
        slips.want_picking(tx, orders.get(tx, row["order_id"]))
