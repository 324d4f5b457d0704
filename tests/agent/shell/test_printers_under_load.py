"""Printers come, change and go while orders arrive: no slip is lost, none comes out twice."""

import asyncio
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from agent.config import Settings, load
from agent.printing.listing import SlipNow
from domain.events import CATALOGUE, OrderPlaced, ProductPut, StockSet, store_log
from domain.quantity import units
from drivers.virtual.printer import VirtualPrinter
from tests.agent.core.hub import AMOXICILLIN, IBUPROFEN, order
from tests.agent.shell.conftest import Agent, running, seen, until
from tests.agent.shell.fake_hub import FakeHub

pytestmark = pytest.mark.asyncio(loop_scope="module")

LOG = store_log("S1")
ORDERS = 60
_CALLED = re.compile(r"美团 #(\d+)")


@pytest.fixture
def printers() -> Iterator[list[VirtualPrinter]]:
    with ExitStack() as stack:
        yield [stack.enter_context(VirtualPrinter()) for _ in range(3)]


@pytest.fixture
def config(tmp_path: Path, settings: Settings, printers: list[VirtualPrinter]) -> Path:
    path = tmp_path / "agent.toml"
    path.write_text(
        f'secrets = "file"\npage_port = {settings.page_port}\n[voice]\nplayer = "page"\n'
        f'[[printers]]\nname = "A"\naddress = "{printers[0].address}"\n',
        "utf-8",
    )
    return path


async def change(agent: Agent, path: str, body: dict[str, object] | None = None) -> None:
    answer = await agent.post(f"/api/printers{path}", body or {})
    assert answer.status_code == 200, answer.text


async def meddle(agent: Agent, printers: list[VirtualPrinter]) -> None:
    """As a restless manager does; all of it while slips come out."""
    first, second, third = printers
    await change(agent, "", {"name": "B", "address": second.address})
    await change(agent, "/A/change", {"changes": {"paper": 58, "backup": "B"}})
    await change(agent, "/A/pause")
    await change(agent, "/B/change", {"changes": {"name": "till", "use": "ours"}})
    await change(agent, "", {"name": "C", "address": third.address, "prints": ["stop"]})
    await change(agent, "/A/resume")
    await change(agent, "/C/change", {"changes": {"prints": None}})
    await change(agent, "/till/remove")
    await change(agent, "/A/remove")
    await change(agent, "", {"name": "A", "address": first.address, "paper": 58})
    await change(agent, "/C/change", {"changes": {"address": second.address}})


async def last_slips(agent: Agent) -> tuple[SlipNow, ...]:
    return await agent.get("/api/slips?limit=200", tuple[SlipNow, ...])


async def test_no_slip_is_lost_and_none_comes_out_twice(
    config: Path, hub: FakeHub, printers: list[VirtualPrinter], keyring_as_found: None
) -> None:
    async with running(load(config), config) as agent:
        await agent.pair(hub)
        await until(lambda: hub.streams == 1)
        await hub.tell(CATALOGUE, ProductPut(AMOXICILLIN), ProductPut(IBUPROFEN))
        await hub.tell(LOG, StockSet("AMX", units(1000), "A-01"), StockSet("IBU", units(1000), "B-02"))
        meddling = asyncio.create_task(meddle(agent, printers))
        for number in range(1, ORDERS + 1):
            await hub.tell(LOG, OrderPlaced(order(f"o{number}")))
            await asyncio.sleep(0.02)
        await meddling
        slips = await seen(
            lambda: last_slips(agent),
            lambda slips: len(slips) == ORDERS and all(slip.slip.state == "printed" for slip in slips),
            within=20,
        )
        assert {slip.slip.evidence for slip in slips} == {"A"}
    out = Counter(int(number) for each in printers for slip in each.slips for number in _CALLED.findall(slip.text)[:1])
    assert out == Counter(range(1, ORDERS + 1))
    assert all(each.slips for each in printers[:2])
