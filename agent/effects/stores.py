"""How the hub wants this store to work."""

import logging

import msgspec

from agent import order_slips, orders, slip_templates, store
from agent.slip_templates import Source
from agent.transactions import Topic, Transaction
from domain.events import DiagnosisWanted, SlipTemplatesSet, StoreConfigured
from domain.times import MINUTE

log = logging.getLogger(__name__)


def configured(tx: Transaction, event: StoreConfigured) -> None:
    """A new accepting rule, or a trial, may free orders that waited for the clerk; a new lead moves booked slips."""
    before = store.identity(tx).mode
    store.put(tx, name=event.name, accept=event.accept, lead=str(event.lead), mode=event.mode)
    if event.mode is not before:
        order_slips.read_anew(tx)
    tx.note(
        log,
        "headquarters set how orders are accepted to %s, the lead to %d minutes, the mode to %s",
        event.accept,
        event.lead // MINUTE,
        event.mode,
    )
    order_slips.reschedule(tx, event.lead)
    for row in tx.db.execute("SELECT order_id FROM orders WHERE state = 'placed'").fetchall():
        order_slips.want_picking(tx, orders.get(tx, row["order_id"]))


def templates_set(tx: Transaction, event: SlipTemplatesSet) -> None:
    """Whatever has not been sent yet follows it. A logo that cannot be drawn is left out: no slip waits for it."""
    templates = event.templates
    if templates is not None and (wrong := slip_templates.why_no_logo(templates.logo)):
        log.error("headquarters' logo is left out: %s", wrong)
        templates = msgspec.structs.replace(templates, logo=b"")
    slip_templates.put(tx, Source.HEADQUARTERS, templates)
    order_slips.read_anew(tx)
    tx.note(
        log, "headquarters %s", "leaves the look of slips to this store" if templates is None else "set how slips look"
    )


def diagnosis_wanted(tx: Transaction, event: DiagnosisWanted) -> None:
    """Should the program die before it is made: the next one comes within the hour."""
    tx.touch(Topic.DIAGNOSIS)
    tx.note(log, "headquarters wants a diagnosis")
