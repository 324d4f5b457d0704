"""The connectors that agent.toml names: over the work file, with the password that is kept with our other keys."""

from collections.abc import Callable

from agent.erp.store_books import StoreBooks, StoreDisk
from agent.files import WorkFile
from agent.secrets import Secrets
from agent.transactions import Topic
from erp import building
from erp.running import Connectors
from erp.settings import ErpSettings


def connectors(settings: ErpSettings, work: WorkFile, kept: Secrets, on_change: Callable[[], None]) -> Connectors:
    """None of them runs yet."""
    return building.connectors(
        settings, StoreBooks(work), StoreDisk(), clock=work.now, password=kept.erp_password,
        keep_password=kept.keep_erp_password, on_change=on_change,
    )  # fmt: skip


def wakes(connectors: Connectors) -> Callable[[frozenset[Topic]], None]:
    """A document that was just written goes at once."""

    def heard(topics: frozenset[Topic]) -> None:
        if Topic.ERP in topics:
            connectors.wake()

    return heard
