"""What follows when something changed that the prescription gate depends on: the trail says so, people hear of it, the
copy is printed. Called after every such change; where the gate stands as before, nothing happens.
"""

import logging

from agent import announcements, orders
from agent.announcements import Kind
from agent.documents.wanting import want_prescription_copy
from agent.prescriptions import gating, records, reviewing
from agent.prescriptions.gating import Stand
from agent.prescriptions.tracing import record_again, record_image
from agent.transactions import Topic, Transaction
from domain.orders import OPEN
from domain.rules import Rule

log = logging.getLogger(__name__)


def follow(tx: Transaction, order_id: str) -> None:
    """Of an order that is not here yet, nothing follows."""
    order = orders.find(tx, order_id)
    if order is None or not gating.needed(order, records.of_order(tx, order_id)):
        return
    gate, before = gating.gate(tx, order_id), _last(tx, order_id)
    rule, stands = gate.rule, gating.stand(gate)
    if rule is not before:
        _remember(tx, order_id, rule)
        if stands is Stand.AGAIN or (before is Rule.TAKEN and stands is Stand.WAITING):
            record_again(tx, order_id, rule)
        tx.note(log, "the prescription gate of order %s is %s", order_id, rule, order=order_id)
        tx.touch(Topic.ORDERS)
    if order.state in OPEN:
        _announce(tx, order_id, rule, stands)
    if rule is Rule.TAKEN and order.state in OPEN:
        approved = gating.standing(records.of_order(tx, order_id))
        if approved is not None:
            want_prescription_copy(tx, approved)


def image_arrived(tx: Transaction, order_id: str, digest: str) -> None:
    """An image is here and sound."""
    for record in records.of_order(tx, order_id):
        if any(image.digest == digest for image in record.told.images):
            record_image(tx, record.told, digest)
    follow(tx, order_id)


def _announce(tx: Transaction, order_id: str, rule: Rule, stands: Stand) -> None:
    """A review is called for once there is something to look at."""
    if reviewing.is_ready(tx, order_id):
        announcements.raise_(tx, order_id, Kind.PRESCRIPTION, occasion=rule)
    else:
        announcements.rearm(tx, order_id, Kind.PRESCRIPTION)
    if stands is Stand.REFUSED:
        announcements.raise_(tx, order_id, Kind.PRESCRIPTION_REFUSED)
    else:
        announcements.rearm(tx, order_id, Kind.PRESCRIPTION_REFUSED)


def _last(tx: Transaction, order_id: str) -> Rule | None:
    row = tx.db.execute("SELECT rule FROM gates WHERE order_id = ?", (order_id,)).fetchone()
    return None if row is None else Rule(row["rule"])


def _remember(tx: Transaction, order_id: str, rule: Rule) -> None:
    tx.db.execute(
        "INSERT INTO gates (order_id, rule) VALUES (?, ?) ON CONFLICT DO UPDATE SET rule = excluded.rule",
        (order_id, rule),
    )
