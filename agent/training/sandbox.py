"""The practising store's data: furnished once, then moved on each second and after each step of the clerk."""

from collections.abc import Sequence

from agent import catalogue, stock, store
from agent.files import CacheFile, WorkFile
from agent.store import Identity
from agent.training import course, headquarters
from agent.training.goods import Goods
from agent.transactions import Transaction

HUB = "practice"
"""Stands where a hub's address would: the store counts as paired, and nobody is called."""


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


def place(tx: Transaction, goods: Sequence[Goods], seed: int) -> str | None:
    """The next practice order's id; None while enough are open."""
    placed = course.next_order(tx, goods, seed)
    if placed is None:
        return None
    headquarters.tell(tx, placed.events, (placed.person,))
    return placed.order.order_id


def advance(tx: Transaction) -> None:
    """Headquarters answers, and what is due happens."""
    headquarters.hear(tx)
    headquarters.tell(tx, course.happened(tx))
