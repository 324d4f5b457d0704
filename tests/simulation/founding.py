"""The hub's database as headquarters leaves it before the first order: made once, then copied for every world."""

import tempfile
from functools import cache
from pathlib import Path
from random import Random

from cloud import chain
from cloud.commit import transact
from cloud.database import migrate, open_database
from cloud.transaction import Transaction
from cloud.vault import Vault
from domain.orders import AcceptRule
from domain.times import Millis
from tests.simulation.goods import OPENING, PRODUCTS
from tests.simulation.hub_node import CHAIN, KEY

START: Millis = 1_795_233_600_000
CHANNELS = ("meituan", "eleme")


def store_name(number: int) -> str:
    return f"S{number}"


@cache
def founded(stores: int) -> bytes:
    """The file of a chain with so many stores; in every second one the clerk accepts."""
    with tempfile.TemporaryDirectory(prefix="yaolink-founding-") as folder:
        file = Path(folder) / "hub.db"
        database = open_database(f"sqlite:///{file}", readers=1, writers=1)
        migrate(database)
        with transact(database, CHAIN, lambda: START, Random("founding").randbytes, Vault(KEY)) as tx:
            for product in PRODUCTS:
                chain.put_product(tx, product)
            for number in range(1, stores + 1):
                _found(tx, store_name(number), AcceptRule.HUB if number % 2 else AcceptRule.CLERK)
        database.close()
        return file.read_bytes()


def _found(tx: Transaction, store: str, accept: AcceptRule) -> None:
    chain.put_store(tx, store, f"{store} 店", accept=accept)
    for channel in CHANNELS:
        chain.put_shop(tx, channel, f"{channel}-{store}", store)
    for sku, quantity in OPENING.items():
        chain.set_stock(tx, store, sku, quantity)
