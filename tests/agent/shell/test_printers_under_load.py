"""Printers come, change and go while orders arrive: no slip is lost, none comes out twice."""

import asyncio
import re
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from agent.config import Settings, load
from agent.printing.listing import SlipNow
from domain.events import CATALOGUE, OrderPlaced, ProductPut, StockSet, store_log
from domain.quantity import units
from drivers.virtual.printer import VirtualPrinter
from tests.agent.core.hub import AMOXICILLIN, IBUPROFEN, order
from tests.agent.shell.conftest import Agent, running
from tests.agent.shell.fake_hub import FakeHub
from tests.awaiting import seen, until

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


def set_address(config: Path, address: str) -> None:
    text = config.read_text("utf-8")
    config.write_text(re.sub(r'address = ".*"', f'address = "{address}"', text), "utf-8")


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


async def slip_of(agent: Agent, holds: Callable[[SlipNow], object]) -> SlipNow:
    slips = await seen(lambda: last_slips(agent), lambda slips: slips and holds(slips[0]))
    return slips[0]


async def one_order(agent: Agent, hub: FakeHub) -> None:
    await agent.pair(hub)
    await until(lambda: hub.streams == 1)
    await hub.tell(CATALOGUE, ProductPut(AMOXICILLIN), ProductPut(IBUPROFEN))
    await hub.tell(LOG, StockSet("AMX", units(1000), "A-01"), StockSet("IBU", units(1000), "B-02"))
    await hub.tell(LOG, OrderPlaced(order("o1")))


async def test_a_slip_in_hand_is_finished_before_its_printer_goes(
    config: Path, hub: FakeHub, keyring_as_found: None
) -> None:
    with VirtualPrinter(speed=60) as slow:
        set_address(config, slow.address)
        async with running(load(config), config) as agent:
            await one_order(agent, hub)
            await slip_of(agent, lambda one: one.slip.state == "confirming")
            await change(agent, "/A/remove")
            one = await slip_of(agent, lambda one: one.slip.state in ("printed", "unknown"))
            assert (one.slip.state, one.slip.printer, len(slow.slips)) == ("printed", "A", 1)


async def test_one_that_cannot_be_finished_is_of_unknown_fate_and_sent_to_nobody_else(
    config: Path, hub: FakeHub, printers: list[VirtualPrinter], keyring_as_found: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("agent.printing.printer_set._FINISH_S", 0.3)
    printers[0].fault("paper_out", after_lines=5)
    async with running(load(config), config) as agent:
        await one_order(agent, hub)
        await slip_of(agent, lambda one: one.slip.state == "confirming")
        await change(agent, "", {"name": "B", "address": printers[1].address})
        await change(agent, "/A/remove")
        one = await slip_of(agent, lambda one: one.slip.state == "unknown")
        assert (one.slip.printer, one.slip.copy) == ("A", 0)
        printers[0].fault(None)
        await asyncio.to_thread(printers[0].wait_for_slips, 1)
        await asyncio.sleep(0.3)
        assert printers[1].slips == []


async def test_what_was_not_sent_goes_to_whoever_prints_it(
    config: Path, hub: FakeHub, printers: list[VirtualPrinter], keyring_as_found: None
) -> None:
    printers[0].fault("cover_open")
    async with running(load(config), config) as agent:
        await one_order(agent, hub)
        await slip_of(agent, lambda one: one.slip.state == "held")
        await change(agent, "/A/test")
        await change(agent, "", {"name": "B", "address": printers[1].address})
        await change(agent, "/A/remove")
        await asyncio.to_thread(printers[1].wait_for_slips, 1)
        slips = await seen(
            lambda: last_slips(agent),
            lambda slips: (
                {(one.slip.kind, one.slip.state) for one in slips} == {("picking", "printed"), ("test", "withdrawn")}
            ),
        )
        assert {one.slip.cause for one in slips} == {"", "printer_removed"}
        assert len(printers[1].slips) == 1 and printers[0].slips == []


async def test_the_service_stops_at_once_though_a_printer_is_leaving(
    config: Path, hub: FakeHub, printers: list[VirtualPrinter], keyring_as_found: None
) -> None:
    printers[0].fault("paper_out", after_lines=5)
    async with running(load(config), config) as agent:
        await one_order(agent, hub)
        await slip_of(agent, lambda one: one.slip.state == "confirming")
        await change(agent, "/A/remove")
        await asyncio.sleep(0.1)
        began = time.monotonic()
    assert time.monotonic() - began < 50  # else it is waited for, until the printer has paper


async def test_no_slip_is_lost_and_none_comes_out_twice(
    config: Path, hub: FakeHub, printers: list[VirtualPrinter], keyring_as_found: None
) -> None:
    async with running(load(config), config) as agent:
        await one_order(agent, hub)
        meddling = asyncio.create_task(meddle(agent, printers))
        for number in range(2, ORDERS + 1):
            await hub.tell(LOG, OrderPlaced(order(f"o{number}")))
            await asyncio.sleep(0.02)
        await meddling
        slips = await seen(
            lambda: last_slips(agent),
            lambda slips: len(slips) == ORDERS and all(slip.slip.state == "printed" for slip in slips),
            within=60,
        )
        proven = {slip.slip.evidence for slip in slips}
        assert "A" in proven and proven <= {"A", "B"}, "B while one that has slips waiting was not asked for more yet"
    out = Counter(int(number) for each in printers for slip in each.slips for number in _CALLED.findall(slip.text)[:1])
    assert out == Counter(range(1, ORDERS + 1))
    assert all(each.slips for each in printers[:2])
