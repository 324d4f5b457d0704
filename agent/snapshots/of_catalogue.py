"""The catalogue from a snapshot: it is all there is; what is not in it is gone."""

from collections.abc import Iterator
from functools import partial

from agent import catalogue
from agent.snapshots.reading import Anew
from agent.snapshots.taking import take_each
from agent.transactions import Transaction
from domain.events import Event, EventBody, ProductPut, RecallPut


def load(tx: Transaction, events: Iterator[Event], anew: Anew) -> None:
    for table in ("codes", "products", "recalls"):
        tx.db.execute(f"DELETE FROM {table}")
    for event in events:
        take_each(tx, event, partial(_put, tx))


def _put(tx: Transaction, body: EventBody) -> None:
    match body:
        case ProductPut(product=product):
            catalogue.put(tx, product)
        case RecallPut(recall=recall):
            catalogue.put_recall(tx, recall)
