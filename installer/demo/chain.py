"""The demo's pharmacy chain, read from chain.json (the format of `yaolink-hub load`) and prices.json."""

import json
from functools import cached_property
from importlib import resources
from pathlib import Path

import msgspec


class DemoStore(msgspec.Struct, frozen=True):
    store: str
    name: str
    accept: str
    lead_minutes: int
    shops: dict[str, str]


class DemoProduct(msgspec.Struct, frozen=True):
    sku: str
    name: str
    spec: str
    unit: str
    maker: str
    barcodes: list[str]
    trace_prefixes: list[str]
    prescription: bool
    cold: bool = False
    controls: tuple[str, ...] = ()

    @property
    def plain(self) -> bool:
        """Sold like any other: scanned by its trace code, packed, handed over. The others are there to show a rule."""
        return bool(self.trace_prefixes) and not self.cold and not self.controls


class DemoStock(msgspec.Struct, frozen=True):
    store: str
    sku: str
    on_hand: int
    safety: int
    shelf: str
    lots: list[dict[str, str | int]]


class Chain(msgspec.Struct, frozen=True, dict=True):
    stores: list[DemoStore]
    products: list[DemoProduct]
    stock: list[DemoStock]

    @classmethod
    def read(cls) -> "Chain":
        return msgspec.json.decode(file().read_bytes(), type=cls)

    @cached_property
    def prices(self) -> dict[str, int]:
        """Fen by SKU; what the platform's customers pay."""
        prices: dict[str, int] = json.loads(_here("prices.json").read_bytes())
        return prices


def file() -> Path:
    return _here("chain.json")


def _here(name: str) -> Path:
    with resources.as_file(resources.files(__package__).joinpath(name)) as path:
        return path
