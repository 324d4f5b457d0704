"""Who may not reach the local page and API: every other web site, every other user, every form and link."""

import stat
from collections.abc import AsyncIterator

import httpx
import pytest
import pytest_asyncio

from agent.config import SecretsPlace, Settings
from tests.agent.shell.conftest import Agent, free_port, running

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def agent(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Agent]:
    """One for all of them: none of these callers changes anything."""
    folder = tmp_path_factory.mktemp("agent")
    settings = Settings(data=str(folder / "data"), page_port=free_port(), secrets=SecretsPlace.FILE)
    async with running(settings) as made:
        yield made


@pytest.mark.parametrize(
    "host",
    [
        "127.attacker.example:{port}",
        "127.0.0.1.attacker.example:{port}",
        "attacker.example",
        "127.0.0.1",
        "127.0.0.1:1",
        "localhost.:{port}",
        "[::1]:{port}",
        "127.1:{port}",
    ],
)
async def test_a_rebound_name_is_refused(agent: Agent, host: str) -> None:
    host = host.format(port=agent.settings.page_port)
    for path in ("/", "/api/state", "/health", f"/?token={agent.token}"):
        answer = await agent.client.get(path, headers={"Host": host})
        assert answer.status_code == 421, (path, answer.text)
        assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost"])
async def test_our_own_names_are_answered(agent: Agent, name: str) -> None:
    answer = await agent.client.get("/api/state", headers={"Host": f"{name}:{agent.settings.page_port}"})
    assert answer.status_code == 200


@pytest.mark.parametrize("origin", ["https://attacker.example", "null", "http://127.0.0.1:1", "http://127.0.0.1", ""])
async def test_a_foreign_origin_is_refused(agent: Agent, origin: str) -> None:
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


async def test_no_other_site_gets_a_preflight(agent: Agent) -> None:
    headers = {"Origin": "https://attacker.example", "Access-Control-Request-Method": "POST"}
    answer = await agent.client.options("/api/scan", headers=headers)
    assert answer.status_code == 403
    assert "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize(
    "content_type", ["application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/plain", ""]
)
async def test_a_form_cannot_act(agent: Agent, content_type: str) -> None:
    answer = await agent.client.post(
        "/api/scan", content=b'{"text": "81234560000000000001"}', headers={"Content-Type": content_type}
    )
    assert answer.status_code == 415


@pytest.mark.parametrize(
    "path",
    [
        "/api/orders/o1/accept",
        "/api/orders/o1/complete",
        "/api/scan",
        "/api/pair",
        "/api/slips/s1/resolve",
        "/api/sales",
    ],
)
async def test_nothing_is_done_by_reading(agent: Agent, path: str) -> None:
    for method in ("GET", "HEAD"):
        answer = await agent.client.request(method, path)
        assert answer.status_code == 405, (method, path)


@pytest.mark.parametrize("authorization", [None, "Bearer wrong", "Basic {token}", "Bearer {token}x", "{token}"])
async def test_nothing_without_the_token(agent: Agent, authorization: str | None) -> None:
    headers = {"Authorization": authorization.format(token=agent.token)} if authorization else {}
    async with httpx.AsyncClient(base_url=agent.url, headers=headers) as stranger:
        assert (await stranger.get("/api/state")).status_code == 401
        assert (await stranger.get("/")).status_code == 401
        assert (await stranger.get("/page.js")).status_code == 401
        assert (await stranger.post("/api/scan", json={"text": "x"})).status_code == 401


async def test_the_token_becomes_a_cookie_and_leaves_the_address(agent: Agent) -> None:
    async with httpx.AsyncClient() as browser:
        answer = await browser.get(await agent.link())
        assert (answer.status_code, answer.headers["location"]) == (303, "/")
        cookie = answer.headers["set-cookie"]
        assert "HttpOnly" in cookie and "SameSite=Strict" in cookie
        assert cookie.startswith(f"yaolink_{agent.settings.page_port}=")
        page = await browser.get(agent.url)
    assert page.status_code == 200
    assert "script-src 'self'" in page.headers["content-security-policy"]


async def test_a_wrong_token_in_the_address_gives_no_cookie(agent: Agent) -> None:
    async with httpx.AsyncClient() as browser:
        answer = await browser.get(f"{agent.url}/?token=wrong")
    assert answer.status_code == 401
    assert "set-cookie" not in answer.headers


async def test_health_says_nothing_of_the_store(agent: Agent) -> None:
    async with httpx.AsyncClient() as anybody:
        answer = await anybody.get(f"{agent.url}/health")
    assert (answer.status_code, answer.json()) == (200, {"done": True})


async def test_the_token_is_for_our_user_only(agent: Agent) -> None:
    assert stat.S_IMODE((agent.settings.folder / "page.token").stat().st_mode) == 0o600


async def test_a_body_that_cannot_be_is_told(agent: Agent) -> None:
    broken = await agent.client.post("/api/scan", content=b"{", headers={"Content-Type": "application/json"})
    wrong = await agent.post("/api/scan", {"text": 7})
    strange = await agent.post("/api/scan", {"text": "x", "shell": "rm"})
    large = await agent.post("/api/scan", {"text": "x" * 100_000})
    assert [broken.status_code, wrong.status_code, strange.status_code, large.status_code] == [400, 400, 400, 413]
    assert all(answer.json()["message"] for answer in (broken, wrong, strange, large))
    assert (await agent.client.get("/api/state")).status_code == 200
