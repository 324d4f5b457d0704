"""DATA/demo.json: all that a person or an outside program needs to drive the demo, readable by its owner only."""

from typing import TYPE_CHECKING

import msgspec

from installer.demo.door import Door
from installer.demo.people import PEOPLE
from installer.demo.settings import callback_urls

if TYPE_CHECKING:
    from installer.demo.world import World


class HubEntry(msgspec.Struct, frozen=True):
    url: str
    operator_token: str


class SkuEntry(msgspec.Struct, frozen=True):
    """A trace code is `trace_prefix` followed by any 13 digits."""

    sku: str
    name: str
    barcode: str
    trace_prefix: str
    on_hand: int


class StaffEntry(msgspec.Struct, frozen=True):
    """A colleague; `badge` is what a scanner reads of the card."""

    id: str
    name: str
    roles: list[str]
    pin: str
    badge: str


class StoreEntry(msgspec.Struct, frozen=True):
    """`page_url` opens the page, as often as one likes. A program asks `api_url` with the content of `token_file`
    as its bearer token, which is another one whenever the agent starts. Whoever writes CODE and a carriage return to
    `scanner` scans."""

    id: str
    name: str
    page_url: str
    api_url: str
    token_file: str
    printer: str
    scanner: str
    skus: list[SkuEntry]
    staff: list[StaffEntry]


class MeituanEntry(msgspec.Struct, frozen=True):
    app_id: str
    secret: str
    callback_urls: dict[str, str]
    shop_ids: dict[str, str]
    simulator_url: str
    control_token: str


class OwnEntry(msgspec.Struct, frozen=True):
    api_key: str
    orders_url: str


class ChannelsEntry(msgspec.Struct, frozen=True):
    meituan: MeituanEntry
    own: OwnEntry


class Manifest(msgspec.Struct, frozen=True):
    hub: HubEntry
    stores: list[StoreEntry]
    channels: ChannelsEntry


def build(world: "World", door: Door) -> Manifest:
    return Manifest(
        HubEntry(world.hub_url, world.operator_token),
        [_store(world, door, store.store, store.name) for store in world.chain.stores],
        ChannelsEntry(
            MeituanEntry(
                app_id=world.secrets.app_id,
                secret=world.secrets.meituan_secret,
                callback_urls=callback_urls(world.hub_url),
                shop_ids={store.store: store.shops["meituan"] for store in world.chain.stores},
                simulator_url=world.simulator_url if world.simulator else "",
                control_token=world.secrets.control_token,
            ),
            OwnEntry(world.secrets.own_api_key, f"{world.hub_url}/channels/own/orders"),
        ),
    )


def _store(world: "World", door: Door, store: str, name: str) -> StoreEntry:
    devices, on_hand = world.devices[store], world.on_hand()
    return StoreEntry(
        id=store,
        name=name,
        page_url=door.address(store),
        api_url=world.page_url(store),
        token_file=str(world.token_file(store)),
        printer=devices.printer_address,
        scanner=devices.scanner.trigger_path,
        skus=[
            SkuEntry(p.sku, p.name, p.barcodes[0], p.trace_prefixes[0], on_hand[store, p.sku])
            for p in world.chain.products
            if p.plain
        ],
        staff=[
            StaffEntry(one.staff_id, one.name, [role.value for role in one.roles], one.pin, one.badge)
            for one in PEOPLE
            if one.store == store
        ],
    )
