"""A pharmacist reviews prescriptions on the store's page, by keyboard alone, while images come late."""

import asyncio

import httpx
import msgspec
import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, ViewportSize, expect

from agent.files import system_clock
from agent.pages.words import KEYS
from agent.prescriptions.view import PrescriptionPanel
from agent.staff import pins
from domain.blobs import Blob, digest
from domain.events import CATALOGUE, OrderPlaced, PrescriptionChanged, ProductPut, RosterSet, StaffSet, store_log
from domain.personal import Personal
from domain.prescriptions import REFUSALS, Prescription, PrescriptionPerson, PrescriptionState, prescription_record
from domain.staff import OnDuty, Role, Staff, badge_digest
from domain.times import HOUR
from tests.agent.browsing import browser, clean_page
from tests.agent.core.hub import AMOXICILLIN, IBUPROFEN, line, order
from tests.agent.prescriptions.drawing import prescription
from tests.agent.shell import fake_hub
from tests.agent.shell.conftest import Agent
from tests.agent.shell.fake_hub import FakeHub
from tests.agent.typed_scan import scan
from tests.awaiting import seen, until

__all__ = ["browser"]
pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

LOG = store_log("S1")
PIN, BADGE = "918273", "YB0123456789AB"
PERSON = PrescriptionPerson("欧阳锋", "61", "男", "上呼吸道感染", "无", "黄药师", "桃花岛医院", True)
IMAGE = prescription()
SIZES = [ViewportSize(width=1366, height=768), ViewportSize(width=390, height=844)]
AS_HANDS_TYPE = 100
"""Milliseconds between two keys: faster, it would be a scanner's."""
SHOTS = "build/screenshots/prescription"


@pytest.fixture(autouse=True)
def hub_of_today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fake_hub, "NOW", system_clock())


@pytest_asyncio.fixture(loop_scope="module")
async def store(paired: Agent, hub: FakeHub) -> Agent:
    """With a pharmacist on duty."""
    wang = Staff("wang", "王药师", (Role.PHARMACIST,), await pins.hashed(PIN), badge_digest(BADGE), licence="ZY00123")
    zhang = Staff("zhang", "张三", (Role.PICKER,), await pins.hashed("273645"))
    await hub.tell(CATALOGUE, ProductPut(AMOXICILLIN), ProductPut(IBUPROFEN))
    await hub.tell(LOG, StaffSet((wang, zhang)))
    await on_duty(hub, wang)
    return paired


async def on_duty(hub: FakeHub, *staff: Staff) -> None:
    now = system_clock()
    await hub.tell(LOG, RosterSet(tuple(OnDuty(one.staff_id, one.name, now - HOUR, now + HOUR, "S1") for one in staff)))


async def place(hub: FakeHub, number: int = 1, image: bytes = IMAGE) -> Blob:
    """A prescription order; its image is named, and not yet offered."""
    now, order_id = system_clock(), f"o{number}"
    lines = (line(1, AMOXICILLIN, 2, prescription=True), line(2, IBUPROFEN))
    placed = order(order_id, *lines, prescription=True, placed_at=now + number, promised_at=now + HOUR)
    named = Blob(digest(image), len(image), "image/jpeg")
    told = Prescription(f"rx{number}", order_id, PrescriptionState.WAITING, (named,), content=f"c{number}")
    person = Personal(order_id, prescription_record(f"rx{number}"), msgspec.Raw(msgspec.json.encode(PERSON)))
    await hub.tell(LOG, OrderPlaced(placed))
    await hub.tell(LOG, PrescriptionChanged(told), personal=(person,))
    return named


async def panel(agent: Agent, order_id: str = "o1") -> PrescriptionPanel:
    return await agent.get(f"/api/orders/{order_id}/prescriptions", PrescriptionPanel)


LOADED = "() => document.querySelector('[data-look] img')?.naturalWidth > 100"


@pytest.mark.parametrize("size", SIZES, ids=["counter", "phone"])
async def test_one_is_reviewed_by_keyboard_alone(
    browser: Browser, store: Agent, hub: FakeHub, size: ViewportSize
) -> None:
    await place(hub)
    await seen(store.order, lambda view: view is not None)
    async with clean_page(browser, size=size) as page:
        await page.goto(await store.link("/prescriptions"))
        await expect(page.locator(".rx .late")).to_contain_text("图片未到")
        await expect(page.locator(".rx .late")).to_contain_text("重试中")
        await expect(page.locator("#approve-rx1")).to_be_disabled()
        await shoot(page, f"late-{size['width']}")
        hub.blobs[digest(IMAGE)] = IMAGE
        await page.wait_for_function(LOADED)
        await expect(page.locator(".rx dl")).to_contain_text("欧阳锋")
        await shoot(page, f"review-{size['width']}")
        await page.keyboard.press("F9")
        for key in ("PageUp", "PageUp", "End", "ArrowDown"):
            await page.keyboard.press(key)
        style = await page.locator("#viewer img").get_attribute("style")
        assert style is not None and "rotate(90deg)" in style and "-120px" in style
        await shoot(page, f"viewer-{size['width']}")
        await page.keyboard.press("Escape")
        await page.keyboard.press("F3")
        await expect(page.locator("#approve-rx1-staff")).to_be_focused()
        await page.keyboard.press("Tab")
        await page.keyboard.type(PIN, delay=AS_HANDS_TYPE)
        await shoot(page, f"approve-{size['width']}")
        await page.keyboard.press("Enter")
        await expect(page.locator(".nothing")).to_contain_text("没有待审核的处方")
    assert (await panel(store)).gate.open


async def shoot(page: Page, name: str) -> None:
    await page.screenshot(path=f"{SHOTS}-{name}.png")
    sticks_out = await page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert sticks_out <= 0, name


async def come(store: Agent, hub: FakeHub, *numbers: int) -> None:
    """Prescription orders, with their images."""
    hub.blobs[digest(IMAGE)] = IMAGE
    for number in numbers:
        await place(hub, number)
    last = f"o{numbers[-1]}"
    await seen(lambda: store.order(last), lambda view: view is not None)
    await seen(lambda: panel(store, last), lambda one: one.prescriptions and not one.prescriptions[0].unseen)


async def test_a_badge_proves_it_and_the_next_one_is_shown(browser: Browser, store: Agent, hub: FakeHub) -> None:
    await come(store, hub, 1, 2)
    async with clean_page(browser) as page:
        await page.goto(await store.link("/prescriptions"))
        await expect(page.locator(".who")).to_contain_text("#1")
        for shown in ("#2", "#1"):
            await page.keyboard.press("F7")
            await expect(page.locator(".who")).to_contain_text(shown)
            await page.wait_for_load_state("load")  # of the page that F7 went to: before, nothing hears a key
        await page.keyboard.press("F4")
        await expect(page.locator("#reason-rx1")).to_be_focused()
        await page.keyboard.press("ArrowDown")
        await shoot(page, "refuse")
        await scan(page, BADGE)
        await expect(page.locator(".who")).to_contain_text("#2")
    told = (await panel(store)).prescriptions[0].decision
    assert told is not None and (told.approved, told.reason) == (False, REFUSALS[1])


@pytest.mark.parametrize("size", SIZES, ids=["counter", "phone"])
async def test_the_order_and_its_pick_show_how_it_stands(
    browser: Browser, store: Agent, hub: FakeHub, size: ViewportSize
) -> None:
    await come(store, hub, 1)
    width = size["width"]
    async with clean_page(browser, size=size) as page:
        await page.goto(await store.link("/orders/o1"))
        await page.wait_for_function(LOADED)
        await expect(page.locator(".rx")).to_contain_text("处方未审核，不能拣货")
        await expect(page.locator(".rx")).to_contain_text("欧**")
        await expect(page.locator(".rx")).not_to_contain_text(PERSON.diagnosis)
        await shoot(page, f"order-{width}")
        answer = await store.post("/api/prescriptions/rx1/decide", {"approve": True, "proof": {"badge": BADGE}})
        assert answer.status_code == 200, answer.text
        await expect(page.locator(".rx .badge")).to_have_text("已审核")
        await page.goto(f"{store.url}/orders/o1/pick")
        await page.wait_for_function("() => document.querySelector('[data-look] img')?.naturalWidth > 100")
        await expect(page.locator(".rx")).to_contain_text("王药师")
        await shoot(page, f"pick-{width}")
        await page.goto(store.url)
        await expect(page.locator(".card .badges")).to_contain_text("处方 已审核")


async def test_nobody_on_duty_is_said_with_what_the_chain_allows(browser: Browser, store: Agent, hub: FakeHub) -> None:
    await on_duty(hub)
    await come(store, hub, 1)
    async with clean_page(browser) as page:
        await page.goto(await store.link("/"))
        await expect(page.locator(".attendance")).to_contain_text("没有当班药师，1 张处方待审核")
        await expect(page.locator(".attendance")).to_contain_text("已交总部药师审核")
        await shoot(page, "nobody-board")
        await page.goto(f"{store.url}/orders/o1")
        give_back = page.locator("#give-back")
        await shoot(page, "nobody-order")
        await give_back.click()
        await expect(give_back).to_have_text("再按一次：退单给顾客")
        await give_back.click()
        await expect(page.locator(".rx")).to_contain_text("已申请退单，等待总部")
    await until(lambda: any(each.kind == "order.short" for each in hub.done.values()))


async def test_an_image_is_fetched_once_however_often_the_page_is_drawn(
    browser: Browser, store: Agent, hub: FakeHub
) -> None:
    await come(store, hub, 1)
    asked: list[str] = []
    async with clean_page(browser) as page:
        page.on("request", lambda request: asked.append(request.url) if "/images/" in request.url else None)
        await page.goto(await store.link("/orders/o1"))
        await page.wait_for_function(LOADED)
        for number in (2, 3):
            await come(store, hub, number)
        answer = await store.post("/api/prescriptions/rx1/decide", {"approve": True, "proof": {"badge": BADGE}})
        assert answer.status_code == 200, answer.text
        await expect(page.locator(".rx .badge")).to_have_text("已审核")
        await page.wait_for_function(LOADED)
    assert len(asked) == 1


async def test_an_image_is_served_as_what_its_bytes_are(store: Agent, hub: FakeHub) -> None:
    script = b"<svg onload=alert(1)>"
    hub.blobs[digest(script)] = script
    await place(hub, 1, script)
    url = f"/api/prescriptions/rx1/images/{digest(script)}"
    answer = await seen(lambda: store.client.get(url), lambda answer: answer.status_code == 200)
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-disposition"] == 'attachment; filename="prescription-1.bin"'
    assert (answer.headers["cache-control"], answer.headers["x-content-type-options"]) == ("no-store", "nosniff")
    await come(store, hub, 2)
    picture = await store.client.get(f"/api/prescriptions/rx2/images/{digest(IMAGE)}")
    assert (picture.headers["content-type"], picture.content) == ("image/jpeg", IMAGE)
    stranger = await store.client.get(f"/api/prescriptions/rx2/images/{digest(script)}")
    assert stranger.status_code == 404
    unsigned = await asyncio.to_thread(httpx.get, f"{store.url}{url}")
    assert unsigned.status_code == 401


async def test_a_wrong_pin_and_a_picker_decide_nothing(store: Agent, hub: FakeHub) -> None:
    await come(store, hub, 1)

    async def refused(proof: dict[str, str]) -> str:
        answer = await store.post("/api/prescriptions/rx1/decide", {"approve": True, "proof": proof})
        assert answer.status_code == 409
        return str(answer.json()["error"])

    assert await refused({"staff_id": "wang", "pin": "123123"}) == "wrong_proof"
    assert await refused({"staff_id": "zhang", "pin": "273645"}) == "not_permitted"
    assert (await panel(store)).review


@pytest.mark.parametrize("reason", REFUSALS)
async def test_every_reason_has_words(reason: str) -> None:
    assert f"refusal.{reason}" in KEYS
