"""Picking over the local API: stations, photos, questions, and how fast a cancellation stops it."""

import asyncio
import base64

import httpx
import msgspec
import pytest

from agent.picking.standing import Standing
from agent.picking.waiving import WaiverCounts
from domain.events import CATALOGUE, OrderCancelled, OrderPlaced, ProductPut, store_log
from domain.picks import PickState
from domain.rules import Rule
from tests.agent.core.hub import AMOXICILLIN, IBUPROFEN, line, order
from tests.agent.shell.conftest import Agent
from tests.agent.shell.fake_hub import FakeHub
from tests.awaiting import seen

pytestmark = pytest.mark.asyncio(loop_scope="module")
LOG = store_log("S1")
PACK = "8123456000000000000"
JPEG = b"\xff\xd8\xff\xe0" + bytes(1_000_000)


async def placed(paired: Agent, hub: FakeHub, *counts: int) -> None:
    await hub.tell(CATALOGUE, ProductPut(AMOXICILLIN), ProductPut(IBUPROFEN))
    await hub.tell(LOG, *(OrderPlaced(order(f"o{n}", line(count=count))) for n, count in enumerate(counts, 1)))
    await seen(lambda: paired.order(f"o{len(counts)}"), lambda found: found is not None)


async def standing(agent: Agent, station: str = "page:1") -> Standing:
    answer = await agent.client.get("/api/orders/o1/picking", headers=at(station))
    return msgspec.json.decode(answer.content, type=Standing)


def at(station: str) -> dict[str, str]:
    return {"X-Yaolink-Station": station}


async def do(agent: Agent, path: str, body: object = None, station: str = "page:1") -> httpx.Response:
    return await agent.client.post(path, json=body or {}, headers=at(station))


async def test_a_cancellation_stops_the_pick_and_the_page_is_told(paired: Agent, hub: FakeHub) -> None:
    await placed(paired, hub, 2)
    assert (await do(paired, "/api/orders/o1/start")).status_code == 200
    await do(paired, "/api/scan", {"text": f"{PACK}1", "order_id": "o1"})
    async with paired.client.stream("GET", "/api/changes", timeout=30) as stream:
        lines = stream.aiter_lines()
        await anext(lines)
        await hub.tell(LOG, OrderCancelled("o1", "customer", taken=False))
        async with asyncio.timeout(30):
            while (await standing(paired)).state is not PickState.STOPPED:
                while not (await anext(lines)).startswith("event: changed"):
                    pass
    stopped = await do(paired, "/api/scan", {"text": f"{PACK}2", "order_id": "o1"})
    assert not stopped.json()["good"] and stopped.json()["rule"] == "stopped"
    assert [each.code for each in (await standing(paired)).put_back] == [f"{PACK}1"]
    assert (await do(paired, "/api/orders/o1/put-back", {"text": f"{PACK}1"})).json() == {"left": 0}


async def test_two_tabs_do_not_pick_one_order(paired: Agent, hub: FakeHub) -> None:
    await placed(paired, hub, 2)
    assert (await do(paired, "/api/orders/o1/start", station="page:a1")).status_code == 200
    refused = await do(paired, "/api/orders/o1/start", station="page:b2")
    assert refused.status_code == 409 and refused.json()["error"] == "held_elsewhere" and refused.json()["hint"]
    assert (await do(paired, "/api/orders/o1/take-over", station="page:b2")).status_code == 200
    found = await standing(paired, "page:b2")
    assert found.mine and found.holder is not None and found.holder.station == "page:b2"
    assert (await do(paired, "/api/orders/o1/release", station="page:b2")).status_code == 200
    assert (await do(paired, "/api/picking/next", station="page:a1")).json() == {"order_id": "o1"}


async def test_a_photo_of_a_million_bytes_goes_with_a_waiver(paired: Agent, hub: FakeHub) -> None:
    await placed(paired, hub, 2)
    await do(paired, "/api/orders/o1/start")
    body = {"line_id": 1, "reason": "damaged", "note": "压坏"}
    assert "照片" in (await do(paired, "/api/orders/o1/waive", body)).json()["message"]
    with_photo = {**body, "photo": base64.b64encode(JPEG).decode()}
    assert (await do(paired, "/api/orders/o1/waive", with_photo)).status_code == 200
    too_large = {**body, "photo": base64.b64encode(bytes(9_000_000)).decode()}
    assert (await do(paired, "/api/orders/o1/waive", too_large)).status_code in (409, 413)
    counted = await paired.get("/api/waivers", WaiverCounts)
    assert (counted.waived, counted.packs) == (1, 1)


async def test_a_verdict_says_what_it_did_and_asks(paired: Agent, hub: FakeHub) -> None:
    await placed(paired, hub, 1)
    await do(paired, "/api/orders/o1/start")
    typed = {"text": f"{PACK}1", "order_id": "o1", "typed": True}
    first = (await do(paired, "/api/scan", typed)).json()
    assert (first["good"], first["ask"], first["did"]) == (False, "code_again", "")
    assert (await standing(paired)).questions[0].code == f"{PACK}1"
    second = (await do(paired, "/api/scan", typed)).json()
    assert (second["good"], second["did"], second["line_id"]) == (True, "packed", 1)


async def test_packs_come_back_and_are_exchanged(paired: Agent, hub: FakeHub) -> None:
    await placed(paired, hub, 2)
    await do(paired, "/api/orders/o1/start")
    for number in (1, 2):
        await do(paired, "/api/scan", {"text": f"{PACK}{number}", "order_id": "o1"})
    assert (await do(paired, "/api/orders/o1/hand-over")).status_code == 200

    async def rule(path: str, number: int) -> str:
        answer = (await do(paired, f"/api/orders/o1/{path}", {"text": f"{PACK}{number}"})).json()
        return f"{answer['order_id']} {answer['rule']}"

    assert await rule("returns", 1) == f"o1 {Rule.TAKEN_BACK.value}"
    assert await rule("exchange", 1) == f"o1 {Rule.RETURNED_BEFORE.value}"
    assert await rule("exchange", 2) == f"o1 {Rule.TAKEN_BACK.value}"
    assert (await do(paired, "/api/orders/o1/drop-exchange")).status_code == 200
    assert [await rule("exchange", number) for number in (2, 3)] == [
        f"o1 {Rule.TAKEN_BACK.value}",
        f"o1 {Rule.TAKEN.value}",
    ]
