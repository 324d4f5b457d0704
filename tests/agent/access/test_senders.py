"""Whose requests are refused for where they come from: other names for this computer, other sites, other ports."""

import pytest

from tests.agent.access.raw import ask
from tests.agent.shell.conftest import Agent

pytestmark = pytest.mark.asyncio(loop_scope="module")

LOOKALIKES = [
    "127.attacker.example:{port}",
    "127.0.0.1.attacker.example:{port}",
    "localhost.attacker.example:{port}",
    "attacker.example",
    "127.0.0.1",
    "127.0.0.1:1",
    "127.0.0.1:{port}0",
    "127.0.0.1:0{port}",
    "127.0.0.1.:{port}",
    "localhost.:{port}",
    "LOCALHOST:{port}",
    "[::1]:{port}",
    "[::ffff:127.0.0.1]:{port}",
    "127.1:{port}",
    "127.000.000.001:{port}",
    "2130706433:{port}",
    "0.0.0.0:{port}",
    "127.0.0.2:{port}",
    "user@127.0.0.1:{port}",
    "127.0.0.1:{port}@attacker.example",
    "127.0.0.1:{port},attacker.example",
    "127.0.0.1:{port}/",
    "",
]


@pytest.mark.parametrize("host", LOOKALIKES)
async def test_a_name_that_is_not_ours_is_refused(agent: Agent, host: str) -> None:
    """What a page sees whose name was pointed at 127.0.0.1 (DNS rebinding), with the token even."""
    host = host.format(port=agent.settings.page_port)
    link = (await agent.link()).rpartition("/")[2]
    for path in ("/", "/api/state", "/health", f"/{link}"):
        answer = await agent.client.get(path, headers={"Host": host})
        assert answer.status_code == 421, (path, answer.text)
        assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost"])
async def test_our_own_names_are_answered(agent: Agent, name: str) -> None:
    answer = await agent.client.get("/api/state", headers={"Host": f"{name}:{agent.settings.page_port}"})
    assert answer.status_code == 200


async def test_two_hosts_or_none_are_refused(agent: Agent) -> None:
    port, token = agent.settings.page_port, f"Authorization: Bearer {agent.token}"
    ours, theirs = f"Host: 127.0.0.1:{port}", "Host: attacker.example"
    assert (await ask(port, "GET /api/state HTTP/1.1", ours, token)).status == 200
    for hosts in ((ours, theirs), (theirs, ours), (ours, ours)):
        assert (await ask(port, "GET /api/state HTTP/1.1", *hosts, token)).status in (400, 421), hosts
    assert (await ask(port, "GET /api/state HTTP/1.0", token)).status == 421


@pytest.mark.parametrize("target", ["http://{ours}/api/state", "http://attacker.example/api/state", "{ours}/api/state"])
async def test_a_target_that_names_a_host_is_refused(agent: Agent, target: str) -> None:
    """Only a proxy is asked so; which of the two names would count?"""
    port = agent.settings.page_port
    target = target.format(ours=f"127.0.0.1:{port}")
    heard = await ask(port, f"GET {target} HTTP/1.1", f"Host: 127.0.0.1:{port}", f"Authorization: Bearer {agent.token}")
    assert heard.status == 400


ORIGINS = [
    "https://attacker.example",
    "null",
    "",
    "http://127.0.0.1",
    "http://127.0.0.1:1",
    "http://127.0.0.1:{port}.attacker.example",
    "http://attacker.example#http://127.0.0.1:{port}",
    "https://127.0.0.1:{port}",
    "HTTP://127.0.0.1:{port}",
    "http://127.0.0.1:{port}/",
    "http://localhost:{port}",
    "http://[::1]:{port}",
    "file://",
    "chrome-extension://abcdefghijklmnop",
]


@pytest.mark.parametrize("origin", ORIGINS)
async def test_a_foreign_origin_is_refused(agent: Agent, origin: str) -> None:
    """The page at `localhost` is another origin than the one at 127.0.0.1, too."""
    origin = origin.format(port=agent.settings.page_port)
    for answer in (
        await agent.client.post("/api/scan", json={"text": "x"}, headers={"Origin": origin}),
        await agent.client.get("/api/state", headers={"Origin": origin}),
    ):
        assert answer.status_code == 403
        assert answer.json()["error"] == "foreign_origin"
        assert not [name for name in answer.headers if name.startswith("access-control")]


async def test_our_own_origin_is_answered(agent: Agent) -> None:
    answer = await agent.client.post("/api/scan", json={"text": "x"}, headers={"Origin": agent.url})
    assert answer.status_code == 200


async def test_two_origins_are_judged_both(agent: Agent) -> None:
    headers = [("Origin", agent.url), ("Origin", "https://attacker.example")]
    assert (await agent.client.get("/api/state", headers=headers)).status_code == 403


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "GET"])
async def test_no_other_site_gets_a_preflight(agent: Agent, method: str) -> None:
    asking = {
        "Origin": "https://attacker.example",
        "Access-Control-Request-Method": method,
        "Access-Control-Request-Headers": "authorization, content-type",
        "Access-Control-Request-Private-Network": "true",
    }
    for path in ("/api/scan", "/api/state", "/health", "/"):
        for headers in (asking, {**asking, "Origin": agent.url}):
            answer = await agent.client.options(path, headers=headers)
            assert not [name for name in answer.headers if name.startswith("access-control")], path
            assert headers["Origin"] == agent.url or answer.status_code == 403


@pytest.mark.parametrize("site", ["cross-site", "same-site", "SAME-ORIGIN", "", "same-origin, cross-site"])
async def test_what_the_browser_calls_foreign_is_refused(agent: Agent, site: str) -> None:
    for answer in (
        await agent.client.get("/api/state", headers={"Sec-Fetch-Site": site, "Sec-Fetch-Dest": "empty"}),
        await agent.client.get("/", headers={"Sec-Fetch-Site": site, "Sec-Fetch-Dest": "iframe"}),
        await agent.client.get("/page.js", headers={"Sec-Fetch-Site": site, "Sec-Fetch-Dest": "script"}),
        await agent.client.post("/api/scan", json={"text": "x"}, headers={"Sec-Fetch-Site": site}),
    ):
        assert answer.status_code == 403, answer.text


@pytest.mark.parametrize(
    ("site", "status"), [("none", 200), ("same-origin", 200), ("same-site", 200), ("cross-site", 403)]
)
async def test_who_may_lead_a_person_to_the_page(agent: Agent, site: str, status: int) -> None:
    """Another port of this computer may (the practice desk does), a web site may not."""
    headers = {"Sec-Fetch-Site": site, "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
    assert (await agent.client.get("/", headers=headers)).status_code == status


async def test_a_web_socket_is_not_opened(agent: Agent) -> None:
    port = agent.settings.page_port
    handshake = ("Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: eA==")
    host = f"Host: 127.0.0.1:{port}"
    heard = await ask(port, "GET /api/changes HTTP/1.1", host, *handshake, "Origin: https://attacker.example")
    assert heard.status == 403
    heard = await ask(port, "GET /api/state HTTP/1.1", host, *handshake, f"Authorization: Bearer {agent.token}")
    assert heard.status == 200 and "upgrade" not in heard.head.lower()
