from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio

from cloud.channels.meituan import MeituanChannel, Settings
from tests.cloud.channels.meituan.forms import NOW, SECRET
from tests.cloud.channels.meituan.platform import Platform, running


@pytest.fixture
def platform() -> Iterator[Platform]:
    with running() as platform:
        yield platform


@pytest_asyncio.fixture
async def meituan(platform: Platform) -> AsyncIterator[MeituanChannel]:
    """A channel whose platform is on this machine."""
    settings = Settings(app_id="4012", secret=SECRET, base_url=platform.base_url, timeout_seconds=2.0)
    channel = MeituanChannel(settings, clock=lambda: NOW)
    yield channel
    await channel.close()
