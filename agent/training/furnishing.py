"""The practising store's data before its first order."""

from collections.abc import Sequence

from agent import catalogue, stock, store
from agent.files import CacheFile, WorkFile
from agent.store import Identity
from agent.training.goods import Goods
from agent.transactions import Transaction

HUB = "practice"
"""Stands where a hub's address would: the store counts as paired, and nobody is called."""


class PracticeFile(WorkFile):
    """Practice is no event of this store: the log, and what support is sent of it, does not hear of it."""

    noted = False


def furnish(work: WorkFile, cache: CacheFile, like: Identity, goods: Sequence[Goods]) -> None:
    """The same rules as the real store has, so that what is practised is what is done."""

    def shelve(tx: Transaction) -> None:
        store.device(tx)
        store.pair(tx, hub_url=HUB, chain=like.chain, store=like.store, name=like.name)
        store.put(tx, accept=like.accept, lead=str(like.lead), training="yes")
        for each in goods:
            stock.put(tx, each.stock())

    def list_products(tx: Transaction) -> None:
        for each in goods:
            catalogue.put(tx, each.product)

    work.write(shelve)
    cache.write(list_products)
