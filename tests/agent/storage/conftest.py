from pathlib import Path

import pytest

from tests.agent.core.conftest import cache, clock, work
from tests.agent.storage import store_files

__all__ = ["cache", "clock", "work"]


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store's data folder, checkpointed: all of it in the main files."""
    folder = tmp_path_factory.mktemp("made")
    store_files.furnish(folder)
    return folder
