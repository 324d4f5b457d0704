import shutil
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.cloud.shell.carrying import shell as shell
from tests.cloud.shell.serving import RunningHub


@pytest.fixture
def hub(tmp_path: Path, sqlite_template: Path) -> Iterator[RunningHub]:
    (tmp_path / "data").mkdir()
    shutil.copy(sqlite_template, tmp_path / "data" / "hub.db")  # to migrate a new one is half of a hub's start
    running = RunningHub(tmp_path / "data").start()
    yield running
    running.close()


@pytest.fixture(scope="session")
def untouched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningHub]:
    """One for all tests that change nothing."""
    running = RunningHub(tmp_path_factory.mktemp("untouched")).start()
    yield running
    running.close()


@pytest.fixture
def operator(hub: RunningHub) -> httpx.Client:
    return hub.operator()
