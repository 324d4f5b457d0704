"""Reading changes nothing: every page and every question of the API is asked, and the data are the same afterwards."""

from collections.abc import AsyncIterator, Iterator
from contextlib import closing
from pathlib import Path

import pytest
import pytest_asyncio

from agent.config import PrinterSettings, Settings
from agent.engine import sqlite3
from agent.server import HANDLERS
from agent.storage.room import RESERVE
from domain.events import CATALOGUE, OrderPlaced, ProductPut, StockSet, store_log
from domain.quantity import units
from drivers.virtual.printer import VirtualPrinter
from tests.agent.core.hub import AMOXICILLIN, order
from tests.agent.shell.conftest import Agent, running
from tests.agent.shell.fake_hub import FakeHub, fake_hub
from tests.awaiting import seen, until
from tests.contents import contents

pytestmark = pytest.mark.asyncio(loop_scope="module")

ENDLESS = {"/api/changes"}


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def hub() -> AsyncIterator[FakeHub]:
    async with fake_hub() as made:
        yield made


@pytest.fixture(scope="module")
def printer() -> Iterator[VirtualPrinter]:
    with VirtualPrinter() as made:
        yield made


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def agent(settings: Settings, printer: VirtualPrinter, hub: FakeHub) -> AsyncIterator[Agent]:
    """With an order, a slip, a product: something that reading could change."""
    settings = Settings(
        data=settings.data,
        page_port=settings.page_port,
        secrets=settings.secrets,
        printers=(PrinterSettings("前台", printer.address),),
    )
    async with running(settings) as made:
        await made.pair(hub)
        await until(lambda: hub.streams == 1)
        await hub.tell(CATALOGUE, ProductPut(AMOXICILLIN))
        log = store_log("S1")
        await hub.tell(log, StockSet("AMX", units(10), "B-02"), OrderPlaced(order()))
        await seen(made.order, lambda view: view is not None and any(slip.state == "printed" for slip in view.slips))
        yield made


BY_THEMSELVES = ("job_runs", "facts ('line_lost_at'")
"""What runs by the clock runs meanwhile too, and on a machine that stalls a line is silent for a moment."""


def dump(folder: Path) -> dict[str, list[str]]:
    """Every row of every table, read by the library that the agent in this process uses."""
    found = {}
    for path in sorted(folder.rglob("*.db")):
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as db:
            tables = db.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
            rows = [f"{name} {tuple(row)}" for (name,) in tables for row in db.execute(f'SELECT * FROM "{name}"')]
        found[path.name] = [row for row in rows if not row.startswith(BY_THEMSELVES)]
    return found


def files(folder: Path) -> dict[str, bytes]:
    """What is no database, no log and not the room set by for a full disk, which is written beside the first work."""
    return {
        path.name: content
        for path, content in contents(folder).items()
        if ".db" not in path.name and path.suffix != ".log" and path.name != RESERVE
    }


async def questions(agent: Agent) -> list[str]:
    """Every path that answers GET, with what is really there in place of its parameters, and with what is not."""
    view = await agent.order()
    assert view is not None
    there = {"{order_id:str}": "o1", "{slip_id:str}": view.slips[0].slip_id}
    asked = []
    for handler in HANDLERS:
        if "GET" not in {str(method) for method in handler.http_methods}:
            continue
        for path in handler.paths:
            parts = path.split("/")
            for names in (there, {}):
                asked.append("/".join(names.get(part, "1") if part.startswith("{") else part for part in parts))
    return sorted(set(asked) - ENDLESS)


async def test_nothing_changes_whatever_is_read(agent: Agent) -> None:
    folder = agent.settings.folder
    await seen(agent.state, lambda state: state.outbox.depth == 0)
    before = dump(folder), files(folder)
    asked = await questions(agent)
    assert len(asked) > 10 and "/api/orders/o1" in asked and "/orders/o1/pick" in asked
    answered = []
    for path in asked:
        for method in ("GET", "HEAD"):
            for query in ("", "?find=1&order_id=o1&printed=true&choice=cancel&_method=POST"):
                answer = await agent.client.request(method, path + query, headers={"Content-Type": "application/json"})
                assert answer.status_code < 500, (method, path, answer.text)
                answered.append(answer.status_code)
    assert answered.count(200) > 10
    assert (dump(folder), files(folder)) == before


async def test_the_comparison_would_see_a_change(agent: Agent) -> None:
    before = dump(agent.settings.folder)
    assert (await agent.post("/api/orders/o1/start")).status_code == 200
    assert dump(agent.settings.folder) != before
