"""Telling channels what may be sold. Not part of the intake's transaction: keys whose sellable stock changed gather in
the writer, and become, within a second, at most one waiting call per shop, which takes in what changes meanwhile."""

from collections import defaultdict
from collections.abc import Collection, Iterable

import msgspec
from sqlalchemy import Connection, select

from cloud import calls, catalogue, stock, tables
from cloud.channels.base import Call, CallKind
from cloud.statements import Sql
from cloud.transaction import StockKey, Transaction
from domain.modes import Mode
from domain.quantity import whole_units

_WAITING = Sql(
    """SELECT call_id, channel, shop, store, body FROM calls
    WHERE chain = ? AND state = 'waiting' AND kind = 'stock' AND shop = ANY(?) ORDER BY call_id FOR UPDATE"""
)
_MERGE = Sql("UPDATE calls SET body = ? WHERE chain = ? AND call_id = ?")
_LEVELS = Sql("SELECT sku, on_hand, reserved, safety FROM stock WHERE chain = ? AND store = ? AND sku = ANY(?)")
_decode = msgspec.json.Decoder(Call).decode

Shop = tuple[str, str, str]
"""(channel, the channel's id of the shop, the store that serves it)."""


def enqueue(tx: Transaction, keys: Collection[StockKey]) -> None:
    """`keys` as the writer gathered them; what is sellable is read now, so the last word is always the truth."""
    units: dict[str, dict[str, int]] = {}
    for store, skus in _by_store(keys).items():
        rows = _LEVELS.rows(tx.connection, tx.chain, store, sorted(skus))
        units[store] = {
            sku: whole_units(stock.Level(on_hand, reserved, safety).sellable) for sku, on_hand, reserved, safety in rows
        }
    shops = _shops(tx, units)
    waiting = _waiting(tx, shops) if shops else {}
    for shop in shops:
        _merge_or_add(tx, shop, waiting.get(shop), units[shop[2]])


def everything(connection: Connection, chain: str) -> set[StockKey]:
    """At start: what changed before the last stop may not have been told, so all of it is told again."""
    s, shops = tables.stock.c, tables.shops.c
    bound = select(shops.store).where(shops.chain == chain)
    rows = connection.execute(select(s.store, s.sku).where(s.chain == chain, s.store.in_(bound)))
    return {(store, sku) for store, sku in rows}


def _by_store(keys: Iterable[StockKey]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for store, sku in keys:
        found[store].add(sku)
    return found


def _shops(tx: Transaction, stores: Iterable[str]) -> list[Shop]:
    """Those of stores in shadow are left out: going live tells all of their stock."""
    live = sorted(store for store in stores if catalogue.store(tx, store).mode is Mode.LIVE)
    s = tables.shops.c
    rows = tx.connection.execute(select(s.channel, s.shop, s.store).where(s.chain == tx.chain, s.store.in_(live)))
    return [(channel, shop, store) for channel, shop, store in rows]


def _waiting(tx: Transaction, shops: Iterable[Shop]) -> dict[Shop, tuple[str, Call]]:
    rows = _WAITING.rows(tx.connection, tx.chain, sorted({shop for _, shop, _ in shops}))
    return {(channel, shop, store): (call_id, _decode(body)) for call_id, channel, shop, store, body in rows}


def _merge_or_add(tx: Transaction, shop: Shop, waiting: tuple[str, Call] | None, units: dict[str, int]) -> None:
    if waiting is None:
        channel, name, store = shop
        calls.enqueue(tx, store, channel, Call(CallKind.STOCK, name, stock=tuple(sorted(units.items()))))
        return
    call_id, call = waiting
    merged = msgspec.structs.replace(call, stock=tuple(sorted({**dict(call.stock), **units}.items())))
    if merged != call:
        _MERGE.run(tx.connection, [(msgspec.json.encode(merged), tx.chain, call_id)])
