"""Finding printers over the local API: on the loopback network only."""

import asyncio
from collections.abc import Iterator

import msgspec
import pytest

from agent.printing.nearby import FoundNow, FoundPrinter
from drivers.virtual.printer import VirtualPrinter
from drivers.virtual.replies import Identity
from tests.agent.shell.conftest import Agent
from tests.drivers.printers.finding.street import terrace
from tests.ports import free_port

pytestmark = pytest.mark.asyncio(loop_scope="module")

NETWORK = terrace(4)


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture
def stranger(port: int) -> Iterator[VirtualPrinter]:
    with VirtualPrinter(host=str(next(NETWORK.hosts())), port=port, identity=Identity(serial="V000002")) as made:
        yield made


async def find(agent: Agent, **wish: object) -> FoundNow:
    answer = await agent.client.post("/api/printers/find", json=wish, timeout=20)
    assert answer.status_code == 200, answer.text
    return msgspec.json.decode(answer.content, type=FoundNow)


def on_network(found: FoundNow) -> list[FoundPrinter]:
    return [each for each in found.printers if "network" in each.how]


async def test_a_person_asks_for_the_network(agent: Agent, stranger: VirtualPrinter, port: int) -> None:
    found = await find(agent, network=True, networks=[str(NETWORK)], port=port)
    (printer,) = on_network(found)
    assert (printer.address, printer.model, printer.answers) == (stranger.address, "YAOLINK VP-80", True)
    assert (printer.ours, printer.moved) == ("", False)
    assert (found.networks, found.looked_at, found.late) == ((str(NETWORK),), 2, 0)


async def test_unasked_no_network_is_gone_through(agent: Agent, stranger: VirtualPrinter, port: int) -> None:
    found = await find(agent, networks=[str(NETWORK)], port=port)
    assert (found.looked_at, on_network(found)) == (0, [])
    assert any("整个网络" in each.zh and "whole network" in each.en for each in found.advice) or found.printers


async def test_our_own_printer_is_not_disturbed(agent: Agent, printer: VirtualPrinter) -> None:
    """It is in use: many printers take one connection only."""
    found = await find(agent, network=True, networks=["127.0.0.1/32"], port=printer.port)
    assert (found.looked_at, on_network(found)) == (0, [])


async def test_one_search_at_a_time(agent: Agent) -> None:
    wish = {"network": True, "networks": [str(NETWORK)]}
    both = await asyncio.gather(*(agent.client.post("/api/printers/find", json=wish, timeout=20) for _ in range(2)))
    assert sorted(answer.status_code for answer in both) == [200, 409]
    refused = next(answer for answer in both if answer.status_code == 409)
    assert refused.json()["error"] == "still_looking"


@pytest.mark.parametrize(
    ("wish", "said"),
    [
        ({"networks": ["8.8.8.0/24"]}, "private"),
        ({"networks": ["here"]}, "networks"),
        ({"networks": ["10.0.0.0/24"] * 5}, "at most"),
        ({"port": 70000}, "port"),
    ],
)
async def test_an_absurd_wish_is_refused(agent: Agent, wish: dict[str, object], said: str) -> None:
    answer = await agent.post("/api/printers/find", wish)
    assert answer.status_code == 400
    assert said in answer.json()["message"]


async def test_nothing_is_looked_for_by_get(agent: Agent) -> None:
    assert (await agent.client.get("/api/printers/find")).status_code in (404, 405)
