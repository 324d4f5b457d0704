"""The product as `make run` starts it, once for all end-to-end tests: real processes, sockets, ptys and files."""

from collections.abc import Iterator

import pytest

from installer.demo.world import World
from tests.end_to_end.loudspeaker import Loudspeaker
from tests.end_to_end.meituan import Meituan
from tests.end_to_end.shop import Shop
from tests.end_to_end.store_page import HubDesk


@pytest.fixture(scope="session")
def loudspeaker(tmp_path_factory: pytest.TempPathFactory) -> Loudspeaker:
    return Loudspeaker(tmp_path_factory.mktemp("loudspeaker"))


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory, loudspeaker: Loudspeaker) -> Iterator[World]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", loudspeaker.path)
        with World(tmp_path_factory.mktemp("world"), hub_port=0) as running:
            yield running


@pytest.fixture
def meituan(world: World) -> Iterator[Meituan]:
    platform = Meituan(world)
    platform.switch(auto_rider=False, retry_delays=[0.5, 1.0, 2.0, 4.0])
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
