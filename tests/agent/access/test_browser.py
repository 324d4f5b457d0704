"""The same, with a real browser: a person who comes by a link, and web sites that would like to."""

import threading
from collections.abc import AsyncIterator, Iterator
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Page, async_playwright, expect

from tests.agent.browsing import QUIET
from tests.agent.shell.conftest import Agent
from tests.awaiting import seen

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

EVIL = """<!doctype html><meta charset="utf-8"><title>prizes</title><iframe name="hole"></iframe>
<form id="form" method="post" target="hole"><input name='{"x":"' value='"}'></form>"""
TRY = """async (ours) => {
  const tried = {};
  const read = async (name, url, options) => {
    try { const answer = await fetch(url, options); tried[name] = answer.type + " " + answer.status; }
    catch (error) { tried[name] = "blocked"; }
  };
  await read("read", ours + "/api/state", { credentials: "include" });
  await read("blind", ours + "/api/state", { credentials: "include", mode: "no-cors" });
  await read("act", ours + "/api/sign-out", { method: "POST", credentials: "include", body: "{}",
    headers: { "Content-Type": "application/json" } });
  await read("act blind", ours + "/api/sign-out",
    { method: "POST", credentials: "include", mode: "no-cors", body: "{}" });
  const form = document.getElementById("form");
  form.action = ours + "/api/sign-out"; form.enctype = "text/plain"; form.submit();
  tried.socket = await new Promise((done) => {
    const socket = new WebSocket(ours.replace("http", "ws") + "/api/changes");
    socket.onopen = () => done("open"); socket.onerror = () => done("blocked");
  });
  tried.stream = await new Promise((done) => {
    const stream = new EventSource(ours + "/api/changes", { withCredentials: true });
    stream.onmessage = stream.onopen = () => done("open"); stream.onerror = () => done("blocked");
  });
  tried.script = await new Promise((done) => {
    const script = document.createElement("script");
    script.onload = () => done("open"); script.onerror = () => done("blocked");
    script.src = ours + "/page.js"; document.head.append(script);
  });
  const frame = document.createElement("iframe");
  frame.src = ours + "/"; document.body.append(frame);
  await new Promise((done) => { frame.onload = done; setTimeout(done, 1500); });
  return tried;
}"""


class EvilPages(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        body = EVIL.encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture(scope="module")
def evil_port() -> Iterator[int]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), EvilPages)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server.server_address[1]
    server.shutdown()
    server.server_close()
    thread.join()


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def chromium() -> AsyncIterator[Browser]:
    """Names of the attacker's lead to this computer, as his DNS would have it."""
    rules = "--host-resolver-rules=MAP *.example 127.0.0.1"
    async with async_playwright() as playwright:
        made = await playwright.chromium.launch(executable_path="/usr/bin/chromium", args=[*QUIET.split(" "), rules])
        yield made
        await made.close()


@pytest_asyncio.fixture(loop_scope="module")
async def context(chromium: Browser) -> AsyncIterator[BrowserContext]:
    made = await chromium.new_context(viewport={"width": 1366, "height": 768})
    yield made
    await made.close()


@pytest_asyncio.fixture(loop_scope="module")
async def page(context: BrowserContext) -> Page:
    return await context.new_page()


async def test_a_link_opens_the_page_and_does_not_stay(agent: Agent, page: Page) -> None:
    await page.goto(await agent.link("/devices"))
    assert page.url == f"{agent.url}/devices"
    assert await page.evaluate("document.cookie") == ""
    assert "link" not in await page.evaluate("JSON.stringify(performance.getEntries().map((entry) => entry.name))")
    await page.reload()
    await expect(page.locator("header h1")).to_be_visible()


async def test_without_a_session_the_page_says_what_to_do(agent: Agent, page: Page, tmp_path: Path) -> None:
    refused: list[str] = []
    page.on("console", lambda said: refused.append(said.text) if "Security Policy" in said.text else None)
    await page.goto(f"{agent.url}/orders/o1")
    await expect(page.get_by_text("请点击时钟旁的药联图标")).to_be_visible()
    await expect(page.get_by_text("Click the Yaolink icon")).to_be_visible()
    assert await page.evaluate("getComputedStyle(document.querySelector('main')).borderTopWidth") == "6px"
    await page.screenshot(path=str(tmp_path / "shut.png"))
    assert refused == []


async def test_an_open_page_shows_it_when_its_session_ends(agent: Agent, page: Page) -> None:
    await page.goto(await agent.link())
    await expect(page.locator("header h1")).to_be_visible()
    await agent.post("/api/sign-out")
    await expect(page.get_by_text("请点击时钟旁的药联图标")).to_be_visible(timeout=30_000)


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1", "localhost"])
async def test_a_web_site_reaches_nothing(agent: Agent, context: BrowserContext, evil_port: int, host: str) -> None:
    """A site of the internet, and another program's page on this computer, in a browser that is signed in."""
    ours = await context.new_page()
    await ours.goto(await agent.link())
    theirs = await context.new_page()
    await theirs.goto(f"http://{host}:{evil_port}/")
    tried = await theirs.evaluate(TRY, agent.url)
    assert tried.pop("blind") in ("blocked", "opaque 0")
    assert tried.pop("act blind") in ("blocked", "opaque 0")
    assert set(tried.values()) == {"blocked"}, tried
    for frame in theirs.frames[1:]:
        assert "Yaolink" not in await frame.title() and "药联" not in await frame.title()
    await ours.reload()
    await expect(ours.locator("header h1")).to_be_visible()


async def test_a_name_pointed_at_us_reaches_nothing(agent: Agent, page: Page) -> None:
    """DNS rebinding: to the browser it is the attacker's own site, on our port."""
    await page.goto(await agent.link())
    for name in ("evil.example", "127.0.0.1.evil.example", "localhost.evil.example"):
        site = f"http://{name}:{agent.settings.page_port}/"
        answer = await page.goto(site)
        assert answer is not None and answer.status == 421
        await page.route(site, lambda route: route.fulfill(body=EVIL, content_type="text/html"))
        await page.goto(site)
        assert await page.title() == "prizes"
        for asked in (
            "'/api/state'",
            "'/api/sign-out', {method: 'POST', body: '{}', headers: {'Content-Type': 'x/y'}}",
        ):
            told = f"fetch({asked}).then((answer) => answer.status, () => 'blocked')"
            assert await page.evaluate(told) in (421, "blocked"), "newer browsers do not even ask"


async def test_a_web_site_can_lead_nobody_in(agent: Agent, page: Page, evil_port: int) -> None:
    await page.goto(f"http://evil.example:{evil_port}/")
    async with page.expect_navigation():
        await page.evaluate("(url) => { location.href = url; }", await agent.link())
    await expect(page.get_by_text("不能从别的网站打开本页")).to_be_visible()
    assert await page.context.cookies() == []


async def test_another_port_of_this_computer_may_lead_to_the_page(agent: Agent, page: Page, evil_port: int) -> None:
    """As the practice desk does, and the other way round."""
    await page.goto(await agent.link())
    await page.goto(f"http://127.0.0.1:{evil_port}/")
    async with page.expect_navigation():
        await page.evaluate("(url) => { location.href = url; }", f"{agent.url}/devices")
    await expect(page.locator("header h1")).to_be_visible()


async def test_many_tabs_stay_alive(agent: Agent, context: BrowserContext) -> None:
    """Each click on the tray opens one, and a browser opens six connections to a server."""
    await (await context.new_page()).goto(await agent.link())
    tabs = [await context.new_page() for _ in range(8)]
    for tab in tabs:
        await tab.goto(f"{agent.url}/devices", timeout=30_000)
    await hear_of_a_scan(agent, tabs)
    await context.pages[0].close()
    await tabs[0].close()
    await hear_of_a_scan(agent, tabs[1:])


async def hear_of_a_scan(agent: Agent, tabs: list[Page]) -> None:
    """Every tab, whichever of them holds the stream."""
    for tab in tabs:
        await tab.evaluate("() => { window.verdicts = 0; NEWS.verdict = () => { window.verdicts += 1; }; }")

    async def heard_by(tab: Page) -> int:
        await agent.post("/api/scan", {"text": "x"})
        return int(await tab.evaluate("window.verdicts"))

    for tab in tabs:
        await seen(partial(heard_by, tab), bool)
