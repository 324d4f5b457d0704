"""The chain's shape as intake asks for it: stores, shops and products, remembered by the writer."""

from collections.abc import Iterable

from sqlalchemy import select

from cloud import tables
from cloud.channels.base import ChannelLine
from cloud.errors import UnknownStore
from cloud.memory import Store
from cloud.statements import Sql
from cloud.transaction import Transaction
from domain.modes import Mode
from domain.orders import AcceptRule

_SKUS = Sql("SELECT sku FROM products WHERE chain = ? AND sku = ANY(?)")
_BARCODES = Sql("SELECT barcode, sku FROM barcodes WHERE chain = ? AND barcode = ANY(?)")


def stores(tx: Transaction) -> tuple[str, ...]:
    """The id of every store, sorted."""
    s = tables.stores.c
    query = select(s.store).where(s.chain == tx.chain).order_by(s.store)
    return tuple(tx.connection.execute(query).scalars())


def store(tx: Transaction, name: str) -> Store:
    """Raises `UnknownStore`."""
    known = tx.memory.stores.get(name)
    if known is not None:
        return known
    s = tables.stores.c
    row = tx.connection.execute(select(tables.stores).where(s.chain == tx.chain, s.store == name)).one_or_none()
    if row is None:
        raise UnknownStore(f"no store {name!r}", hint="yaolink-hub lists the stores of the chain.")
    tx.memory.stores[name] = found = Store(row.store, row.name, AcceptRule(row.accept), row.lead, Mode(row.mode))
    return found


def store_of_shop(tx: Transaction, channel: str, shop: str) -> Store | None:
    """Who serves a channel's shop; None when nobody said so."""
    if (channel, shop) not in tx.memory.shops:
        s = tables.shops.c
        query = select(s.store).where(s.chain == tx.chain, s.channel == channel, s.shop == shop)
        name = tx.connection.execute(query).scalar_one_or_none()
        if name is None:
            return None
        tx.memory.shops[channel, shop] = name
    return store(tx, tx.memory.shops[channel, shop])


def learn(tx: Transaction, lines: Iterable[ChannelLine]) -> None:
    """Looks up all products that `sku_of` will be asked for, at once."""
    lines = list(lines)
    memory = tx.memory
    new = {line.channel_sku for line in lines if line.channel_sku} - memory.skus
    if new:
        memory.skus.update(sku for (sku,) in _SKUS.rows(tx.connection, tx.chain, sorted(new)))
    by_barcode = {line.barcode for line in lines if line.barcode and line.channel_sku not in memory.skus}
    unknown = by_barcode - memory.barcodes.keys()
    if unknown:
        rows = _BARCODES.rows(tx.connection, tx.chain, sorted(unknown))
        memory.barcodes.update((row[0], row[1]) for row in rows)


def sku_of(tx: Transaction, line: ChannelLine) -> str | None:
    """The channel's sku is ours where the chain uses our numbers there; else the barcode says which product it is."""
    if line.channel_sku in tx.memory.skus:
        return line.channel_sku
    return tx.memory.barcodes.get(line.barcode) if line.barcode else None
