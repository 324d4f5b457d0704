"""Training beside the real agent: one switch, the real work undisturbed, and nothing that leaves or stays."""

import asyncio
from pathlib import Path

import httpx
import msgspec
import pytest

from agent.config import Settings
from agent.training.sandbox import FOLDER
from domain.events import CATALOGUE, OrderPlaced, ProductPut, StockSet, store_log
from domain.orders import OrderState
from domain.products import Product
from domain.quantity import units
from drivers.virtual.printer import VirtualPrinter
from drivers.virtual.scanner import VirtualScanner
from tests.agent.core.hub import order
from tests.agent.shell.conftest import Agent, running
from tests.agent.shell.fake_hub import FakeHub
from tests.agent.training.conftest import Training, turn_on
from tests.awaiting import seen, until
from tests.contents import contents

pytestmark = pytest.mark.asyncio(loop_scope="module")

LOG = store_log("S1")


async def picked(training: Training, order_id: str) -> None:
    """With the codes that its page shows."""
    assert (await training.post(f"/api/orders/{order_id}/start")).status_code == 200
    page = (await training.client.get(f"/orders/{order_id}/pick")).text
    codes = [part.partition('"')[0] for part in page.split('data-code="')[1:]]
    for code in codes[:-1]:  # the last is the stranger
        await training.post("/api/scan", {"text": code, "order_id": order_id})


async def test_a_practice_order_goes_its_whole_way(training: Training) -> None:
    state = await training.state()
    assert (state.training, state.store, [printer.name for printer in state.printers]) == (True, "S1", ["练习打印机"])
    order_id = await training.next()
    view = await seen(lambda: training.order(order_id), lambda view: view and view.slips[0].state == "printed")
    assert view is not None and view.slips[0].evidence in ("A", "B")
    shown = await training.client.get(f"/api/slips/{view.slips[0].slip_id}/preview")
    assert "【练习】" in shown.json()["text"].splitlines()[0]
    paper = await training.client.get("/practice/paper/1")
    assert paper.content.startswith(b"\x89PNG")
    await picked(training, order_id)
    await seen(lambda: training.order(order_id), lambda view: view and view.card.state is OrderState.PICKED)
    await training.post(f"/api/orders/{order_id}/hand-over")
    await seen(lambda: training.order(order_id), lambda view: view and view.card.state is OrderState.COMPLETED)


async def test_the_stores_own_products_are_practised(paired: Agent, hub: FakeHub) -> None:
    own = [
        Product(f"SKU{number}", f"本店商品{number}", "10片", "盒", trace_prefixes=(f"811000{number}",))
        for number in range(6)
    ]
    await hub.tell(CATALOGUE, *(ProductPut(product) for product in own))
    await hub.tell(LOG, *(StockSet(product.sku, units(3), f"Z-0{product.sku[-1]}") for product in own))
    await hub.tell(LOG, OrderPlaced(order("o1")))  # of which headquarters wants to hear at once
    await until(lambda: hub.reports and [cursor.seq for cursor in hub.reports[-1].cursors] == [7, 6])
    training = Training(paired, await turn_on(paired))
    view = await training.order(await training.next())
    await picked(training, "practice-1")
    after = await training.order("practice-1")
    await training.client.aclose()
    assert view is not None and view.lines[0].line.name.startswith("本店商品")
    assert view.lines[0].shelf.shelf.startswith("Z-0")
    assert after is not None and after.card.state is OrderState.PICKED


async def test_real_work_goes_on_and_hears_nothing_of_it(
    training: Training, hub: FakeHub, printer: VirtualPrinter
) -> None:
    """A whole practice order beside a real one: only the real one reaches paper, outbox, report and data."""
    real = training.real
    await hub.tell(LOG, OrderPlaced(order("o1")))
    order_id = await training.next()
    await picked(training, order_id)
    await training.post(f"/api/orders/{order_id}/hand-over")
    await seen(lambda: training.order(order_id), lambda view: view and view.card.state is OrderState.COMPLETED)
    (slip,) = printer.wait_for_slips(1)
    assert "练习" not in slip.text and "美团 #1" in slip.text
    await until(lambda: hub.done)
    told = msgspec.json.encode((hub.batches, hub.reports)).decode()
    assert "o1" in told and "practice" not in told and "练习" not in told
    board = (await real.client.get("/api/board")).text
    assert "o1" in board and "practice" not in board
    assert b"practice-1" not in b"".join(_real_files(real.settings.folder))
    assert b"practice-1" in b"".join(_real_files(training.folder)), "or the search above finds nothing"


def _real_files(folder: Path) -> list[bytes]:
    """Data, logs and all, as a support bundle might take them."""
    return [content for path, content in contents(folder).items() if FOLDER not in path.relative_to(folder).parts]


async def test_the_support_bundle_holds_nothing_of_it(training: Training, hub: FakeHub) -> None:
    await hub.tell(LOG, OrderPlaced(order("o1")))
    order_id = await training.next()
    await picked(training, order_id)
    view = await training.order(order_id)
    await until(lambda: hub.done)
    answer = await training.real.client.post("/api/bundle", json={}, timeout=30)
    assert answer.status_code == 200 and '"o1' in answer.text.replace("\\", "")
    assert view is not None and view.slips
    for word in (order_id, view.slips[0].slip_id, view.code):
        assert word not in answer.text, word


async def test_the_training_page_says_that_a_real_order_waits(training: Training, hub: FakeHub) -> None:
    assert "real-orders" not in (await training.client.get("/")).text
    await hub.tell(LOG, OrderPlaced(order("o1")))

    async def page() -> str:
        return (await training.client.get("/")).text

    shown = await seen(page, lambda text: "real-orders" in text)
    assert f'href="{training.real.url}/"' in shown


async def test_a_practice_code_is_no_scan_of_the_real_store(
    training: Training, scanner: VirtualScanner, hub: FakeHub
) -> None:
    """Read by the store's own serial scanner it is judged in the practice; typed into the real page it is refused."""
    order_id = await training.next()
    view = await training.order(order_id)
    assert view is not None
    refused = await training.real.post("/api/scan", {"text": view.code})
    assert (refused.status_code, "练习" in refused.json()["message"]) == (409, True)
    scanner.scan(view.code)
    await seen(lambda: training.order(order_id), lambda now: now and now.card.pick == "picking")
    page = (await training.client.get(f"/orders/{order_id}/pick")).text
    pack = page.split('data-code="')[1].partition('"')[0]
    assert (await training.real.post("/api/scan", {"text": pack})).status_code == 409
    scanner.scan(pack)
    await seen(lambda: training.order(order_id), lambda now: now and now.card.state is OrderState.PICKED)
    scanner.scan("81234560000000000001")
    await until(lambda: b"81234560000000000001" in b"".join(_real_files(training.real.settings.folder)))
    assert pack.encode() not in b"".join(_real_files(training.real.settings.folder))


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/api/pair", {"hub": "https://evil.example", "code": "abcd"}),
        ("/api/settings", {"changes": {"language": "en"}}),
        ("/api/log-level", {"level": "debug", "minutes": 5}),
        ("/api/doctor", {}),
        ("/api/bundle", {}),
    ],
)
async def test_from_the_training_page_nothing_of_the_real_agent_is_reached(
    training: Training, path: str, body: dict[str, object]
) -> None:
    assert (await training.post(path, body)).status_code in (404, 405)
    for page in ("/settings", "/doctor", "/api/settings", "/api/tray"):
        assert (await training.client.get(page)).status_code == 404


async def test_each_server_has_a_token_of_its_own(training: Training) -> None:
    for one, other in ((training, training.real), (training.real, training)):
        async with httpx.AsyncClient(headers={"Authorization": f"Bearer {one.token}"}, timeout=30) as client:
            assert (await client.get(f"{other.url}/api/state")).status_code == 401
            assert (await client.get(f"{one.url}/api/state")).status_code == 200


async def test_off_leaves_nothing_and_on_begins_anew(training: Training) -> None:
    await training.next()
    answer = await training.post("/api/training", {"on": False})
    assert answer.json() == {"on": False, "url": f"{training.real.url}/"}
    await until(lambda: not training.folder.exists())
    with pytest.raises(httpx.ConnectError):
        await training.client.get("/health")
    assert (await training.real.state()).training is False
    again = Training(training.real, await turn_on(training.real))
    assert (await again.client.get("/api/board")).json()["cards"] == []
    await again.client.aclose()
    assert (await training.real.post("/api/training", {"on": False})).json() == {"on": False, "url": ""}
    assert not again.folder.exists()


async def test_pressed_twice_it_is_one_training(training: Training) -> None:
    links = await asyncio.gather(*(turn_on(training.real) for _ in range(3)))
    assert len(set(links)) == 3 and {link.partition("?")[0] for link in links} == {f"{training.url}/"}
    async with httpx.AsyncClient(timeout=30) as browser:
        assert (await browser.get(links[0])).status_code == 303
        assert (await browser.get(links[0])).status_code == 303, "it has its session now"


async def test_practice_is_not_the_real_server_and_the_other_way_round(training: Training) -> None:
    for path in ("/api/practice/next", "/api/practice/steady"):
        assert (await training.real.post(path, {"on": True})).status_code == 404


async def test_what_a_kill_left_is_gone_at_the_next_start(settings: Settings, keyring_as_found: None) -> None:
    leave(settings.folder / FOLDER)
    async with running(settings) as agent:
        assert not (settings.folder / FOLDER).exists()
        assert (await agent.state()).training is False


def leave(folder: Path) -> None:
    """As a killed agent leaves it: a file in the middle of its work, and a write-ahead log."""
    folder.mkdir(parents=True)
    for name in ("work.db", "work.db-wal", "page.token"):
        (folder / name).write_bytes(b"half")


async def test_steadily_means_one_now_and_then(training: Training) -> None:
    assert (await training.post("/api/practice/steady", {"on": True})).status_code == 200

    async def cards() -> int:
        return len((await training.client.get("/api/board")).json()["cards"])

    await seen(cards, lambda count: count == 1)
    await training.post("/api/practice/steady", {"on": False})


async def test_practice_goes_on_after_an_error_told_once(
    training: Training, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    tried = list[int]()

    def fails(_: object) -> None:
        tried.append(1)
        raise ZeroDivisionError

    with monkeypatch.context() as broken:
        broken.setattr("agent.training.headquarters.advance", fails)
        order_id = await training.next()
        await training.post(f"/api/orders/{order_id}/start")
        await until(lambda: len(tried) >= 2)
    assert [said.levelname for said in caplog.records if "practice goes on" in said.message] == ["ERROR"]
    await picked(training, order_id)
    await seen(lambda: training.order(order_id), lambda view: view and view.card.rider == "at_store")


async def test_enough_is_said_in_words(training: Training) -> None:
    for _ in range(6):
        await training.next()
    answer = await training.post("/api/practice/next")
    assert (answer.status_code, "练习单" in answer.json()["message"]) == (409, True)
