"""Prices: told once, changed ones again, the store's own beside the chain's."""

from pathlib import Path

from cloud import eventlog, prices
from domain.events import PRICES, PricePut, decode_body
from domain.protocol import Cursor
from tests.cloud.hub import CHAIN, STORE, Hub
from tests.cloud.snapshots.reading import taken


def put(hub: Hub, *wanted: PricePut) -> int:
    with hub.transaction() as tx:
        return prices.put(tx, wanted)


def told(hub: Hub) -> list[object]:
    with hub.database.read() as connection:
        page = eventlog.page(connection, CHAIN, hub.vault, Cursor(PRICES, "", 0), 10_000)
    return [decode_body(event) for event in page.events]


def test_only_what_changed_is_told(hub: Hub, tmp_path: Path) -> None:
    first, own = PricePut("sku1", 1250), PricePut("sku1", 1190, STORE)
    assert put(hub, first, own, PricePut("sku2", 99)) == 3
    assert put(hub, first, own) == 0
    dearer = PricePut("sku1", 1300)
    assert put(hub, dearer) == 1
    assert told(hub) == [first, own, PricePut("sku2", 99), dearer]
    assert taken(hub, PRICES, tmp_path).bodies(PricePut) == [dearer, own, PricePut("sku2", 99)]
