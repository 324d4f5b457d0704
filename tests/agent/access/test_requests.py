"""Requests that ask for more than they may: without proof, by forms, by reading, by odd paths."""

import httpx
import pytest
from litestar.handlers import HTTPRouteHandler

from agent.server import HANDLERS
from tests.agent.access.raw import as_owner, ask
from tests.agent.shell.conftest import Agent

pytestmark = pytest.mark.asyncio(loop_scope="module")


def paths(method: str) -> list[str]:
    """Every path of the application that answers this method, its parameters filled in."""
    asked = [path for handler in HANDLERS if method in _methods(handler) for path in handler.paths]
    return sorted("/".join("x" if part.startswith("{") else part for part in path.split("/")) for path in asked)


def _methods(handler: HTTPRouteHandler) -> set[str]:
    return {str(method) for method in handler.http_methods}


async def test_the_walk_sees_the_application() -> None:
    assert {"/api/orders/x/accept", "/api/page-links", "/api/pair"} <= set(paths("POST"))
    assert {"/", "/api/state", "/orders/x/pick", "/page.js"} <= set(paths("GET"))


@pytest.mark.parametrize("path", [path for path in paths("GET") if path != "/health"])
async def test_nothing_is_read_without_proof(stranger: httpx.AsyncClient, path: str) -> None:
    answer = await stranger.get(path)
    assert answer.status_code in (401, 429)
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("path", paths("POST"))
async def test_nothing_is_done_without_proof_by_a_form_or_by_reading(
    agent: Agent, stranger: httpx.AsyncClient, path: str
) -> None:
    assert (await stranger.post(path, json={})).status_code in (401, 429)
    assert (await agent.client.post(path, data={"a": "b"})).status_code == 415
    for method in ("GET", "HEAD", "PUT", "PATCH", "DELETE"):
        answer = await agent.client.request(method, path, headers={"Content-Type": "application/json"})
        assert answer.status_code in (404, 405) or path in paths("GET"), method


PROOFS = [
    "Bearer wrong",
    "Basic {token}",
    "Bearer {token}x",
    "Bearer {half}",
    "{token}",
    "Bearer",
    "Bearer {token}, Bearer wrong",
    "Bearer \xff{token}",
]


@pytest.mark.parametrize("proof", PROOFS)
async def test_a_wrong_token_opens_nothing(agent: Agent, stranger: httpx.AsyncClient, proof: str) -> None:
    proof = proof.format(token=agent.token, half=agent.token[:20])
    answer = await stranger.get("/api/state", headers={b"Authorization": proof.encode("latin-1")})
    assert answer.status_code in (401, 429)


async def test_the_token_in_the_address_opens_nothing(agent: Agent, stranger: httpx.AsyncClient) -> None:
    """As it once did: addresses are kept in histories and shown on screens."""
    for target in (f"/?token={agent.token}", f"/api/state?token={agent.token}", f"/?link={agent.token}"):
        answer = await stranger.get(target)
        assert answer.status_code in (401, 429) and "set-cookie" not in answer.headers


CONTENT_TYPES = [
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "text/plain",
    "text/plain; application/json",
    "text/json",
    "application/jsonp",
    "application/json; charset=utf-7",
    "application/json; charset=utf-16",
    "application/json; charset=gbk",
    "application/json, text/plain",
    "application/octet-stream",
    "",
]


@pytest.mark.parametrize("content_type", CONTENT_TYPES)
async def test_only_json_acts(agent: Agent, browser: httpx.AsyncClient, content_type: str) -> None:
    for client in (agent.client, browser):
        answer = await client.post("/api/scan", content=b'{"text": "x"}', headers={"Content-Type": content_type})
        assert answer.status_code == 415


@pytest.mark.parametrize("content_type", ["application/json", "Application/JSON; charset=UTF-8"])
async def test_json_acts(agent: Agent, content_type: str) -> None:
    answer = await agent.client.post("/api/scan", content=b'{"text": "x"}', headers={"Content-Type": content_type})
    assert answer.status_code == 200


async def test_two_content_types_are_none(agent: Agent) -> None:
    headers = [("Content-Type", "application/json"), ("Content-Type", "text/plain")]
    answer = await agent.client.post("/api/scan", content=b'{"text": "x"}', headers=headers)
    assert answer.status_code == 415


@pytest.mark.parametrize("header", ["X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override", "_method"])
async def test_no_header_makes_a_deed_of_reading(agent: Agent, header: str) -> None:
    for path in ("/api/orders/x/accept", "/api/sign-out"):
        answer = await agent.client.get(f"{path}?_method=POST", headers={header: "POST"})
        assert answer.status_code in (404, 405)


@pytest.mark.parametrize("method", ["TRACE", "CONNECT", "PROPFIND", "PURGE"])
async def test_strange_methods_are_refused(agent: Agent, method: str) -> None:
    port = agent.settings.page_port
    heard = await ask(port, f"{method} /api/state HTTP/1.1", *as_owner(port, agent.token))
    assert heard.status in (400, 405, 415)
    assert agent.token not in heard.head + heard.body.decode()


OPEN_PATH_TRICKS = [
    "//health",
    "/health/",
    "/health/../api/state",
    "/health/%2e%2e/api/state",
    "/health%2f..%2fapi%2fstate",
    "/health/..;/api/state",
    "/health;/api/state",
    "/health%00/api/state",
    "/./api/state",
    "//api/state",
    "/api//state",
    "/%61pi/state",
    "/api%2fstate",
    "/API/STATE",
    "/api/state%3f/health",
    "\\health\\..\\api\\state",
]


@pytest.mark.parametrize("path", OPEN_PATH_TRICKS)
async def test_no_path_leads_around_the_guard(agent: Agent, path: str) -> None:
    port = agent.settings.page_port
    heard = await ask(port, f"GET {path} HTTP/1.1", f"Host: 127.0.0.1:{port}")
    assert heard.status in (400, 401, 429), heard
    assert b"version" not in heard.body


async def test_the_open_path_tells_nothing_and_takes_nothing(stranger: httpx.AsyncClient) -> None:
    answer = await stranger.get("/health")
    assert (answer.status_code, answer.json()) == (200, {"done": True})
    assert (await stranger.get("/%68ealth")).json() == {"done": True}
    assert (await stranger.post("/health", json={})).status_code in (401, 429)


async def test_two_lengths_or_a_length_and_chunks_are_refused(agent: Agent) -> None:
    """Where two readers of the same bytes could differ about where a request ends."""
    port = agent.settings.page_port
    sender = (*as_owner(port, agent.token), "Content-Type: application/json")
    for framing in (
        ("Content-Length: 13", "Content-Length: 2"),
        ("Content-Length: 13", "Transfer-Encoding: chunked"),
        ("Content-Length: -1",),
        ("Content-Length: 0x0d",),
        ("Transfer-Encoding: chunked, identity",),
    ):
        heard = await ask(port, "POST /api/scan HTTP/1.1", *sender, *framing, body=b'{"text": "x"}')
        assert heard.status == 400, framing


async def test_a_body_that_cannot_be_is_told(agent: Agent) -> None:
    broken = await agent.client.post("/api/scan", content=b"{", headers={"Content-Type": "application/json"})
    wrong = await agent.post("/api/scan", {"text": 7})
    strange = await agent.post("/api/scan", {"text": "x", "shell": "rm"})
    large = await agent.post("/api/scan", {"text": "x" * 100_000})
    assert [broken.status_code, wrong.status_code, strange.status_code, large.status_code] == [400, 400, 400, 413]
    assert all(answer.json()["message"] for answer in (broken, wrong, strange, large))
    assert (await agent.client.get("/api/state")).status_code == 200


async def test_every_answer_forbids_what_a_page_may_not(agent: Agent, stranger: httpx.AsyncClient) -> None:
    for answer in (await agent.client.get("/"), await agent.client.get("/api/state"), await stranger.get("/")):
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["cross-origin-resource-policy"] == "same-origin"
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy and "frame-ancestors 'none'" in policy and "unsafe" not in policy


async def test_somebody_without_a_session_reads_what_to_do(stranger: httpx.AsyncClient) -> None:
    answer = await stranger.get("/orders/o1")
    assert answer.status_code == 401
    assert "托盘" in answer.text and "yaolink-agent page" in answer.text and "tray" in answer.text
    asked = await stranger.get("/api/state")
    assert (asked.status_code, asked.json()["error"]) == (401, "no_session")
