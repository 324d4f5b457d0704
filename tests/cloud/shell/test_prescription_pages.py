"""Pharmacists at headquarters: the API, and the page in a real browser."""

import os
import re
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Page, expect

from domain.prescriptions import REFUSALS
from domain.times import HOUR
from installer.simulators.meituan.orders import Line, Order, Recipient
from installer.simulators.meituan.prescription import draw
from tests.cloud.shell.serving import KEY, RunningHub
from tests.cloud.shell.test_pages import CHROMIUM
from tests.cloud.shell.test_pages import browser as browser
from tests.cloud.shell.test_pages import page as page

NO_BROWSER = pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed")
PIN = "246813"
SAID = {
    "number": "RX1",
    "provider": "示例互联网医院",
    "patient": {"name": "李小花", "sex": "女", "age": "34岁", "diagnosis": "扁桃体炎", "allergies": "无"},
    "doctor": "张医生",
}


def image(number: int) -> bytes:
    goods = [Line("M1", "阿莫西林胶囊", "0.25g*24粒", "", "盒", 2, 1500, 50, 1250)]
    return draw(Order(900000000000000100 + number, "s", "店", 20260101, number, 1767225600, goods, Recipient()))


def pharmacist(operator: httpx.Client, staff_id: str = "P1", *, on_duty: bool = True, licence: str = "ZY2201") -> None:
    who = {"staff_id": staff_id, "name": f"药师{staff_id}", "roles": ["pharmacist"], "licence": licence, "stores": []}
    assert operator.post("/api/staff", json=who).status_code == 204
    assert operator.post(f"/api/staff/{staff_id}/pin", json={"pin": PIN}).status_code == 204
    if on_duty:
        now = int(time.time() * 1000)
        duty = {"staff_id": staff_id, "begins_at": now - HOUR, "ends_at": now + 8 * HOUR}
        assert operator.post("/api/roster", json=duty).status_code == 204


def prescribed(hub: RunningHub, name: str, number: int, **more: object) -> str:
    """The prescription's id."""
    said = SAID | {"number": f"RX{number}"} | more
    hub.order(name, {"M1": 2, "M2": 1}, prescription=said, day_number=number).raise_for_status()
    path = f"/channels/own/orders/{name}/prescription/images"
    assert hub.client(KEY).put(path, content=image(number)).status_code == 204
    rows = hub.operator().get("/api/prescriptions/archive", params={"order": name}).json()
    return str(rows[0]["prescription"]["prescription_id"])


def verdict(operator: httpx.Client, prescription_id: str, **more: object) -> httpx.Response:
    seen = operator.get(f"/api/prescriptions/{prescription_id}").json()["seen"]
    body = {"approve": True, "seen": seen, "proof": {"staff_id": "P1", "pin": PIN}} | more
    return operator.post(f"/api/prescriptions/{prescription_id}/decide", json=body)


def state(operator: httpx.Client, prescription_id: str) -> str:
    return str(operator.get(f"/api/prescriptions/{prescription_id}").json()["row"]["prescription"]["state"])


@pytest.fixture
def rx(hub: RunningHub) -> str:
    return prescribed(hub, "A1", 12)


def test_a_pharmacist_approves_with_their_pin(hub: RunningHub, operator: httpx.Client, rx: str) -> None:
    pharmacist(operator)
    assert [row["prescription"]["prescription_id"] for row in operator.get("/api/prescriptions").json()] == [rx]
    assert verdict(operator, rx).status_code == 204
    found = operator.get(f"/api/prescriptions/{rx}").json()
    assert found["row"]["prescription"]["decision"]["licence"] == "ZY2201"
    assert operator.get("/api/prescriptions").json() == []
    assert PIN not in (hub.folder / "hub.db").read_bytes().decode("latin-1")


@pytest.mark.parametrize(
    ("more", "status", "error"),
    [
        ({"proof": {"staff_id": "P1", "pin": "000111"}}, 403, "wrong_proof"),
        ({"proof": {"staff_id": "P2", "pin": PIN}}, 409, "refused"),
        ({"proof": {"staff_id": "P3", "pin": PIN}}, 409, "refused"),
        ({"proof": {}}, 403, "wrong_proof"),
        ({"seen": "x"}, 409, "refused"),
        ({"approve": False, "reason": "她有糖尿病"}, 409, "refused"),
        ({"more": 1}, 400, "not_understood"),
    ],
)
def test_what_is_not_a_pharmacists_word_changes_nothing(
    operator: httpx.Client, rx: str, more: dict[str, object], status: int, error: str
) -> None:
    pharmacist(operator)
    pharmacist(operator, "P2", on_duty=False)
    pharmacist(operator, "P3", licence="")
    answer = verdict(operator, rx, **more)
    assert (answer.status_code, answer.json()["error"]) == (status, error)
    assert state(operator, rx) == "waiting"


def test_a_refusal_is_taken_back_by_headquarters(operator: httpx.Client, rx: str) -> None:
    pharmacist(operator)
    assert verdict(operator, rx, approve=False, reason=REFUSALS[1]).status_code == 204
    (exception,) = operator.get("/api/exceptions").json()
    assert (exception["kind"], exception["choices"]) == ("prescription_refused", ["cancel", "seen"])
    assert operator.post(f"/api/prescriptions/{rx}/look-again", json={}).status_code == 204
    assert state(operator, rx) == "waiting" and operator.get("/api/exceptions").json() == []


def test_an_image_is_shown_and_never_run(hub: RunningHub, operator: httpx.Client, rx: str) -> None:
    digest = operator.get(f"/api/prescriptions/{rx}").json()["row"]["prescription"]["images"][0]["digest"]
    answer = operator.get(f"/api/prescriptions/{rx}/images/{digest}")
    assert (answer.content, answer.headers["content-type"]) == (image(12), "image/jpeg")
    assert answer.headers["cache-control"] == "no-store" and answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-disposition"].startswith("inline")
    assert answer.headers["content-security-policy"] == "default-src 'none'; sandbox"
    assert hub.client().get(f"/api/prescriptions/{rx}/images/{digest}").status_code == 401
    assert operator.get(f"/api/prescriptions/{rx}/images/{'0' * 64}").status_code == 404
    pdf = b"%PDF-1.7 <script>"
    hub.client(KEY).put("/channels/own/orders/A1/prescription/images", content=pdf)
    found = operator.get(f"/api/prescriptions/{rx}").json()["row"]["prescription"]["images"][1]
    answer = operator.get(f"/api/prescriptions/{rx}/images/{found['digest']}")
    assert answer.headers["content-disposition"].startswith("attachment")


def test_the_archive_is_searched(hub: RunningHub, operator: httpx.Client, rx: str) -> None:
    pharmacist(operator)
    other = prescribed(hub, "A2", 13)
    verdict(operator, rx)

    def found(**sought: str) -> list[str]:
        rows = operator.get("/api/prescriptions/archive", params=sought).json()
        return [row["prescription"]["prescription_id"] for row in rows]

    assert found() == [other, rx]
    assert found(order="A1") == found(order="#12") == found(order="12") == found(staff="P1") == [rx]
    assert found(store="S1") == [other, rx] and found(store="S2") == [] == found(staff="P9") == found(order="x")
    assert found(before=other) == [rx]
    today = time.strftime("%Y-%m-%d", time.gmtime(time.time() + 8 * 3600))
    assert found(day=today) == [other, rx] and found(day="2020-01-01") == []


@pytest.fixture
def shots() -> Iterator[Path | None]:
    """Where screenshots go, for whoever wants to look: YAOLINK_SHOTS=FOLDER."""
    yield Path(folder) if (folder := os.environ.get("YAOLINK_SHOTS")) else None


def shoot(page: Page, shots: Path | None, name: str) -> None:
    if shots is not None:
        page.screenshot(path=shots / f"{name}.png")


@pytest.mark.browser
@NO_BROWSER
def test_a_pharmacist_works_through_the_queue(
    hub: RunningHub, operator: httpx.Client, page: Page, shots: Path | None
) -> None:
    pharmacist(operator)
    page.goto("/prescriptions")
    expect(page.locator(".empty")).to_contain_text("没有待审核的处方")
    first, second, third = [prescribed(hub, f"A{number}", number) for number in (11, 12, 13)]
    expect(page.locator(".rx-list a")).to_have_count(3)
    expect(page).to_have_title(re.compile(r"^\(3\) "))
    expect(page.locator("#nav .count").first).to_have_text("3")
    expect(page.locator(".rx")).to_contain_text("扁桃体炎")
    expect(page.locator(".rx-images img")).to_have_js_property("naturalWidth", 900)
    shoot(page, shots, "rx_queue")
    assert page.evaluate("document.documentElement.scrollWidth") <= 1366

    page.fill("[name=pin]", "000111")
    page.keyboard.press("F8")
    expect(page.locator("#toast.shown")).to_contain_text("密码不对")
    assert page.input_value("[name=pin]") == ""
    page.fill("[name=pin]", PIN)
    page.keyboard.press("Enter")
    assert state(operator, first) == "waiting", "Enter says neither yes nor no"
    with page.expect_navigation():  # the next one's buttons work once its page is whole
        page.keyboard.press("F8")
    expect(page.locator(".rx-list a")).to_have_count(2)
    assert state(operator, first) == "approved"

    expect(page.locator(f".rx[data-prescription='{second}']")).to_be_visible()
    page.focus("[name=reason]")  # as whoever chooses does: meanwhile the page is not drawn anew
    page.select_option("[name=reason]", REFUSALS[2])
    page.fill("[name=pin]", PIN)
    with page.expect_navigation():
        page.click(".rx-decide button[value=refuse]")
    expect(page.locator(".rx-list a")).to_have_count(1)
    assert state(operator, second) == "refused"

    page.click("[data-zoom]")
    expect(page.locator("dialog .rx-zoomed")).to_be_visible()
    page.click("dialog #dialog-text button")
    shoot(page, shots, "rx_zoom")
    page.keyboard.press("Escape")
    page.goto(f"/prescriptions/{second}")
    expect(page.locator(".rx")).to_contain_text(REFUSALS[2])
    shoot(page, shots, "rx_refused")
    page.goto("/prescriptions/archive?staff=P1")
    expect(page.locator("tbody tr")).to_have_count(2)
    shoot(page, shots, "rx_archive")
    assert state(operator, third) == "waiting"


@pytest.mark.browser
@NO_BROWSER
def test_what_stands_in_the_way_is_shown(
    hub: RunningHub, operator: httpx.Client, page: Page, shots: Path | None
) -> None:
    hub.order("B1", prescription=True, day_number=21).raise_for_status()
    page.goto("/prescriptions")
    expect(page.locator(".rx")).to_contain_text("图片未到")
    expect(page.locator(".rx-decide")).to_contain_text("没有药师在总部值班")
    pharmacist(operator)
    prescribed(hub, "B2", 22)
    prescribed(hub, "B3", 22)
    page.goto("/prescriptions")
    with page.expect_navigation():
        page.locator(".rx-list a", has_text="#22").last.click()
    expect(page.locator(".rx .banner")).to_contain_text("该处方已被另一订单使用")
    expect(page.locator(".rx-decide button[value=approve]")).to_be_disabled()
    shoot(page, shots, "rx_reused")
    page.click("[data-language]")
    expect(page.locator(".rx")).to_contain_text("Another order used this prescription")
    shoot(page, shots, "rx_english")
