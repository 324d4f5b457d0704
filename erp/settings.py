"""The `[erp]` of a settings file, alike in agent.toml and hub.toml."""

import re
from pathlib import Path
from typing import Self

import msgspec

from erp.errors import BadMapping

_SQL_URL = re.compile(r"\w+(\+\w+)?://.*")
_PASSWORD = re.compile(r"://[^/@]*:[^/@]*@")


class ErpSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which connectors to the chain's ERP there are (docs/erp.md). `mapping` is the file that says how the ERP names
    things, `folder` the watched one, `sql` a database by its URL, without a password; `drivers` a folder with the
    database's Python driver, where the program does not bring it along."""

    api: bool = False
    mapping: str = ""
    folder: str = ""
    sql: str = ""
    drivers: str = ""

    @property
    def any(self) -> bool:
        return self.api or bool(self.folder or self.sql)

    def within(self, folder: Path) -> Self:
        """Relative paths are meant from there."""

        def meant(path: str) -> str:
            return path and str(folder / path)

        return msgspec.structs.replace(
            self, mapping=meant(self.mapping), folder=meant(self.folder), drivers=meant(self.drivers)
        )

    def refuse_absurd(self, program: str) -> None:
        """Raises BadMapping."""
        if (self.folder or self.sql) and not self.mapping:
            raise BadMapping("erp.mapping: folder and sql need it", hint="docs/erp.md begins with one")
        if self.sql and not _SQL_URL.fullmatch(self.sql):
            raise BadMapping(
                f"erp.sql: {self.sql!r} is no URL of a database", hint="postgresql+psycopg://reader@host/erp"
            )
        if _PASSWORD.search(self.sql):
            raise BadMapping("erp.sql: no password belongs in this file", hint=f"`{program} erp password` keeps it")
