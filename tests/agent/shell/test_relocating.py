"""A printer that comes back at another address is used there, if it is the same one: by its serial number, for the
loopback network has no cards."""

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import quote

import pytest
import pytest_asyncio

from agent.config import Settings, load
from agent.printing.listing import PrinterNow, PrintersNow
from drivers.virtual.printer import VirtualPrinter
from drivers.virtual.replies import Identity
from tests.agent.shell.conftest import Agent, running
from tests.awaiting import seen
from tests.drivers.printers.finding.street import announcing, house, number, terrace

pytestmark = pytest.mark.asyncio(loop_scope="module")

OURS, OTHER = Identity(serial=number("ours")), Identity(serial=number("other"))
NAME = "前台"


@pytest.fixture
def street() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


@pytest.fixture
def config(tmp_path: Path, settings: Settings) -> Path:
    path = tmp_path / "agent.toml"
    path.write_text(f'secrets = "file"\npage_port = {settings.page_port}\n[voice]\nplayer = "page"\n', "utf-8")
    return path


@pytest_asyncio.fixture(loop_scope="module")
async def agent(config: Path, keyring_as_found: None) -> AsyncIterator[Agent]:
    async with running(load(config), config) as made:
        yield made


def forbid_writing(config: Path) -> None:
    config.chmod(0o444)


async def one(agent: Agent) -> PrinterNow:
    (printer,) = (await agent.get("/api/printers", PrintersNow)).printers
    return printer


async def added(agent: Agent, printer: VirtualPrinter) -> None:
    answer = await agent.post("/api/printers", {"name": NAME, "address": printer.address})
    assert answer.status_code == 200, answer.text
    await seen(lambda: one(agent), lambda now: (now.state, now.identity) == ("ready", f"serial:{OURS.serial}"))


async def wanted(agent: Agent) -> None:
    """A slip for it, which makes the agent notice where it is not."""
    answer = await agent.post(f"/api/printers/{quote(NAME)}/test")
    assert answer.status_code == 200, answer.text


async def test_it_prints_at_the_new_address_and_the_settings_say_so(
    agent: Agent, config: Path, street: ExitStack, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "agent.printing.relocating")
    with VirtualPrinter(host=house(), identity=OURS) as before:
        await added(agent, before)
    await wanted(agent)
    await seen(lambda: one(agent), lambda now: now.cause == "unreachable")
    now = street.enter_context(VirtualPrinter(host=house(), identity=OURS))
    await asyncio.to_thread(street.enter_context, announcing("moved", now.host, now.port))
    printer = await seen(lambda: one(agent), lambda shown: shown.state == "ready")
    assert printer.address == now.address
    assert [each.address for each in load(config).printers] == [now.address]
    now.wait_for_slips(1)
    assert [record.getMessage() for record in caplog.records if "moved" in record.getMessage()] == [
        f"printer {NAME} moved from {before.address} to {now.address}: it is serial:{OURS.serial}"
    ]


async def test_somebody_elses_printer_is_not_used(agent: Agent, config: Path, street: ExitStack) -> None:
    with VirtualPrinter(host=house(), identity=OURS) as before:
        await added(agent, before)
    other = street.enter_context(VirtualPrinter(host=house(), identity=OTHER))
    await asyncio.to_thread(street.enter_context, announcing("another", other.host, other.port))
    await wanted(agent)
    await seen(lambda: one(agent), lambda now: now.cause == "unreachable")
    answer = await agent.client.post("/api/printers/find", json={}, timeout=20)  # sees the other one too
    assert other.address in {each["address"] for each in answer.json()["printers"]}
    assert (await one(agent)).address == before.address
    assert other.slips == []
    assert [each.address for each in load(config).printers] == [before.address]


async def test_a_persons_search_finds_one_that_does_not_announce_itself(agent: Agent, street: ExitStack) -> None:
    network = terrace(4)
    first, second = network.hosts()
    with VirtualPrinter(host=str(first), identity=OURS) as before:
        await added(agent, before)
    await wanted(agent)
    await seen(lambda: one(agent), lambda now: now.cause == "unreachable")
    now = street.enter_context(VirtualPrinter(host=str(second), port=before.port, identity=OURS))
    wish = {"network": True, "networks": [str(network)], "port": before.port}
    answer = await agent.client.post("/api/printers/find", json=wish, timeout=20)
    (found,) = [each for each in answer.json()["printers"] if each["address"] == now.address]
    assert (found["ours"], found["moved"]) == (NAME, True)
    await seen(lambda: one(agent), lambda shown: (shown.state, shown.address) == ("ready", now.address))
    now.wait_for_slips(1)


async def test_a_settings_file_that_may_not_be_written_does_not_keep_it_from_printing(
    agent: Agent, config: Path, street: ExitStack
) -> None:
    with VirtualPrinter(host=house(), identity=OURS) as before:
        await added(agent, before)
    forbid_writing(config)
    await wanted(agent)
    now = street.enter_context(VirtualPrinter(host=house(), identity=OURS))
    await asyncio.to_thread(street.enter_context, announcing("moved", now.host, now.port))
    await seen(lambda: one(agent), lambda shown: (shown.state, shown.address) == ("ready", now.address))
    now.wait_for_slips(1)
    assert [each.address for each in load(config).printers] == [before.address]
