"""The fleet at headquarters in a real browser: every store's agent, and one store's own diagnosis."""

import msgspec
import pytest
from playwright.sync_api import Page, expect

from cloud import chain
from domain.events import DiagnosisWanted
from domain.protocol import Cursor, FindingReport, JobReport, PrinterReport, Report, SetAside
from domain.times import DAY
from tests.cloud.shell.serving import OTHER_STORE, STORE, RunningHub, clock
from tests.cloud.shell.test_pages import browser, page

__all__ = ["browser", "page"]
pytestmark = pytest.mark.browser


def report(store: str = STORE, **more: object) -> Report:
    now = clock()
    said = Report(
        "device-1", "boot-1", "0.6.0", now, (Cursor(f"store:{store}", "", 0),), 4, now - 11 * 60_000,
        printers=(PrinterReport("前台", "tcp://10.0.0.9:9100", "blocked", "paper_out", waiting=3, model="GP-80"),),
        incarnation="life-1", clock_offset=45_000, disk_free=300 << 20, quarantined=1,
        events_set_aside=(SetAside("order.placed", 7, "unknown kind: order.placed v9", "o1", now),),
        undelivered=1, operations_set_aside=(SetAside("order.accept", 3, "refused: 已取消", "", now),),
        jobs=(
            JobReport("backup", now - DAY, now + DAY, "failed", "no room", now - 4 * DAY),
            JobReport("report", now, now, "ok", "", now),
        ),
        findings=(FindingReport("port.taken", "bad", "端口被占用", "the port is taken", "关掉它", "Close it", "8460"),),
        diagnosed_at=now - 60_000,
    )  # fmt: skip
    return msgspec.structs.replace(said, **more)


def tell(hub: RunningHub, *, store: str = STORE, device: str = "device-1", **more: object) -> None:
    agent = hub.client(hub.pair(store, device))
    agent.post("/edge/report", content=msgspec.json.encode(report(store, device=device, **more))).raise_for_status()


def test_the_fleet_at_a_glance(hub: RunningHub, page: Page) -> None:
    tell(hub)
    page.goto("/fleet")
    expect(page.locator(".counts")).to_contain_text("1 需处理")
    rows = page.locator(".fleet tbody tr")
    expect(rows.nth(0)).to_contain_text("人民路店")
    for said in (
        "打印机不能打印：前台",
        "诊断 1 项不通过",
        "1 条总部消息搁置",
        "磁盘空间不足",
        "任务失败：备份",
        "时钟差 45 秒",
    ):
        expect(rows.nth(0)).to_contain_text(said)
    expect(rows.nth(1)).to_contain_text("未配对")
    assert page.evaluate("document.documentElement.scrollWidth") <= 1366
    page.screenshot(path="build/screenshots/fleet/fleet_1366.png", full_page=True)

    page.fill("[name=text]", OTHER_STORE)
    page.get_by_role("button", name="查询").click()
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text("江滨店")
    page.goto("/fleet?trouble=1&version=0.6.0")
    expect(rows).to_have_count(1)

    page.set_viewport_size({"width": 390, "height": 844})
    page.goto("/fleet")
    expect(rows).to_have_count(2)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.screenshot(path="build/screenshots/fleet/fleet_390.png", full_page=True)


def test_it_is_live(hub: RunningHub, page: Page) -> None:
    page.goto("/fleet")
    expect(page.locator("#live.on")).to_be_visible()
    row = page.locator("tr", has_text="人民路店")
    expect(row).to_contain_text("未配对")
    tell(hub, version="0.6.1")
    expect(row).to_contain_text("0.6.1", timeout=20_000)


def test_one_stores_own_diagnosis_and_a_fresh_one(hub: RunningHub, page: Page) -> None:
    agent = hub.client(hub.pair())
    said = report()
    agent.post("/edge/report", content=msgspec.json.encode(said)).raise_for_status()
    page.goto("/fleet")
    page.get_by_role("link", name="人民路店").click()
    expect(page.locator("#live.on")).to_be_visible()  # from then on its buttons work
    for text in (
        "端口被占用",
        "the port is taken",
        "关掉它",
        "no room",
        "order.placed 7",
        "接单 3",
        "已取消",
        "缺纸",
        "pc",
    ):
        expect(page.locator("main")).to_contain_text(text)
    assert page.evaluate("document.documentElement.scrollWidth") <= 1366
    page.get_by_role("button", name="要求重新诊断").click()
    expect(page.locator(".banner.calm")).to_contain_text("门店联系上后自动诊断")
    page.screenshot(path="build/screenshots/fleet/store_1366.png", full_page=True)

    answer = agent.get("/edge/events", params={"after": f"store:{STORE}@:0"}).raise_for_status().json()
    assert answer["events"][-1]["kind"] == DiagnosisWanted.kind
    head = answer["head"]
    heard = Cursor(head["log"], head["log_id"], head["seq"])
    again = msgspec.structs.replace(said, cursors=(heard,))
    agent.post("/edge/report", content=msgspec.json.encode(again)).raise_for_status()
    expect(page.locator(".banner.calm")).to_contain_text("门店正在诊断")
    done = msgspec.structs.replace(again, findings=(), diagnosed_at=clock() + 45_000)
    agent.post("/edge/report", content=msgspec.json.encode(done)).raise_for_status()
    expect(page.locator("#findings")).to_contain_text("没有发现问题")
    expect(page.locator(".banner.calm")).to_have_count(0)

    page.set_viewport_size({"width": 390, "height": 844})
    page.reload()
    expect(page.locator("#findings")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.screenshot(path="build/screenshots/fleet/store_390.png", full_page=True)


def test_english_too(hub: RunningHub, page: Page) -> None:
    tell(hub)
    page.goto("/fleet")
    page.get_by_role("button", name="English").click()
    expect(page.locator("thead")).to_contain_text("Needs somebody")
    expect(page.locator("tbody")).to_contain_text("1 checks failed")
    page.get_by_role("link", name="人民路店").click()
    expect(page.locator("main")).to_contain_text("Ask for a fresh diagnosis")


def test_programs_ask_too(hub: RunningHub) -> None:
    tell(hub)
    operator = hub.operator()
    fleet = operator.get("/api/fleet", params={"trouble": "true"}).raise_for_status().json()
    assert [member["store"] for member in fleet["members"]] == [STORE]
    assert operator.get(f"/api/fleet/{STORE}").json()["report"]["undelivered"] == 1
    assert operator.get("/api/fleet/nowhere").status_code == 404
    assert operator.post(f"/api/fleet/{OTHER_STORE}/diagnose").json()["error"] == "not_for_this_agent"
    assert operator.post(f"/api/fleet/{STORE}/diagnose").status_code == 202
    assert hub.client().get("/api/fleet").status_code == 401


def test_a_store_with_a_slash_in_its_name_has_its_page_and_its_button(hub: RunningHub, page: Page) -> None:
    hub.beside(lambda tx: chain.put_store(tx, "A/1号", "一号店"))
    device = hub.pair("A%2F1号", "device-9")
    hub.client(device).post("/edge/report", content=msgspec.json.encode(report("A/1号", device="device-9")))
    page.goto("/fleet")
    page.get_by_role("link", name="一号店").click()
    expect(page.locator("#live.on")).to_be_visible()
    expect(page.locator("main")).to_contain_text("A/1号")
    with page.expect_response("**/diagnose") as asked:
        page.get_by_role("button", name="要求重新诊断").click()
    assert asked.value.status == 202
    assert hub.operator().get("/fleet/A/1号").status_code == 404
