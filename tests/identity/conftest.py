from pathlib import Path

import pytest

from tests.agent.shell.conftest import keyring_as_found as keyring_as_found
from tests.cloud.conftest import sqlite_template as sqlite_template
from tests.cloud.shell.conftest import hub as hub
from tests.identity.computer import Computer


@pytest.fixture
def computer(tmp_path: Path, keyring_as_found: None) -> Computer:
    return Computer(tmp_path / "store")
