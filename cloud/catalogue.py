"""The chain's shape as intake asks for it: stores, shops and products, remembered by the writer."""

from collections.abc import Iterable

import msgspec
from sqlalchemy import select

from cloud import tables
from cloud.channels.base import ChannelLine
from cloud.errors import UnknownStore
from cloud.memory import UNLISTED, Listed, Store
from cloud.statements import Sql
from cloud.transaction import Transaction
from domain.modes import Mode
from domain.orders import AcceptRule
from domain.products import Product

_SKUS = Sql("SELECT sku, body FROM products WHERE chain = ? AND sku = ANY(?)")
_BARCODES = Sql("SELECT barcode, sku FROM barcodes WHERE chain = ? AND barcode = ANY(?)")
_product = msgspec.json.Decoder(Product)


def stores(tx: Transaction) -> tuple[str, ...]:
    """The id of every store, sorted."""
    s = tables.stores.c
    query = select(s.store).where(s.chain == tx.chain).order_by(s.store)
    return tuple(tx.connection.execute(query).scalars())


def has_store(tx: Transaction, name: str) -> bool:
    s = tables.stores.c
    return tx.connection.execute(select(s.store).where(s.chain == tx.chain, s.store == name)).first() is not None


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
    """Looks up all products that `sku_of` and `listed` will be asked for, at once."""
    lines = list(lines)
    memory = tx.memory
    _learn_skus(tx, {line.channel_sku for line in lines if line.channel_sku})
    by_barcode = {line.barcode for line in lines if line.barcode and line.channel_sku not in memory.products}
    unknown = by_barcode - memory.barcodes.keys()
    if unknown:
        rows = _BARCODES.rows(tx.connection, tx.chain, sorted(unknown))
        memory.barcodes.update((row[0], row[1]) for row in rows)
        _learn_skus(tx, {row[1] for row in rows})


def _learn_skus(tx: Transaction, skus: set[str]) -> None:
    if new := skus - tx.memory.products.keys():
        for sku, body in _SKUS.rows(tx.connection, tx.chain, sorted(new)):
            product = _product.decode(body)
            tx.memory.products[sku] = Listed(product.maker, product.prescription)


def sku_of(tx: Transaction, line: ChannelLine) -> str | None:
    """The channel's sku is ours where the chain uses our numbers there; else the barcode says which product it is."""
    if line.channel_sku in tx.memory.products:
        return line.channel_sku
    return tx.memory.barcodes.get(line.barcode) if line.barcode else None


def listed(tx: Transaction, sku: str | None) -> Listed:
    """What the catalogue says of a product that `learn` looked up."""
    return tx.memory.products.get(sku or "", UNLISTED)
