"""A paired agent with training on, as programs of this computer see both servers."""

from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import httpx
import pytest_asyncio

from agent.access.token import TOKEN_FILE
from agent.training.sandbox import FOLDER
from tests.agent.shell.conftest import (
    Agent,
    agent,
    hub,
    keyring_as_found,
    paired,
    printer,
    scanner,
    settings,
)

__all__ = ["Training", "agent", "hub", "keyring_as_found", "paired", "printer", "scanner", "settings", "training"]


class Training(Agent):
    """The training server, by its own token."""

    def __init__(self, real: Agent, url: str) -> None:
        folder = real.settings.folder / FOLDER
        self.settings = real.settings
        self.real, self.folder = real, folder
        self.token = (folder / TOKEN_FILE).read_text()
        self.url = f"http://{urlsplit(url).netloc}"
        self.client = httpx.AsyncClient(
            base_url=self.url, headers={"Authorization": f"Bearer {self.token}"}, timeout=30
        )

    async def next(self) -> str:
        answer = await self.post("/api/practice/next")
        assert answer.status_code == 200, answer.text
        return str(answer.json()["order_id"])


async def turn_on(real: Agent) -> str:
    answer = await real.post("/api/training", {"on": True})
    assert answer.status_code == 200, answer.text
    return str(answer.json()["url"])


@pytest_asyncio.fixture(loop_scope="module")
async def training(paired: Agent) -> AsyncIterator[Training]:
    made = Training(paired, await turn_on(paired))
    yield made
    await made.client.aclose()
