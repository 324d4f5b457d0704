"""A log of the chain from a snapshot: it is all there is; what is not in it is gone."""

from collections.abc import Callable, Iterator
from functools import partial

from agent import apply, catalogue, code_lists, prices
from agent.snapshots.taking import take_each
from agent.transactions import Transaction
from domain.events import CATALOGUE, CODES, PRICES, Event

_CLEAR: dict[str, Callable[[Transaction], None]] = {
    CATALOGUE: catalogue.clear,
    PRICES: prices.clear,
    CODES: code_lists.clear,
}


def load(tx: Transaction, name: str, events: Iterator[Event]) -> None:
    _CLEAR[name](tx)
    for event in events:
        take_each(tx, event, partial(apply.take_effect, tx))
