"""The catalogue from a snapshot: it is all there is; what is not in it is gone."""

from collections.abc import Iterator

from agent import catalogue
from agent.transactions import Transaction
from domain.events import Event, ProductPut, RecallPut, decode_body


def load(tx: Transaction, events: Iterator[Event], other: bool) -> None:
    for table in ("codes", "products", "recalls"):
        tx.db.execute(f"DELETE FROM {table}")
    for event in events:
        match decode_body(event):
            case ProductPut(product=product):
                catalogue.put(tx, product)
            case RecallPut(recall=recall):
                catalogue.put_recall(tx, recall)
