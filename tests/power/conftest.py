"""The recorder, built once, and a place in memory: what is asked here is not how fast the disk is."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.power import shim

_MEMORY = Path("/dev/shm")


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return shim.build(tmp_path_factory.mktemp("shim"))


@pytest.fixture
def place() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="yaolink-power-", dir=_MEMORY if _MEMORY.is_dir() else None) as folder:
        yield Path(folder)
