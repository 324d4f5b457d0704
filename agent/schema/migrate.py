"""Bringing a data file up to date. A file that a later program wrote is left alone."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import sqlite_utils
from sqlite_utils.migrations import Migrations

from agent.engine import Connection
from agent.errors import SchemaTooNew


@dataclass(frozen=True, slots=True)
class Schema:
    """What a file's tables have been through, oldest step first. A step that was shipped is never changed."""

    name: str
    steps: Mapping[str, Sequence[str]]


def bring_up_to_date(connection: Connection, schema: Schema, path: str) -> None:
    """Each step succeeds whole or not at all. Raises SchemaTooNew, having changed nothing."""
    db = sqlite_utils.Database(connection)
    migrations = Migrations(schema.name)
    for step, statements in schema.steps.items():
        migrations(name=step)(_runner(statements))
    unknown = [step.name for step in migrations.applied(db) if step.name not in schema.steps]
    if unknown:
        raise SchemaTooNew(f"{path} was written by a newer version of this program (steps {', '.join(unknown)})")
    if migrations.pending(db):
        migrations.apply(db)


def _runner(statements: Sequence[str]) -> Callable[[sqlite_utils.Database], None]:
    def run(db: sqlite_utils.Database, /) -> None:
        for statement in statements:
            db.execute(statement)

    return run
