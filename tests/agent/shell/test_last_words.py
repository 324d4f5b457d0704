"""A service that cannot start leaves word of it: exit code, sentence, and the tray in Chinese."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from agent.commands.base import CANNOT_START
from agent.engine import sqlite3
from agent.last_words import clear
from agent.tray import view
from agent.tray.hand import NoService, handed
from tests.agent.storage import store_files
from tests.agent.storage.conftest import made

__all__ = ["made"]


@pytest.fixture
def newer(made: Path, tmp_path: Path) -> Path:
    """A config whose data a later version wrote."""
    path = store_files.copy(made, tmp_path / "data")
    with sqlite3.connect(path) as db:
        db.execute("INSERT INTO _sqlite_migrations (migration_set, name, applied_at) VALUES ('work', 'later', '2027')")
    db.close()
    config = tmp_path / "agent.toml"
    config.write_text('data = "data"\nsecrets = "file"\npage_port = 0\n', encoding="utf-8")
    return config


def test_a_newer_file_keeps_the_service_from_starting_and_the_tray_says_why(newer: Path, tmp_path: Path) -> None:
    run_folder = tmp_path / "run"
    run_folder.mkdir()
    done = subprocess.run(
        [sys.executable, "-m", "agent.cli", "--config", str(newer), "run"],
        env=os.environ | {"RUNTIME_DIRECTORY": str(run_folder)},
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == CANNOT_START
    assert "newer version" in done.stderr and "later" in done.stderr and "Traceback" not in done.stderr
    with pytest.raises(NoService) as nobody:
        handed(run_folder / "tray.sock", "http://127.0.0.1:1/")
    shown = view.not_running(view.starting(), nobody.value.said)
    assert "请重新安装新版本" in shown.lines[0]
    clear(run_folder)
    with pytest.raises(NoService) as again:
        handed(run_folder / "tray.sock", "http://127.0.0.1:1/")
    assert again.value.said == {}
