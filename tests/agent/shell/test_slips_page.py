"""How slips look, adjusted on the page: seen at once, kept for this store, headquarters' word above it."""

import base64
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from agent.documents.api import TemplatesNow
from domain.events import OrderPlaced, SlipTemplatesSet, store_log
from domain.templates import FIELDS, SlipTemplate, SlipTemplates
from drivers.virtual.printer import VirtualPrinter
from tests.agent.browsing import browser, clean_page
from tests.agent.core.hub import order
from tests.agent.shell.conftest import Agent
from tests.agent.shell.fake_hub import FakeHub
from tests.awaiting import seen, until

__all__ = ["browser"]
pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

LOG = store_log("S1")
PNG = b"\x89PNG\r\n\x1a\n"


@pytest_asyncio.fixture(loop_scope="module")
async def page(browser: Browser, paired: Agent, hub: FakeHub) -> AsyncIterator[Page]:
    await hub.tell(LOG, OrderPlaced(order("o7")))
    await seen(lambda: paired.order("o7"), lambda view: view is not None)
    async with clean_page(browser) as made:
        await made.goto(await paired.link("/slips"))
        await expect(made.locator("#look-text")).to_contain_text("拣货单")
        yield made


async def templates(agent: Agent) -> TemplatesNow:
    return await agent.get("/api/slip-templates", TemplatesNow)


async def test_a_footer_is_seen_while_it_is_typed_and_kept_when_it_is_saved(page: Page, paired: Agent) -> None:
    picture = page.locator("#look-picture")
    before = await picture.get_attribute("src")
    await page.fill("#look-footer", "服务电话 400-000-0000")
    await expect(page.locator("#look-text")).to_contain_text("服务电话 400-000-0000")
    await expect(picture).not_to_have_attribute("src", before or "")
    assert (await templates(paired)).templates.picking.footer == "", "nothing is kept before it is saved"
    await page.click("#look-save")
    await expect(page.locator("#look-said")).to_contain_text("已保存")
    assert (await templates(paired)).templates.picking.footer == "服务电话 400-000-0000"
    await page.screenshot(path="build/screenshots/slips.png", full_page=True)
    await page.click("#look-reset")
    await expect(page.locator("#look-source")).to_contain_text("还没有调整过")
    assert (await templates(paired)).templates == SlipTemplates()


async def test_each_kind_is_shown_with_what_may_be_left_out_of_it(page: Page) -> None:
    for kind, fields in FIELDS.items():
        await page.select_option("#look-kind", kind)
        shown = await page.locator("[data-look-field]:visible").evaluate_all(
            "all => all.map(one => one.dataset.lookField)"
        )
        assert set(shown) == set(fields)
    await page.select_option("#look-kind", "customer")
    await expect(page.locator("#look-text")).to_contain_text("追溯码")
    await page.locator("[data-look-field=trace_codes]").uncheck()
    await expect(page.locator("#look-text")).not_to_contain_text("追溯码")
    await expect(page.locator("#look-text")).to_contain_text("批号")  # what the law wants stays


async def test_a_real_order_and_both_papers_are_shown(page: Page) -> None:
    await page.select_option("#look-order", label="美团 #7")
    await expect(page.locator("#look-text")).to_contain_text("美团 #7")
    narrow = await page.locator("#look-picture").evaluate("one => one.decode().then(() => one.naturalWidth)")
    await page.select_option("#look-paper", "80")
    await page.wait_for_function("before => document.getElementById('look-picture').naturalWidth > before", arg=narrow)


async def test_what_headquarters_set_is_tried_and_not_changed(page: Page, paired: Agent, hub: FakeHub) -> None:
    await hub.tell(LOG, SlipTemplatesSet(SlipTemplates(picking=SlipTemplate(header="康宁连锁"))))
    await seen(lambda: templates(paired), lambda now: not now.decided_here)
    await page.reload()
    await expect(page.locator("#look-source")).to_contain_text("由总部统一设置")
    await expect(page.locator("#look-text")).to_contain_text("康宁连锁")
    await expect(page.locator("#look-save")).to_be_disabled()
    await page.fill("#look-footer", "试试看")
    await expect(page.locator("#look-text")).to_contain_text("试试看")
    refused = await paired.post("/api/slip-templates", {"templates": {"picking": {"footer": "x"}}})
    assert refused.status_code == 409 and "总部" in refused.json()["message"]
    await hub.tell(LOG, SlipTemplatesSet(None))
    await seen(lambda: templates(paired), lambda now: now.decided_here)


async def test_a_logo_that_cannot_be_drawn_is_refused_at_once(paired: Agent) -> None:

    broken = base64.b64encode(PNG + b"\0\0\0\rIHDR" + (8).to_bytes(4) * 2 + b"junk").decode()
    for path, body in (
        ("/api/slip-templates", {"templates": {"logo": broken}}),
        ("/api/slip-templates/preview", {"kind": "picking", "templates": {"logo": broken}}),
    ):
        answer = await paired.post(path, body)
        assert answer.status_code == 409 and "标志图片" in answer.json()["message"], answer.text
    answer = await paired.post("/api/slip-templates", {"templates": {"logo": base64.b64encode(b"GIF89a").decode()}})
    assert answer.status_code == 400 and "not a PNG" in answer.text


async def test_any_slip_as_a_picture_and_the_shift_report(page: Page, paired: Agent, printer: VirtualPrinter) -> None:
    answer = await paired.post("/api/shift-report")
    slip_id = answer.json()["slip_id"]
    await until(lambda: any("交班单" in slip.text for slip in printer.slips))
    picture = await paired.client.get(f"/api/slips/{slip_id}/picture")
    assert (picture.status_code, picture.headers["content-type"]) == (200, "image/png")
    wide = await paired.client.get(f"/api/slips/{slip_id}/picture?paper=80")
    narrow = await paired.client.get(f"/api/slips/{slip_id}/picture?paper=58")
    widths = [int.from_bytes(png.content[16:20]) for png in (narrow, wide, picture)]
    assert widths[0] < widths[1] == widths[2], "its printer has 80 mm paper"
    assert (await paired.client.get(f"/api/slips/{slip_id}/picture?paper=70")).status_code == 400
    assert (await paired.client.get("/api/slips/nobody/picture")).status_code == 404
