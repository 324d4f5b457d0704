"""Printers over the local API: the real server, virtual printers, an agent.toml as a person wrote it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from agent.config import Settings, load
from agent.printing.listing import PrintersNow, SlipNow
from drivers.printers.base import Use
from drivers.virtual.printer import VirtualPrinter
from tests.agent.shell.conftest import Agent, running, seen

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.fixture
def config(tmp_path: Path, settings: Settings, printer: VirtualPrinter) -> Path:
    path = tmp_path / "agent.toml"
    path.write_text(
        f'secrets = "file"\npage_port = {settings.page_port}\n[voice]\nplayer = "page"\n\n'
        f'# at the counter\n[[printers]]\nname = "前台"\naddress = "{printer.address}"\npaper = 80   # wide\n',
        "utf-8",
    )
    return path


@pytest_asyncio.fixture(loop_scope="module")
async def agent(config: Path, keyring_as_found: None) -> AsyncIterator[Agent]:
    async with running(load(config), config) as made:
        yield made


async def listed(agent: Agent) -> PrintersNow:
    return await agent.get("/api/printers", PrintersNow)


async def test_each_printer_is_listed_with_settings_and_state(agent: Agent, printer: VirtualPrinter) -> None:
    now = await seen(lambda: listed(agent), lambda now: now.printers[0].state == "ready")
    [one] = now.printers
    assert (one.settings.name, one.address, one.settings.use) == ("前台", printer.address, Use.SHARED)
    assert (one.cause, one.paused, now.can_change) == ("", False, True)


async def test_the_last_slips_are_none_at_first(agent: Agent) -> None:
    assert await agent.get("/api/slips?limit=5", tuple[SlipNow, ...]) == ()
    assert await agent.get("/api/slips?limit=-1&printer=nobody", tuple[SlipNow, ...]) == ()
