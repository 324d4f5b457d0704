"""The chain's shape as its people set it: stores, shops on channels, products, stock. Stores hear of it as events."""

import msgspec
from sqlalchemy import select

from cloud import audit, calls, catalogue, facts, policy, slip_templates, tables
from cloud.eventlog import append, open_chain_logs, open_log
from cloud.ledger import Movement
from cloud.lots import put as put_lots
from cloud.people import roster, staffing
from cloud.shelf import tell
from cloud.stock import Sheet
from cloud.transaction import Transaction
from cloud.upsert import upsert
from domain.events import CATALOGUE, ProductPut, StockSet, StoreConfigured, store_log
from domain.lots import Lot
from domain.modes import Mode
from domain.orders import AcceptRule
from domain.products import Product
from domain.quantity import Quantity
from domain.times import HOUR, Millis

LEAD: Millis = HOUR


def put_store(
    tx: Transaction,
    store: str,
    name: str,
    *,
    accept: AcceptRule = AcceptRule.HUB,
    lead: Millis = LEAD,
    mode: Mode | None = None,
    by: str = "hub",
) -> None:
    """New or changed. Its log is there from now on. Without a `mode` it keeps the one it has; a new store is live."""
    new = not catalogue.has_store(tx, store)
    upsert(tx, tables.stores, {"store": store}, {"name": name, "accept": accept.value, "lead": lead})
    tx.memory.forget()
    open_log(tx, store_log(store))
    open_chain_logs(tx)
    audit.append(tx, store, by, "store.put", store, f"{name}, accepted by {accept}")
    if mode is not None:
        _switch(tx, store, mode, by)
    _tell_store(tx, store)
    if new:
        for record in (slip_templates, policy, staffing, roster):
            record.tell(tx, store)


def set_mode(tx: Transaction, store: str, mode: Mode, *, by: str = "hub") -> bool:
    """Whether it was another. Raises `UnknownStore`.

    Into shadow: from this commit on no call of the store leaves; one that left before may still be answered
    (`cloud.switching` waits for it). Back to live: what was not told in shadow never will be, and the channels are told
    all of the store's stock.
    """
    catalogue.store(tx, store)
    changed = _switch(tx, store, mode, by)
    if changed:
        _tell_store(tx, store)
    return changed


def _switch(tx: Transaction, store: str, mode: Mode, by: str) -> bool:
    s = tables.stores.c
    other = tables.stores.update().where(s.chain == tx.chain, s.store == store, s.mode != mode.value)
    if not tx.connection.execute(other.values(mode=mode.value)).rowcount:
        return False
    tx.memory.forget()
    audit.append(tx, store, by, "store.mode", store, mode.value)
    if mode is Mode.LIVE:
        calls.withhold(tx, store)
        k = tables.stock.c
        rows = tx.connection.execute(select(k.sku).where(k.chain == tx.chain, k.store == store))
        tx.stock_news.update((store, sku) for (sku,) in rows)
    return True


def _tell_store(tx: Transaction, store: str) -> None:
    known = catalogue.store(tx, store)
    append(tx, store_log(store), StoreConfigured(known.name, known.accept, known.lead, known.mode))


def put_shop(tx: Transaction, channel: str, shop: str, store: str, *, by: str = "hub") -> None:
    """From now on that channel's shop is served by this store. Raises `UnknownStore`."""
    catalogue.store(tx, store)
    upsert(tx, tables.shops, {"channel": channel, "shop": shop}, {"store": store})
    tx.memory.forget()
    audit.append(tx, store, by, "shop.put", f"{channel}/{shop}")


def put_product(tx: Transaction, product: Product, *, by: str = "hub") -> None:
    """New or changed; its barcodes are those named here and no others."""
    body = msgspec.json.encode(product)
    upsert(tx, tables.products, {"sku": product.sku}, {"name": product.name, "body": body})
    b = tables.barcodes.c
    tx.connection.execute(tables.barcodes.delete().where(b.chain == tx.chain, b.sku == product.sku))
    for barcode in product.barcodes:
        upsert(tx, tables.barcodes, {"barcode": barcode}, {"sku": product.sku})
    tx.memory.forget()
    open_log(tx, CATALOGUE)
    append(tx, CATALOGUE, ProductPut(product))
    audit.append(tx, "", by, "product.put", product.sku, product.name)


def set_stock(
    tx: Transaction,
    store: str,
    sku: str,
    on_hand: Quantity,
    *,
    shelf: str = "",
    lots: tuple[Lot, ...] = (),
    safety: Quantity = 0,
    by: str = "hub",
) -> None:
    """What the store has now, whatever was known; reservations it no longer covers are released, newest first."""
    catalogue.store(tx, store)
    key = (store, sku)
    sheet = Sheet.of_facts(tx, store, [sku])
    kind = Movement.COUNT if _has_ledger(tx, store, sku) else Movement.OPENING
    sheet.move(key, kind, on_hand - sheet[key].on_hand, f"set by {by}")
    facts.settle_losses(tx, store, sheet, [key])
    s = tables.stock.c
    tx.connection.execute(
        tables.stock.update()
        .where(s.chain == tx.chain, s.store == store, s.sku == sku)
        .values(shelf=shelf, safety=safety)
    )
    tx.stock_news.add(key)
    put_lots(tx, store, sku, lots)
    tell(tx, store, [StockSet(sku, on_hand, shelf, lots)])
    audit.append(tx, store, by, "stock.set", sku, f"on hand {on_hand}, safety {safety}")


def _has_ledger(tx: Transaction, store: str, sku: str) -> bool:
    e = tables.stock_ledger.c
    query = select(e.entry_id).where(e.chain == tx.chain, e.store == store, e.sku == sku).limit(1)
    return tx.connection.execute(query).first() is not None
