"""The Windows program, built once and tried in a wine of the tests' own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from drivers.virtual.printer import VirtualPrinter
from installer.demo.world import World
from installer.windows import build as building
from installer.windows.setup.making import make_setup
from installer.windows.wine.prefix import Wine, wine
from installer.windows.wine.services import somebody_signed_in
from tests.system.windows.store import WindowsStore, free_port

OLDER = "0.0.9"


@pytest.fixture(scope="session")
def frozen() -> Path:
    """The folder with both programs; frozen anew only when the source has changed."""
    return building.frozen_program()


@pytest.fixture(scope="session")
def setup(frozen: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_setup(
        frozen, tmp_path_factory.mktemp("setup") / "setup.exe", building.version(), sign=False, small=False
    )


@pytest.fixture(scope="session")
def older_setup(frozen: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same programs under the version before."""
    return make_setup(frozen, tmp_path_factory.mktemp("older") / "setup.exe", OLDER, sign=False, small=False)


@pytest.fixture(scope="session")
def pc(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Wine]:
    """A fresh Windows with somebody signed in."""
    with wine(tmp_path_factory.mktemp("pc") / "wine", fresh=True) as opened, somebody_signed_in(opened):
        yield opened


@pytest.fixture(scope="session")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Headquarters alone, on this machine; wine shares its loopback."""
    world = World(tmp_path_factory.mktemp("hub"), hub_port=0, with_simulator=False)
    world.prepare()
    world.hub.start()
    try:
        world.hub.wait_ready()
        yield world
    finally:
        world.hub.stop()


@pytest.fixture
def printer() -> Iterator[VirtualPrinter]:
    with VirtualPrinter() as made:
        yield made


@pytest.fixture
def store(pc: Wine, hub: World, printer: VirtualPrinter) -> Iterator[WindowsStore]:
    """A PC on which nothing is installed, and is not afterwards either."""
    made = WindowsStore(pc, hub, printer.address, free_port())
    yield made
    if made.version is not None:
        made.uninstall("/PURGE")
