"""Prices and lists of codes from a snapshot: it is all there is; what is not in it is gone."""

from collections.abc import Iterator

from agent import code_lists, prices
from agent.transactions import Transaction
from domain.events import CodesListed, Event, PricePut, decode_body


def load_prices(tx: Transaction, events: Iterator[Event], other: bool) -> None:
    prices.clear(tx)
    for event in events:
        if isinstance(body := decode_body(event), PricePut):
            prices.put(tx, body)


def load_codes(tx: Transaction, events: Iterator[Event], other: bool) -> None:
    code_lists.clear(tx)
    for event in events:
        if isinstance(body := decode_body(event), CodesListed):
            code_lists.put(tx, body)
