"""What leaves a store for support, and what its logs hold after a day's work: nothing of a person, nothing secret."""

import io
import json
import re
import zipfile
from pathlib import Path

import msgspec
import pytest

from agent.bundle import Bundle, collect, zipped
from agent.bundle_api import BundleView
from agent.config import Settings
from agent.doctor.case import standing_alone
from agent.doctor.examination import examine
from agent.verdicts import Told
from domain.events import (
    CATALOGUE,
    OrderCancelled,
    OrderPlaced,
    ProductPut,
    RefundChanged,
    RiderMoved,
    StockSet,
    store_log,
)
from domain.orders import RiderState
from domain.personal import Personal, PersonalName, Recipient, Rider, Words, refund_reason
from domain.quantity import units
from domain.refunds import Refund, RefundState
from drivers.virtual.printer import VirtualPrinter
from drivers.virtual.scanner import VirtualScanner
from tests.agent.core.hub import AMOXICILLIN, IBUPROFEN, order, person
from tests.agent.shell.conftest import Agent, running
from tests.agent.shell.fake_hub import NOW, TOKEN, Answer, FakeHub
from tests.awaiting import seen, until

pytestmark = pytest.mark.asyncio(loop_scope="module")

LOG = store_log("S1")
NAME, PHONE, BACKUP = "欧阳朝霞", "139 8765 4321", "13800001111_2222"
STREET, REMARK = "密语街八十八号", "请从后门进来找欧阳"
RIDER, RIDER_PHONE, REASON = "司马行空", "137-1234-0987", "欧阳朝霞不想要了，电话13987654321"
WECHAT, ALIPAY = "134567890123456789", "2812345678901234567"
PAIRING, PROXY_PASSWORD = "ABCD-0123-EFGH-4567", "geheim-4711"
PERSONAL = (NAME, PHONE, BACKUP, STREET, REMARK, RIDER, RIDER_PHONE, REASON, "13987654321", "13712340987", "后门")
PAIRED = (PAIRING, PAIRING.replace("-", ""), TOKEN)


async def work_a_day(agent: Agent, hub: FakeHub, scanner: VirtualScanner, printer: VirtualPrinter) -> None:
    """Pairing wrong and right, orders, a rider, a refund, a cancellation, payment codes scanned by hand and by device,
    bad requests, a printer without paper, the hub gone and back, all of it with the detailed log."""
    await agent.post("/api/log-level", {"level": "debug", "minutes": 5})
    await agent.post("/api/pair", {"hub": hub.url, "code": "ZZZZ-0123-EFGH-4567"})
    await agent.pair(hub)
    await hub.tell(CATALOGUE, ProductPut(AMOXICILLIN), ProductPut(IBUPROFEN))
    await hub.tell(LOG, StockSet("AMX", units(10), "A-01"), StockSet("IBU", units(10), "B-02"))
    await hub.tell(
        LOG, OrderPlaced(order("o1")), personal=(person("o1", Recipient(NAME, PHONE, BACKUP, STREET, REMARK)),)
    )
    await hub.tell(LOG, RiderMoved("o1", RiderState.AT_STORE), personal=(_rider(),))
    await seen(agent.order, lambda view: view is not None and view.card.slip == "printed")
    assert any(REMARK[:5] in slip.text for slip in printer.slips), "a person's words came so far"
    for code in (WECHAT, ALIPAY):
        told = msgspec.json.decode((await agent.post("/api/scan", {"text": code})).content, type=Told)
        assert told.rule == "payment"
        scanner.scan(code)
    await agent.client.post("/api/scan", json={"text": 13987654321, "phone": PHONE})
    await agent.client.post("/api/orders/o1/take-by-hand", json={"line_id": 1, "note": NAME})
    await agent.client.get(f"/?find={PHONE}&name={NAME}")
    refund = Refund("r1", "o1", True, RefundState.ASKED, 1000, NOW)
    await hub.tell(LOG, RefundChanged(refund), personal=(_said(refund_reason("r1"), REASON),))
    printer.fault("paper_out")
    await hub.tell(LOG, OrderPlaced(order("o2")), OrderCancelled("o1", "customer", False))
    await seen(lambda: agent.order("o2"), lambda view: view is not None and view.card.slip == "held")
    hub.refuse = Answer(503)
    hub.cut()
    await seen(agent.state, lambda state: state.line.state == "offline")
    hub.refuse = None
    await seen(agent.state, lambda state: state.line.state == "online")


def _rider() -> Personal:
    return Personal("o1", PersonalName.RIDER, msgspec.Raw(msgspec.json.encode(Rider(RIDER, RIDER_PHONE))))


def _said(name: str, text: str) -> Personal:
    return Personal("o1", name, msgspec.Raw(msgspec.json.encode(Words(text))))


def leaks(texts: dict[str, str], secrets: tuple[str, ...]) -> list[str]:
    """Also in another writing: without blanks and hyphens, and as JSON writes it in ASCII."""
    return [
        f"{name}: {secret}"
        for name, text in texts.items()
        for secret in secrets
        for form in {secret, re.sub(r"[\s-]", "", secret), json.dumps(secret).strip('"')}
        if form in text or form in re.sub(r"[\s-]", "", text)
    ]


def unzipped(data: bytes) -> dict[str, str]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name).decode() for name in archive.namelist()}


@pytest.fixture
def behind_a_proxy(settings: Settings) -> Settings:
    """The fake hub is on loopback all the same; the setting alone matters here."""
    return msgspec.structs.replace(settings, proxy=f"http://store:{PROXY_PASSWORD}@127.0.0.1:9")


async def test_a_days_work_leaves_no_person_and_no_secret_in_log_and_bundle(
    settings: Settings,
    hub: FakeHub,
    scanner: VirtualScanner,
    printer: VirtualPrinter,
    keyring_as_found: None,
    capfd: pytest.CaptureFixture[str],
) -> None:
    async with running(settings) as agent:
        await work_a_day(agent, hub, scanner, printer)
        link = await agent.link()
        one_time = link.partition("link=")[2]
        await agent.client.get(link)
        secrets = (*PERSONAL, WECHAT, ALIPAY, *PAIRED, agent.token, one_time)
        answer = await agent.client.post("/api/bundle", json={}, timeout=60)
        view = msgspec.json.decode(answer.content, type=BundleView)
        saved = await agent.post(f"/api/bundle/{view.id}/zip")
        assert saved.headers["content-type"] == "application/zip"
        kept = unzipped(saved.content)
        assert kept == {member.name: member.text for member in view.bundle.members}
    logs = {path.name: path.read_text() for path in (settings.folder / "logs").iterdir()}
    logs["stderr"] = capfd.readouterr().err
    assert leaks({**logs, **kept}, secrets) == []
    for what in (
        "paired with",
        "(meituan #1) is accepted",
        "is printed (evidence ",
        "refund r1",
        "paper_out",
        "offline",
        "cancelled",
    ):
        assert what in logs["agent.log"] and what in logs["stderr"], what
    assert {"about.json", "doctor.json", "settings.json", "state.json", "work.json", "cache.json"} < set(kept)
    told = json.loads(kept["work.json"])
    assert told["rows"]["orders"] == 2 and told["newest_slips"][0]["order_id"] in ("o1", "o2")


async def test_each_log_line_is_one_json_object_and_steps_are_told_in_order(
    settings: Settings, hub: FakeHub, scanner: VirtualScanner, printer: VirtualPrinter, keyring_as_found: None
) -> None:
    async with running(settings) as agent:
        await work_a_day(agent, hub, scanner, printer)
    lines = [json.loads(line) for line in (settings.folder / "logs/agent.log").read_text().splitlines()]
    assert all({"at", "level", "where", "said"} <= set(line) for line in lines)
    slip = next(line["slip"] for line in lines if line.get("order") == "o1" and "slip" in line)
    steps = [
        line["said"].split(" ")[-1] if "accepted" in line["said"] else line["said"].split(" ")[3]
        for line in lines
        if line.get("slip") == slip
    ]
    assert steps == ["accepted", "sending", "confirming", "printed"]
    assert lines[0]["said"].startswith("agent 0.") and lines[-1]["said"] == "stopped"


async def test_a_proxys_password_stays_here(behind_a_proxy: Settings, keyring_as_found: None) -> None:
    async with running(behind_a_proxy) as agent:
        answer = await agent.client.post("/api/bundle", json={}, timeout=60)
        assert answer.status_code == 200
        assert PROXY_PASSWORD not in answer.text and "[removed]@127.0.0.1:9" in answer.text


async def test_a_bundle_is_made_also_while_nothing_runs_or_can_be_read(
    settings: Settings, hub: FakeHub, keyring_as_found: None
) -> None:
    async with running(settings) as agent:
        await agent.pair(hub)
        await until(lambda: hub.streams == 1)
    (settings.folder / "cache.db").write_bytes(b"hello" * 2000)
    bundle = await _alone(settings)
    texts = {member.name: member.text for member in bundle.members}
    assert "not a database" in texts["cache.json"] and json.loads(texts["work.json"])["cursors"]
    assert bundle.file.startswith("yaolink-S1-") and unzipped(zipped(bundle)) == texts
    assert leaks(texts, PAIRED) == []


async def test_only_what_was_shown_can_be_saved(agent: Agent) -> None:
    assert (await agent.post("/api/bundle/0123456789abcdef/zip")).status_code == 404
    first = (await agent.client.post("/api/bundle", json={}, timeout=60)).json()["id"]
    await agent.client.post("/api/bundle", json={}, timeout=60)
    assert (await agent.post(f"/api/bundle/{first}/zip")).status_code == 404


async def _alone(settings: Settings) -> Bundle:
    case = standing_alone(settings, Path("agent.toml"), "0.1.0", unanswered=None)
    return collect(case, await examine(case), None)
