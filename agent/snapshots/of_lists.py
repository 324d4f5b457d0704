"""Prices and lists of codes from a snapshot: it is all there is; what is not in it is gone."""

from collections.abc import Iterator
from functools import partial

from agent import code_lists, prices
from agent.snapshots.reading import Anew
from agent.snapshots.taking import take_each
from agent.transactions import Transaction
from domain.events import CodesListed, Event, EventBody, PricePut


def load_prices(tx: Transaction, events: Iterator[Event], anew: Anew) -> None:
    prices.clear(tx)
    for event in events:
        take_each(tx, event, partial(_put_price, tx))


def load_codes(tx: Transaction, events: Iterator[Event], anew: Anew) -> None:
    code_lists.clear(tx)
    for event in events:
        take_each(tx, event, partial(_put_codes, tx))


def _put_price(tx: Transaction, body: EventBody) -> None:
    if isinstance(body, PricePut):
        prices.put(tx, body)


def _put_codes(tx: Transaction, body: EventBody) -> None:
    if isinstance(body, CodesListed):
        code_lists.put(tx, body)
