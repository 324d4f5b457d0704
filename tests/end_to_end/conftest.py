"""The product as `make run` starts it, once for all end-to-end tests: real processes, sockets, ptys and files."""

from collections.abc import Iterator
from contextlib import ExitStack
from urllib.parse import urlsplit

import pytest

from installer.demo.world import World
from tests.end_to_end.loudspeaker import Loudspeaker
from tests.end_to_end.meituan import Meituan
from tests.end_to_end.shop import Shop
from tests.end_to_end.store_page import HubDesk
from tests.faults.proxy import FaultProxy

STORES = ("S001", "S002")


@pytest.fixture(scope="session")
def loudspeaker(tmp_path_factory: pytest.TempPathFactory) -> Loudspeaker:
    return Loudspeaker(tmp_path_factory.mktemp("loudspeaker"))


@pytest.fixture(scope="session")
def unstarted(tmp_path_factory: pytest.TempPathFactory) -> World:
    return World(tmp_path_factory.mktemp("world"), hub_port=0)


@pytest.fixture(scope="session")
def lines(unstarted: World) -> Iterator[dict[str, FaultProxy]]:
    """Between each store and the hub: clear, until a test spoils one and heals it."""
    port = urlsplit(unstarted.hub_url).port
    assert port is not None
    with ExitStack() as stack:
        yield {store: stack.enter_context(FaultProxy(port)) for store in STORES}


@pytest.fixture(scope="session")
def world(unstarted: World, lines: dict[str, FaultProxy], loudspeaker: Loudspeaker) -> Iterator[World]:
    unstarted.reached_at = {store: line.url for store, line in lines.items()}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", loudspeaker.path)
        with unstarted as running:
            yield running


@pytest.fixture
def meituan(world: World) -> Iterator[Meituan]:
    platform = Meituan(world)
    platform.switch(auto_rider=False, retry_delays=[0.5, 1.0, 2.0, 4.0, 8.0, 16.0])
    yield platform
    platform.close()


@pytest.fixture
def desk(world: World) -> Iterator[HubDesk]:
    opened = HubDesk(world.hub_url, world.manifest.hub.operator_token)
    yield opened
    opened.close()


@pytest.fixture
def shop(world: World) -> Iterator[Shop]:
    """The store whose orders the hub accepts at once."""
    opened = Shop(world, "S001")
    yield opened
    opened.page.close()


@pytest.fixture
def clerks_shop(world: World) -> Iterator[Shop]:
    """The store where the clerk accepts."""
    opened = Shop(world, "S002")
    yield opened
    opened.page.close()
