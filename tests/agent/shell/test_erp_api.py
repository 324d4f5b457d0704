"""The ERP's program at the local API, over a real socket: its own token, its own paths, each document once."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import msgspec
import pytest
import pytest_asyncio

from agent.config import Settings
from agent.erp.standing import Standing
from domain.erp import DocumentState
from domain.events import CATALOGUE, PolicySet, ProductPut, StockSet, store_log
from domain.policy import ChainPolicy, ErpDelivery
from domain.quantity import units
from erp.settings import ErpSettings
from tests.agent.core.hub import AMOXICILLIN
from tests.agent.picking.conftest import pack
from tests.agent.shell.conftest import Agent, running
from tests.agent.shell.fake_hub import FakeHub
from tests.awaiting import seen, until

pytestmark = pytest.mark.asyncio(loop_scope="module")

LOG = store_log("S1")
BEYOND = 10**20
"""No data file keeps such a number."""
SALE = {"document_id": "POS-1", "sequence": 7, "lines": [{"sku": "AMX", "quantity": 1, "codes": [pack(9)]}]}


@pytest.fixture
def settings(settings: Settings, tmp_path: Path) -> Settings:
    return msgspec.structs.replace(settings, erp=ErpSettings(api=True))


@pytest_asyncio.fixture(loop_scope="module")
async def store(paired: Agent, hub: FakeHub) -> Agent:
    await hub.tell(CATALOGUE, ProductPut(AMOXICILLIN))
    await hub.tell(LOG, PolicySet(ChainPolicy(erp=ErpDelivery.STORE)), StockSet("AMX", units(10), "A-1"))
    await seen(lambda: paired.get("/api/erp", Standing), lambda told: told.delivery is ErpDelivery.STORE)
    return paired


@pytest_asyncio.fixture(loop_scope="module")
async def till(store: Agent) -> AsyncIterator[httpx.AsyncClient]:
    """The ERP's program, with the token that the administrator's command printed."""
    token = (await store.post("/api/erp/token")).json()["token"]
    async with httpx.AsyncClient(
        base_url=store.url, headers={"Authorization": f"Bearer {token}"}, timeout=30
    ) as client:
        yield client


async def test_a_sale_counts_once_and_reaches_headquarters(store: Agent, till: httpx.AsyncClient, hub: FakeHub) -> None:
    for taken in ("new", "known"):
        answer = await till.post("/api/erp/sales", json=SALE)
        assert (answer.status_code, answer.json()) == (200, {"document_id": "POS-1", "taken": taken})
    other = await till.post("/api/erp/sales", json={**SALE, "sequence": 8})
    assert (other.status_code, other.json()["error"]) == (409, "id_reused")
    standing = await store.get("/api/erp", Standing)
    assert [each.document_id for each in standing.owed.conflicts] == ["POS-1"]
    await until(lambda: [each.kind for each in hub.done.values()].count("erp.sold") == 1)


async def test_counts_and_receipts_in_units_and_in_words(till: httpx.AsyncClient) -> None:
    lots = [{"lot": "L1", "expiry": "2028-06", "quantity": "4.5"}]
    count = {
        "document_id": "C1", "as_of": "2025-11-22 09:30:00", "contains": 0,
        "levels": [{"sku": "AMX", "quantity": "4.5", "lots": lots}],
    }  # fmt: skip
    receipt = {
        "document_id": "R1", "sequence": "2025-11-22 09:31:00",
        "lines": [{"sku": "AMX", "quantity": 6, "lot": "L2", "expiry": "2028-06-30"}],
    }  # fmt: skip
    for path, body in (("counts", count), ("receipts", receipt)):
        answer = await till.post(f"/api/erp/{path}", json=body)
        assert (answer.status_code, answer.json()["taken"]) == (200, "new")
    wrong = await till.post("/api/erp/counts", json={**count, "document_id": "C2", "as_of": "昨天"})
    assert (wrong.status_code, wrong.json()["error"]) == (400, "bad_feed")
    unknown = await till.post("/api/erp/sales", json={**SALE, "quantiy": 1})
    assert unknown.status_code == 400


async def test_documents_come_until_they_are_answered(store: Agent, till: httpx.AsyncClient) -> None:
    for number in (1, 2):
        sold = {"lines": [{"sku": "AMX", "quantity": 1000, "codes": [pack(number)]}]}
        assert (await store.post("/api/sales", sold)).status_code == 200
    for _ in range(2):
        told = (await till.get("/api/erp/documents")).json()
        assert len(told["documents"]) == 2
    first, second = (each["number"] for each in told["documents"])
    assert told["documents"][0]["lines"][0]["quantity"] == 1
    assert (await till.get(f"/api/erp/documents?after={first}&limit=1")).json()["documents"][0]["number"] == second
    for _ in range(2):
        assert (await till.post(f"/api/erp/documents/{first}/acknowledge", json={})).status_code == 200
    assert (await till.post(f"/api/erp/documents/{second}/refuse", json={"reason": "无此商品"})).status_code == 200
    assert (await till.get("/api/erp/documents")).json() == {"documents": [], "more": False}
    assert (await till.post("/api/erp/documents/5/acknowledge", json={})).status_code == 404
    for path in (f"/{BEYOND}/acknowledge", f"/{BEYOND}/refuse"):
        assert (await till.post(f"/api/erp/documents{path}", json={"reason": "x"})).status_code == 400, path
    assert (await till.get(f"/api/erp/documents?after={BEYOND}")).status_code == 400
    assert (await store.post(f"/api/erp/documents/{second}/again")).status_code == 200
    (again,) = (await till.get("/api/erp/documents")).json()["documents"]
    assert again["number"] > second
    standing = await store.get("/api/erp", Standing)
    states = {each.document.number: each.state for each in standing.owed.latest}
    assert states == {first: DocumentState.ACKNOWLEDGED, again["number"]: DocumentState.WAITING}


async def test_its_token_opens_nothing_else(store: Agent, till: httpx.AsyncClient) -> None:
    for method, path in (
        ("GET", "/api/state"),
        ("GET", "/api/erp"),
        ("GET", "/erp"),
        ("POST", "/api/erp/token"),
        ("POST", "/api/erp/documents/1/settle"),
        ("POST", "/api/erp/documents/1/acknowledge/more"),
        ("POST", "/api/sales"),
    ):
        assert (await till.request(method, path, json={})).status_code == 401, path
    before = till.headers["Authorization"]
    assert (await store.post("/api/erp/token")).status_code == 200
    assert (await till.get("/api/erp/documents", headers={"Authorization": before})).status_code == 401


async def test_a_browser_makes_no_token(store: Agent) -> None:
    async with httpx.AsyncClient(base_url=store.url, follow_redirects=True, timeout=30) as browser:
        await browser.get((await store.link())[len(store.url) :])
        answer = await browser.post("/api/erp/token", json={})
    assert (answer.status_code, answer.json()["error"]) == (409, "not_for_browsers")


async def test_the_token_outlives_a_restart_and_is_kept_as_its_hash(settings: Settings, keyring_as_found: None) -> None:
    async with running(settings) as agent:
        token = (await agent.post("/api/erp/token")).json()["token"]
    kept = [path for path in settings.folder.iterdir() if path.is_file() and token.encode() in path.read_bytes()]
    assert kept == []
    async with running(settings) as agent:
        answer = await agent.client.get("/api/erp/documents", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 200


async def test_without_the_setting_there_is_no_such_door(settings: Settings, keyring_as_found: None) -> None:
    async with running(msgspec.structs.replace(settings, erp=ErpSettings())) as agent:
        assert (await agent.post("/api/erp/sales", SALE)).status_code == 409


async def test_noise_with_a_wrong_token_is_bounded(till: httpx.AsyncClient) -> None:
    wrong = {"Authorization": "Bearer wrong"}
    answers = await asyncio.gather(*(till.get("/api/erp/documents", headers=wrong) for _ in range(100)))
    assert {answer.status_code for answer in answers} == {401, 429}
    assert (await till.get("/api/erp/documents")).status_code == 200
