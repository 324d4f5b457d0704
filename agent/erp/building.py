"""The connectors that agent.toml names, built; a mapping that cannot be used is said on the page and keeps nobody from
working."""

import logging
from collections.abc import Callable
from pathlib import Path

from agent.erp.store_books import StoreBooks, StoreDisk
from agent.files import WorkFile
from agent.secrets import Secrets
from agent.transactions import Topic
from erp import mapping
from erp.errors import BadMapping
from erp.folder.folder import Folder
from erp.mapping import Mapping
from erp.running import Connector, Connectors
from erp.settings import ErpSettings

log = logging.getLogger(__name__)


def connectors(settings: ErpSettings, work: WorkFile, kept: Secrets, on_change: Callable[[], None]) -> Connectors:
    """None of them runs yet."""
    problem, built = "", list[Connector]()
    if settings.folder or settings.sql:
        try:
            built = _built(settings, mapping.load(Path(settings.mapping)), work, kept)
        except BadMapping as error:
            problem = f"{error} ({error.hint})" if error.hint else str(error)
            log.error("the ERP's connectors do not run: %s", problem)
    return Connectors(built, clock=work.now, on_change=on_change, keep_password=kept.keep_erp_password, problem=problem)


def wakes(connectors: Connectors) -> Callable[[frozenset[Topic]], None]:
    """A document that was just written goes at once."""

    def heard(topics: frozenset[Topic]) -> None:
        if Topic.ERP in topics:
            connectors.wake()

    return heard


def _built(settings: ErpSettings, named: Mapping, work: WorkFile, kept: Secrets) -> list[Connector]:
    """SQLAlchemy is slow to import, and most stores have none of it."""
    made: list[Connector] = []
    books = StoreBooks(work)
    if settings.folder:
        made.append(Folder(Path(settings.folder), named, books, StoreDisk()))
    if settings.sql:
        from erp.sql.database import Database
        from erp.sql.sql import Sql

        made.append(Sql(named, Database(settings.sql, kept.erp_password, settings.drivers), books))
    return made
