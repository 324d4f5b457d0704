"""A store at work, and a desktop in front of it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from installer.demo.world import World
from tests.system.tray.desktop import Desktop
from tests.system.tray.store import Store


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """The demo's hub and its first store, whose agent hands its token over as it does under systemd."""
    folder = tmp_path_factory.mktemp("store")
    with World(folder / "world", hub_port=0, with_simulator=False) as world, pytest.MonkeyPatch.context() as patch:
        store = Store(world, folder / "run")
        patch.setenv("RUNTIME_DIRECTORY", str(store.run_folder))
        store.agent.stop()
        yield store


@pytest.fixture
def store(started: Store) -> Store:
    """At work, whatever the test before did to it."""
    started.mend()
    return started


@pytest.fixture
def desktop(tmp_path: Path) -> Iterator[Desktop]:
    with Desktop(tmp_path) as desktop:
        yield desktop
