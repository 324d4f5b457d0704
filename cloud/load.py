"""The chain's shape from a JSON file: stores, their shops, products and stock (docs/operate.md tells the format)."""

from datetime import date
from pathlib import Path
from typing import Annotated

import msgspec

from cloud import catalogue, chain, prices
from cloud.errors import HubError
from cloud.transaction import Transaction
from domain import money, quantity
from domain.events import PricePut
from domain.lots import Lot
from domain.modes import Mode
from domain.orders import AcceptRule
from domain.products import Product
from domain.times import MINUTE

Units = Annotated[int, msgspec.Meta(ge=0, le=quantity.LARGEST // quantity.ONE)]
Name = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]


class BadFile(HubError):
    """The file cannot be loaded; the message says where."""


class StoreEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`shops`: channel → the channel's id of the shop."""

    store: Name
    name: Name
    accept: AcceptRule = AcceptRule.HUB
    lead_minutes: Annotated[int, msgspec.Meta(ge=0, le=1440)] = 30
    shops: dict[str, Name] = {}
    mode: Mode | None = None
    """Not named: as it is; a new store is live."""


class LotEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    lot: Name
    expiry: date
    quantity: Units
    produced: date | None = None


class StockEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whole units."""

    store: Name
    sku: Name
    on_hand: Units
    safety: Units = 0
    shelf: str = ""
    lots: tuple[LotEntry, ...] = ()


class PriceEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Without a store: the chain's."""

    sku: Name
    fen: Annotated[int, msgspec.Meta(ge=0, le=money.LARGEST)]
    store: str = ""


class ChainFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    stores: tuple[StoreEntry, ...] = ()
    products: tuple[Product, ...] = ()
    stock: tuple[StockEntry, ...] = ()
    prices: tuple[PriceEntry, ...] = ()

    def summary(self) -> str:
        told = f"{len(self.stores)} stores, {len(self.products)} products, {len(self.stock)} stock rows"
        return f"{told}, {len(self.prices)} prices" if self.prices else told


def read(path: Path) -> ChainFile:
    """Raises `BadFile` with the place of the first mistake."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=ChainFile)
    except OSError as error:
        raise BadFile(f"{path} cannot be read: {error.strerror}") from error
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise BadFile(f"{path}: {error}", hint="docs/operate.md shows the format") from error


def apply(tx: Transaction, file: ChainFile, *, by: str) -> None:
    """All of it or nothing. What is there already is changed to what the file says; nothing is removed."""
    for store in file.stores:
        lead = store.lead_minutes * MINUTE
        chain.put_store(tx, store.store, store.name, accept=store.accept, lead=lead, mode=store.mode, by=by)
        for channel, shop in store.shops.items():
            chain.put_shop(tx, channel, shop, store.store, by=by)
    for product in file.products:
        chain.put_product(tx, product, by=by)
    _put_prices(tx, file.prices)
    for row in file.stock:
        lots = tuple(Lot(lot.lot, lot.expiry, quantity.units(lot.quantity), lot.produced) for lot in row.lots)
        chain.set_stock(
            tx,
            row.store,
            row.sku,
            quantity.units(row.on_hand),
            shelf=row.shelf,
            lots=lots,
            safety=quantity.units(row.safety),
            by=by,
        )


def _put_prices(tx: Transaction, entries: tuple[PriceEntry, ...]) -> None:
    for store in sorted({each.store for each in entries if each.store}):
        catalogue.store(tx, store)  # raises for one that is not there
    prices.put(tx, (PricePut(each.sku, each.fen, each.store) for each in entries))
