"""The connectors that hub.toml names, built; a mapping that cannot be used is said on the page and keeps no order from
coming in."""

import logging
from functools import partial
from pathlib import Path

from cloud import secrets
from cloud.erp.hub_books import HubBooks, HubDisk
from domain.times import Clock
from erp import mapping
from erp.errors import BadMapping
from erp.folder.folder import Folder
from erp.mapping import Mapping
from erp.running import Connector, Connectors
from erp.settings import ErpSettings
from erp.sql.database import Database
from erp.sql.sql import Sql

log = logging.getLogger(__name__)


def connectors(settings: ErpSettings, data: Path, books: HubBooks, clock: Clock) -> Connectors:
    """None of them runs yet."""
    problem, built = "", list[Connector]()
    if settings.folder or settings.sql:
        try:
            built = _built(settings, mapping.load(Path(settings.mapping), of_chain=True), books, data)
        except BadMapping as error:
            problem = f"{error} ({error.hint})" if error.hint else str(error)
            log.error("the ERP's connectors do not run: %s", problem)
    keep = partial(secrets.set_erp_password, data)
    return Connectors(built, clock=clock, on_change=lambda: None, keep_password=keep, problem=problem)


def _built(settings: ErpSettings, named: Mapping, books: HubBooks, data: Path) -> list[Connector]:
    made: list[Connector] = []
    if settings.folder:
        made.append(Folder(Path(settings.folder), named, books, HubDisk()))
    if settings.sql:
        made.append(Sql(named, Database(settings.sql, partial(secrets.erp_password, data), settings.drivers), books))
    return made
