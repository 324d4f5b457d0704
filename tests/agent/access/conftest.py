from collections.abc import AsyncIterator

import httpx
import keyring.core
import pytest
import pytest_asyncio

from agent.config import SecretsPlace, Settings
from tests.agent.shell.conftest import Agent, running
from tests.ports import free_port


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    folder = tmp_path_factory.mktemp("agent")
    return Settings(data=str(folder / "data"), page_port=free_port(), secrets=SecretsPlace.FILE)


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def agent(settings: Settings) -> AsyncIterator[Agent]:
    """One for a whole file: what these callers try must not change anything."""
    before = keyring.core._keyring_backend
    async with running(settings) as made:
        yield made
    keyring.core._keyring_backend = before


@pytest_asyncio.fixture(loop_scope="module")
async def browser(agent: Agent) -> AsyncIterator[httpx.AsyncClient]:
    """Signed in by a link, as a person's."""
    async with httpx.AsyncClient(base_url=agent.url, follow_redirects=True, timeout=30) as made:
        assert (await made.get(await agent.link())).status_code == 200
        yield made


@pytest_asyncio.fixture(loop_scope="module")
async def stranger(agent: Agent) -> AsyncIterator[httpx.AsyncClient]:
    """Any other program of this computer."""
    async with httpx.AsyncClient(base_url=agent.url, timeout=30) as made:
        yield made
