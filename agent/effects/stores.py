"""How the hub wants this store to work."""

import logging

from agent import orders, slips, store
from agent.transactions import Transaction
from domain.events import StoreConfigured
from domain.times import MINUTE

log = logging.getLogger(__name__)


def configured(tx: Transaction, event: StoreConfigured) -> None:
    """A new accepting rule, or a trial, may free orders that waited for the clerk; a new lead moves booked slips."""
    before = store.identity(tx).mode
    store.put(tx, name=event.name, accept=event.accept, lead=str(event.lead), mode=event.mode)
    if event.mode is not before:
        slips.read_anew(tx)
    tx.note(
        log,
        "headquarters set how orders are accepted to %s, the lead to %d minutes, the mode to %s",
        event.accept,
        event.lead // MINUTE,
        event.mode,
    )
    slips.reschedule(tx, event.lead)
    for row in tx.db.execute("SELECT order_id FROM orders WHERE state = 'placed'").fetchall():
        slips.want_picking(tx, orders.get(tx, row["order_id"]))
