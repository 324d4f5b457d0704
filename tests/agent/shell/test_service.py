"""The agent as a whole, with a hub, a printer and a scanner at its sockets."""

import asyncio
import json
import stat
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from agent.config import Settings
from agent.device_key import DeviceKey
from agent.errors import AgentError
from agent.hub import Hub
from agent.line import LineState
from agent.local_api import BoardAnswer, Preview
from agent.order_view import OrderView
from agent.server import PortTaken
from agent.service import serve
from agent.sole import FolderTaken
from agent.verdicts import Told
from domain import protocol
from domain.code_lists import CodeList, ListedCode
from domain.events import (
    CATALOGUE,
    CHAIN_LOGS,
    CODES,
    PRICES,
    CodesListed,
    OrderCancelled,
    OrderPlaced,
    PricePut,
    ProductPut,
    RefundChanged,
    StockSet,
    StoreConfigured,
    store_log,
)
from domain.operations import PickCompleted, SaleRecorded, StockCounted
from domain.orders import AcceptRule, OrderState
from domain.personal import Recipient
from domain.picks import PickState
from domain.protocol import Bye, Cursor
from domain.quantity import units
from domain.refunds import Refund, RefundState
from domain.slips import SlipState
from drivers.virtual.printer import VirtualPrinter
from drivers.virtual.scanner import VirtualScanner
from tests.agent.core.hub import AMOXICILLIN, IBUPROFEN, line, order, person
from tests.agent.shell.conftest import Agent, running
from tests.agent.shell.fake_hub import NOW, REVOKED, Answer, FakeHub
from tests.awaiting import seen, until

pytestmark = pytest.mark.asyncio(loop_scope="module")

LOG = store_log("S1")
PACK = "81234560000000000001"


async def teach(hub: FakeHub) -> None:
    await hub.tell(CATALOGUE, ProductPut(AMOXICILLIN), ProductPut(IBUPROFEN))
    await hub.tell(LOG, StockSet("AMX", units(10), "A-01"), StockSet("IBU", units(10), "B-02"))


async def place(hub: FakeHub, name: str = "o1") -> None:
    recipient = Recipient("王小明", "13812345678_1234", remark="请放门口")
    await hub.tell(LOG, OrderPlaced(order(name)), personal=(person(name, recipient),))


async def seen_order(agent: Agent, holds: Callable[[OrderView], object] = bool, name: str = "o1") -> OrderView:
    found = await seen(lambda: agent.order(name), lambda order: order is not None and holds(order))
    assert found is not None
    return found


def done(hub: FakeHub, kind: str) -> list[bytes]:
    return [bytes(operation.body) for operation in hub.done.values() if operation.kind == kind]


async def test_pairing_makes_it_follow_at_once(agent: Agent, hub: FakeHub) -> None:
    before = await agent.state()
    assert before.line.state is LineState.UNPAIRED
    await agent.pair(hub)
    await until(lambda: hub.streams == 1)
    after = await agent.state()
    assert (after.store, after.store_name, after.hub) == ("S1", "和平路店", hub.url)
    assert hub.pair_requests[0].code == "ABCD0123EFGH4567"
    secrets = agent.settings.folder / "secrets.json"
    assert stat.S_IMODE(secrets.stat().st_mode) == 0o600
    kept = json.loads(secrets.read_text())["yaolink-agent"]["device-keys"]
    files = b"".join(path.read_bytes() for path in agent.settings.folder.glob("*.db*"))
    assert bytes.fromhex(kept) not in files and kept.encode() not in files


async def test_a_wrong_code_changes_nothing(agent: Agent, hub: FakeHub) -> None:
    for body, status in (
        ({"hub": hub.url, "code": "0000-0000-0000-0000"}, 409),
        ({"hub": "hub.example.com", "code": "abcd-0123-efgh-4567"}, 400),
        ({"hub": hub.url, "code": "!!!"}, 400),
        ({"hub": "http://127.0.0.1:9", "code": "abcd-0123-efgh-4567"}, 503),
    ):
        answer = await agent.post("/api/pair", body)
        assert answer.status_code == status and answer.json()["message"]
    assert (await agent.state()).store == ""


async def test_data_of_one_store_never_take_another_stores_orders(
    paired: Agent, hub: FakeHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def other_store(self: Hub, request: protocol.PairRequest, key: DeviceKey) -> protocol.PairReply:
        return protocol.PairReply("demo", "S2", "解放路店")

    monkeypatch.setattr(Hub, "pair", other_store)
    answer = await paired.post("/api/pair", {"hub": hub.url, "code": "abcd-0123-efgh-4567"})
    assert answer.status_code == 400 and "S1" in answer.json()["message"]
    assert (await paired.state()).store == "S1"


async def test_an_order_from_push_to_handed_over(
    paired: Agent, hub: FakeHub, printer: VirtualPrinter, scanner: VirtualScanner
) -> None:
    await teach(hub)
    await place(hub)
    [slip] = await asyncio.to_thread(printer.wait_for_slips, 1)
    assert "阿莫西林" in slip.text
    await until(lambda: done(hub, "slip.changed"))
    scanner.scan(f"YO{1:012d}")
    await until(lambda: done(hub, "pick.started"))
    scanner.scan(PACK)
    await seen_order(paired, lambda order: order.card.picked == units(1))
    assert (await paired.post("/api/orders/o1/complete")).status_code == 200
    assert (await paired.post("/api/orders/o1/hand-over")).status_code == 200
    await until(lambda: done(hub, "order.handed_over"))
    _, customers = await asyncio.to_thread(printer.wait_for_slips, 2)
    assert PACK in customers.text, "the customer's copy names the pack that was bound"
    await until(lambda: len(done(hub, "slip.changed")) == 2)
    told = [operation.kind for operation in hub.done.values() if operation.order_id == "o1"]
    assert told[0] == "slip.changed", "the picking slip"
    work = ["pick.started", "pick.completed", "order.handed_over"]
    assert [kind for kind in told if kind not in ("slip.changed", "trail.grown")] == work
    assert PACK.encode() in done(hub, PickCompleted.kind)[0]


async def test_a_verdict_is_heard_by_open_pages_once_it_is_kept(
    paired: Agent, hub: FakeHub, scanner: VirtualScanner
) -> None:
    await teach(hub)
    await place(hub)
    async with paired.client.stream("GET", "/api/changes") as stream:
        lines = stream.aiter_lines()
        assert await anext(lines) == "event: alive"
        await seen_order(paired)
        scanner.scan(f"YO{1:012d}")
        async for text in lines:
            if text == "event: verdict":
                break
        told = (await anext(lines)).removeprefix("data: ")
    assert '"good":true' in told and "美团 #1" in told and scanner.path in told
    assert len((await seen_order(paired)).scans) == 1


async def test_the_page_scans_undoes_and_hears_why_not(paired: Agent, hub: FakeHub) -> None:
    await teach(hub)
    await hub.tell(LOG, OrderPlaced(order("o1", line(1, AMOXICILLIN, 2))))
    await seen_order(paired)
    too_early = await paired.post("/api/orders/o1/complete")
    assert too_early.status_code == 409 and too_early.json()["message"].startswith("本单不在拣货中")
    assert (await paired.post("/api/orders/o1/start")).status_code == 200
    for text, good in ((PACK, True), (PACK, False), ("87654320000000000001", False), ("x", False)):
        answer = await paired.post("/api/scan", {"text": text, "order_id": "o1"})
        assert Told(**answer.json()).good is good, answer.text
    assert (await paired.post("/api/orders/o1/undo")).status_code == 200
    assert (await seen_order(paired)).card.picked == 0
    assert (await paired.post("/api/orders/none/start")).status_code == 404


async def test_orders_are_found_as_riders_shout_them(paired: Agent, hub: FakeHub) -> None:
    for name in ("o1", "o12"):
        await place(hub, name)
    await seen_order(paired, name="o12")
    found = await paired.get("/api/board?find=美团 12", BoardAnswer)
    assert [card.order_id for card in found.cards] == ["o12"]
    assert len((await paired.get("/api/board", BoardAnswer)).cards) == 2


async def test_a_slip_can_be_looked_at_and_shows_no_whole_name(
    paired: Agent, hub: FakeHub, printer: VirtualPrinter
) -> None:
    await teach(hub)
    await place(hub)
    await asyncio.to_thread(printer.wait_for_slips, 1)
    slip = (await seen_order(paired)).slips[0]
    text = (await paired.get(f"/api/slips/{slip.slip_id}/preview", Preview)).text
    assert "阿莫西林胶囊" in text and "王**" in text and "王小明" not in text
    refused = await paired.post(f"/api/slips/{slip.slip_id}/resolve", {"printed": True})
    assert refused.status_code == 409


async def test_a_sent_slip_is_reprinted_with_its_mark(paired: Agent, hub: FakeHub, printer: VirtualPrinter) -> None:
    await teach(hub)
    await place(hub)
    slip = (await seen_order(paired, lambda order: order.slips[0].state is SlipState.PRINTED)).slips[0]
    answer = await paired.post(f"/api/slips/{slip.slip_id}/reprint", {})
    await asyncio.to_thread(printer.wait_for_slips, 2)
    first, second = printer.slips
    assert "补打" in second.text and "补打" not in first.text
    again = (await seen_order(paired, lambda order: len(order.slips) == 2)).slips[1]
    assert answer.json() == {"slip_id": again.slip_id} and again.copy == 1
    missing = await paired.post("/api/slips/nothing/reprint", {})
    assert missing.status_code == 404


async def test_sales_counts_refunds_and_exceptions_reach_the_hub(paired: Agent, hub: FakeHub) -> None:
    await teach(hub)
    await place(hub)
    await hub.tell(LOG, RefundChanged(Refund("r1", "o1", True, RefundState.ASKED, 3000, NOW)))
    await seen_order(paired, lambda order: order.refunds)
    sale = await paired.post("/api/sales", {"lines": [{"sku": "AMX", "quantity": 1000, "codes": [PACK]}]})
    count = await paired.post("/api/counts", {"sku": "IBU", "counted": 3000, "reason": "盘点"})
    refuse = await paired.post("/api/refunds/o1/r1/answer", {"agree": False, "reason": "已出餐"})
    assert [answer.status_code for answer in (sale, count, refuse)] == [200, 200, 200]
    await until(lambda: done(hub, "refund.answer"))
    assert done(hub, SaleRecorded.kind) and done(hub, StockCounted.kind)
    absurd = await paired.post("/api/counts", {"sku": "IBU", "counted": -1, "reason": ""})
    assert absurd.status_code == 409


async def test_a_cancelled_order_stops_the_pick_on_screen(paired: Agent, hub: FakeHub) -> None:
    await teach(hub)
    await place(hub)
    await seen_order(paired)
    await paired.post("/api/orders/o1/start")
    await hub.tell(LOG, OrderCancelled("o1", "customer", taken=False))
    await seen_order(paired, lambda order: order.card.pick is PickState.STOPPED)
    answer = await paired.post("/api/scan", {"text": PACK, "order_id": "o1"})
    assert answer.json()["rule"] == "stopped"


@pytest.mark.usefixtures("keyring_as_found")
async def test_work_goes_on_without_the_hub_and_is_sent_later(settings: Settings, hub: FakeHub) -> None:
    async with running(settings) as agent:
        await agent.pair(hub)
        await place(hub)
        await seen_order(agent)
    hub.refuse = Answer(503)
    async with running(settings) as agent:
        await seen(agent.state, lambda state: state.outage.since is not None)
        sale = await agent.post("/api/sales", {"lines": [{"sku": "AMX", "quantity": 1000}]})
        assert sale.status_code == 200
        assert (await agent.state()).outbox.depth >= 1
        page = (await agent.client.get("/")).text
        assert "与总部断开，门店照常工作" in page and "条待上传" in page
    hub.refuse = None
    async with running(settings) as agent:
        await until(lambda: done(hub, SaleRecorded.kind))
        assert [card.order_id for card in (await agent.get("/api/board", BoardAnswer)).cards] == ["o1"]


async def test_a_revoked_agent_stops_says_why_and_keeps_its_data(paired: Agent, hub: FakeHub) -> None:
    await place(hub)
    await seen_order(paired)
    hub.refuse = REVOKED
    hub.bye(Bye("revoked", 0.0, 0.0))
    await seen(paired.state, lambda state: state.line.state is LineState.REVOKED)
    requests = len(hub.pulls) + len(hub.batches) + hub.opened
    await paired.post("/api/sales", {"lines": [{"sku": "AMX", "quantity": 1000}]})
    await asyncio.sleep(0.5)
    assert len(hub.pulls) + len(hub.batches) + hub.opened == requests, "it talks to nobody any more"
    state = await paired.state()
    assert "本店已换新机" in state.line.reason and state.outbox.depth >= 1
    assert len((await paired.get("/api/board", BoardAnswer)).cards) == 1
    page = await paired.client.get("/")
    assert "总部已停用本机" in page.text and "本店已换新机" in page.text
    hub.refuse = None
    await paired.pair(hub)
    await until(lambda: hub.streams == 1)


async def test_the_report_says_how_the_agent_is(paired: Agent, hub: FakeHub) -> None:
    await until(lambda: hub.reports)
    report = hub.reports[-1]
    assert report.device == hub.pair_requests[0].device
    assert {cursor.log for cursor in report.cursors} == {LOG, CATALOGUE}
    assert [printer.name for printer in report.printers] == ["前台"] and len(report.scanners) == 1


async def test_the_report_tells_how_far_it_is_in_every_log_it_follows(agent: Agent, hub: FakeHub) -> None:
    """On an open stream headquarters learns it from nothing else."""
    hub.followed = (LOG, *CHAIN_LOGS)
    await agent.pair(hub)
    await until(lambda: hub.streams == 1)
    await hub.tell(CATALOGUE, ProductPut(AMOXICILLIN))
    await hub.tell(PRICES, PricePut("AMX", 1250))
    await hub.tell(CODES, CodesListed(CodeList.SOLD, (ListedCode(PACK, "S2", NOW),), {"S2": "二店"}))
    await hub.tell(LOG, OrderPlaced(order("o1", state=OrderState.PLACED)))
    ends = {Cursor(name, hub.log(name).log_id, hub.log(name).head.seq) for name in (LOG, *CHAIN_LOGS)}
    await until(lambda: hub.reports and {*hub.reports[-1].cursors} == ends)


async def test_an_applied_order_is_reported_within_seconds(paired: Agent, hub: FakeHub) -> None:
    """Headquarters would otherwise show it as not received until the next report by the clock. No slip helps here:
    the clerk has not accepted."""
    await asyncio.sleep(1.5)
    waiting = OrderPlaced(order("o1", state=OrderState.PLACED))
    await hub.tell(LOG, StoreConfigured("店", AcceptRule.CLERK, 0), waiting)
    placed = hub.log(LOG).head.seq
    await until(lambda: hub.reports and Cursor(LOG, hub.log(LOG).log_id, placed) in hub.reports[-1].cursors)


async def test_a_port_in_use_is_one_sentence(agent: Agent, tmp_path: Path) -> None:
    same_port = msgspec.structs.replace(agent.settings, data=str(tmp_path))
    with pytest.raises(PortTaken, match="is taken by another program"):
        await serve(same_port, asyncio.Event())


async def test_a_second_agent_on_the_same_data_is_refused(agent: Agent) -> None:
    """It would print every slip a second time."""
    elsewhere = msgspec.structs.replace(agent.settings, page_port=0)
    with pytest.raises(FolderTaken, match="another agent is running on"):
        await serve(elsewhere, asyncio.Event())


@pytest.mark.usefixtures("keyring_as_found")
async def test_a_lost_credential_is_no_new_pairing(settings: Settings, hub: FakeHub) -> None:
    async with running(settings) as agent:
        await agent.pair(hub)
    (settings.folder / "secrets.json").unlink()
    with pytest.raises(AgentError, match="the key of the data"):
        await serve(settings, asyncio.Event())


@pytest.mark.usefixtures("keyring_as_found")
async def test_a_slow_page_does_not_hold_up_the_stop(settings: Settings) -> None:
    async with running(settings) as agent, agent.client.stream("GET", "/api/changes") as stream:
        lines = stream.aiter_lines()
        assert await anext(lines) == "event: alive"
        began = asyncio.get_running_loop().time()
    assert asyncio.get_running_loop().time() - began < 30


async def test_a_two_line_order_needs_both(paired: Agent, hub: FakeHub) -> None:
    await teach(hub)
    await hub.tell(LOG, OrderPlaced(order("o1", line(1), line(2, IBUPROFEN))))
    await seen_order(paired)
    await paired.post("/api/orders/o1/start")
    await paired.post("/api/scan", {"text": PACK, "order_id": "o1"})
    answer = await paired.post("/api/orders/o1/complete")
    assert answer.status_code == 409 and "布洛芬" in answer.json()["message"]
