"""The connectors that the settings name, built; a mapping that cannot be used is said on the page and keeps nobody from
working."""

import logging
from collections.abc import Callable
from pathlib import Path

from domain.times import Clock
from erp import mapping
from erp.books import Books
from erp.errors import BadMapping
from erp.folder.disk import Disk
from erp.folder.folder import Folder
from erp.mapping import Mapping
from erp.running import Connector, Connectors
from erp.settings import ErpSettings

log = logging.getLogger(__name__)
Password = Callable[[], str | None]


def connectors(
    settings: ErpSettings,
    books: Books,
    disk: Disk,
    *,
    clock: Clock,
    password: Password,
    keep_password: Callable[[str], None],
    on_change: Callable[[], None],
    of_chain: bool = False,
) -> Connectors:
    """None of them runs yet. `of_chain`: headquarters', for all of its stores."""
    problem, built = "", list[Connector]()
    if settings.folder or settings.sql:
        try:
            named = mapping.load(Path(settings.mapping), of_chain=of_chain)
            built = _built(settings, named, books, disk, password)
        except BadMapping as error:
            problem = f"{error} ({error.hint})" if error.hint else str(error)
            log.error("the ERP's connectors do not run: %s", problem)
    return Connectors(built, clock=clock, on_change=on_change, keep_password=keep_password, problem=problem)


def _built(settings: ErpSettings, named: Mapping, books: Books, disk: Disk, password: Password) -> list[Connector]:
    """SQLAlchemy is slow to import, and most stores have none of it."""
    made: list[Connector] = []
    if settings.folder:
        made.append(Folder(Path(settings.folder), named, books, disk))
    if settings.sql:
        from erp.sql.database import Database
        from erp.sql.sql import Sql

        made.append(Sql(named, Database(settings.sql, password, settings.drivers), books))
    return made
