"""The chain of the campaign: a few stores with more of everything than the run can sell, except of what is counted."""

import json
from pathlib import Path

import msgspec

from cloud import agents, commands, config, load, secrets

STORES = ("S1", "S2")
PREFIXES = {"AMX": "8123451", "IBU": "8123452", "VIT": "8123453"}
COUNTED = "MASK"
"""Sold by nobody: what was counted last is what the hub must have."""
ON_HAND = 100_000
KEY = "campaign"
"""The secret of the chain's own channel."""


class Chain(msgspec.Struct, frozen=True):
    """What the hub was made with."""

    folder: Path
    port: int
    operator_token: str
    codes: dict[str, str]
    """Pairing codes by store."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def config(self) -> Path:
        return self.folder / "hub.toml"


def found(folder: Path, port: int, stores: tuple[str, ...]) -> Chain:
    """Writes the hub's settings and fills its database."""
    folder.mkdir()
    path = folder / "hub.toml"
    path.write_text(
        f'chain = "demo"\nname = "药联演习"\ndata = "."\nport = {port}\nsweep_every_seconds = 60\n\n'
        '[channels.own]\nlabel = "小程序"\n',
        encoding="utf-8",
    )
    settings = config.load(path)
    known = secrets.load_or_make(settings.folder)
    secrets.set_channel_secret(settings.folder, "own", KEY)
    listed = folder / "chain.json"
    listed.write_text(json.dumps(_listed(stores), ensure_ascii=False), encoding="utf-8")
    with commands.changing(settings) as tx:
        load.apply(tx, load.read(listed), by="campaign")
        codes = {store: agents.new_code(tx, store, by="campaign").code for store in stores}
    return Chain(folder, port, known.operator_token, codes)


def _listed(stores: tuple[str, ...]) -> dict[str, object]:
    names = {**{sku: f"药品{sku}" for sku in PREFIXES}, COUNTED: "口罩"}
    return {
        "stores": [
            {"store": store, "name": f"演习{store}店", "accept": "hub", "lead_minutes": 30, "shops": {"own": store}}
            for store in stores
        ],
        "products": [
            {
                "sku": sku, "name": name, "spec": "10片", "unit": "盒", "maker": "示例", "prescription": False,
                "barcodes": [f"69000000{place:05d}"], "trace_prefixes": [PREFIXES[sku]] if sku in PREFIXES else [],
            }
            for place, (sku, name) in enumerate(names.items(), 1)
        ],
        "stock": [
            {"store": store, "sku": sku, "on_hand": ON_HAND, "safety": 0, "shelf": "A", "lots": []}
            for store in stores
            for sku in names
        ],
    }  # fmt: skip
