"""A store at work, and a desktop in front of it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from installer.demo.world import World
from tests.system.tray.desktop import Desktop
from tests.system.tray.store import Store


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    """The demo's hub and its first store, whose agent hands its token over as it does under systemd."""
    with World(tmp_path / "world", hub_port=0, with_simulator=False) as world:
        store = Store(world, tmp_path / "run")
        monkeypatch.setenv("RUNTIME_DIRECTORY", str(store.run_folder))
        store.restart()
        yield store


@pytest.fixture
def desktop(tmp_path: Path) -> Iterator[Desktop]:
    with Desktop(tmp_path) as desktop:
        yield desktop
