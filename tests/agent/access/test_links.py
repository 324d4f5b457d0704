"""One-time links: what they open, how often, and for how long."""

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest
import pytest_asyncio

from agent.access import links
from agent.access.links import Links
from tests.agent.shell.conftest import Agent

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(loop_scope="module")
async def person() -> AsyncIterator[httpx.AsyncClient]:
    """A browser that was never here."""
    async with httpx.AsyncClient(timeout=30) as made:
        yield made


async def test_a_link_becomes_a_cookie_and_leaves_the_address(agent: Agent, person: httpx.AsyncClient) -> None:
    answer = await person.get(await agent.link("/devices?x=1"))
    assert (answer.status_code, answer.headers["location"]) == (303, "/devices?x=1")
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie and "SameSite=Strict" in cookie and "Domain" not in cookie
    assert cookie.startswith(f"yaolink_{agent.settings.page_port}=")
    assert agent.token not in cookie
    page = await person.get(f"{agent.url}/devices")
    assert page.status_code == 200
    assert "script-src 'self'" in page.headers["content-security-policy"]


async def test_a_link_works_once(agent: Agent, person: httpx.AsyncClient) -> None:
    link = await agent.link()
    assert (await person.get(link)).status_code == 303
    async with httpx.AsyncClient(timeout=30) as other:
        again = await other.get(link)
    assert again.status_code == 401 and "set-cookie" not in again.headers
    assert "链接已用过" in again.text


async def test_of_two_tabs_that_race_for_a_link_one_is_let_in(agent: Agent) -> None:
    link = await agent.link()
    async with httpx.AsyncClient(timeout=30) as one, httpx.AsyncClient(timeout=30) as two:
        answers = await asyncio.gather(*(browser.get(link) for browser in (one, two) * 8))
    assert sorted({answer.status_code for answer in answers}) == [303, 401]
    assert len([answer for answer in answers if "set-cookie" in answer.headers]) == 1


async def test_a_link_is_too_old_after_a_minute() -> None:
    now = [0.0]
    made = Links(lambda: now[0])
    early, late = made.make("/"), made.make("/")
    now[0] = links.LIFE_SECONDS - 0.1
    assert made.trade(early) == "/"
    now[0] = links.LIFE_SECONDS
    assert made.trade(late) is None


async def test_an_old_link_opens_nothing(agent: Agent, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(links, "LIFE_SECONDS", 0.05)
    link = await agent.link()
    await asyncio.sleep(0.1)
    async with httpx.AsyncClient(timeout=30) as late:
        answer = await late.get(link)
    assert answer.status_code == 401 and "set-cookie" not in answer.headers


@pytest.mark.parametrize("secret", ["", "wrong", "{link}x", "{half}", "{link}%00", "{token}"])
async def test_a_wrong_link_opens_nothing(agent: Agent, person: httpx.AsyncClient, secret: str) -> None:
    link = (await agent.link()).rpartition("=")[2]
    tried = secret.format(link=link, half=link[:20], token=agent.token)
    answer = await person.get(f"{agent.url}/?link={tried}")
    assert answer.status_code == 401 and "set-cookie" not in answer.headers


@pytest.mark.parametrize("method", ["HEAD", "POST", "OPTIONS"])
async def test_only_opening_the_page_trades_a_link(agent: Agent, person: httpx.AsyncClient, method: str) -> None:
    link = await agent.link()
    answer = await person.request(method, link)
    assert answer.status_code in (401, 405, 415) and "set-cookie" not in answer.headers
    assert (await person.get(link)).status_code == 303


async def test_a_link_works_at_the_entry_only(agent: Agent, person: httpx.AsyncClient) -> None:
    query = (await agent.link()).rpartition("/")[2]
    for path in ("/api/state", "/health", "/devices", "//", "/%2e"):
        assert "set-cookie" not in (await person.get(f"{agent.url}{path}{query}")).headers


async def test_a_browser_that_looks_ahead_does_not_use_a_link_up(agent: Agent, person: httpx.AsyncClient) -> None:
    link = await agent.link()
    assert (await person.get(link, headers={"Sec-Purpose": "prefetch;prerender"})).status_code == 503
    assert (await person.get(link)).status_code == 303


async def test_a_web_site_cannot_sign_a_browser_in(agent: Agent, person: httpx.AsyncClient) -> None:
    link = await agent.link()
    headers = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
    answer = await person.get(link, headers=headers)
    assert answer.status_code == 403 and "set-cookie" not in answer.headers


PAGES = [
    "//attacker.example/",
    "/\\attacker.example/",
    "https://attacker.example/",
    "attacker.example",
    "",
    "/\r\nSet-Cookie: a=b",
    "/\nx",
    "javascript:alert(1)",
    "/页",
    "/" + "x" * 300,
    "/#@attacker.example",
]


@pytest.mark.parametrize("page", PAGES)
async def test_a_link_leads_nowhere_else(agent: Agent, page: str) -> None:
    answer = await agent.post("/api/page-links", {"page": page})
    assert (answer.status_code, answer.json()["error"]) == (400, "no_such_page")


async def test_only_who_is_known_gets_a_link(agent: Agent, stranger: httpx.AsyncClient) -> None:
    assert (await stranger.post("/api/page-links", json={"page": "/"})).status_code == 401
    assert (await agent.client.get("/api/page-links")).status_code == 405


async def test_links_do_not_pile_up(agent: Agent, person: httpx.AsyncClient) -> None:
    first = await agent.link()
    newest = [await agent.link() for _ in range(links.MOST)][-1]
    assert (await person.get(first)).status_code == 401
    assert (await person.get(newest)).status_code == 303


async def test_whoever_is_signed_in_stays_it_with_an_old_link(agent: Agent, browser: httpx.AsyncClient) -> None:
    """A tab that is opened again from the history; and a click on the tray makes no second session."""
    cookie = browser.cookies[f"yaolink_{agent.settings.page_port}"]
    assert (await browser.get("/?link=used")).status_code == 200
    opened = await browser.get(await agent.link("/devices"))
    assert (opened.status_code, opened.url.path) == (200, "/devices")
    assert browser.cookies[f"yaolink_{agent.settings.page_port}"] == cookie
