"""The connectors that hub.toml names: over headquarters' database, with the password that its secrets keep."""

from functools import partial
from pathlib import Path

from cloud import secrets
from cloud.erp.hub_books import HubBooks, HubDisk
from domain.times import Clock
from erp import building
from erp.running import Connectors
from erp.settings import ErpSettings


def connectors(settings: ErpSettings, data: Path, books: HubBooks, clock: Clock) -> Connectors:
    """None of them runs yet. Nobody hears of a change: pages ask."""
    return building.connectors(
        settings, books, HubDisk(), clock=clock, password=partial(secrets.erp_password, data),
        keep_password=partial(secrets.set_erp_password, data), on_change=lambda: None, of_chain=True,
    )  # fmt: skip
