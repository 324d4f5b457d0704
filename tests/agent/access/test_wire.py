"""Connections that want nothing, or too much."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import httpx
import pytest

from agent.access import exchange, wire
from agent.access.guard import LARGEST_HEAD
from tests.agent.access.raw import as_owner, ask, connected, heard, request
from tests.agent.shell.conftest import Agent

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_endless_headers_are_cut_off(agent: Agent) -> None:
    port = agent.settings.page_port
    async with connected(port) as (_, writer):
        writer.write(request("GET / HTTP/1.1", f"Host: 127.0.0.1:{port}")[:-2] + b"X: ")
        with pytest.raises(ConnectionError):
            for _ in range(1000):
                writer.write(b"x" * 8192)
                await writer.drain()
                await asyncio.sleep(0)


async def test_an_endless_address_is_cut_off(agent: Agent) -> None:
    async with connected(agent.settings.page_port) as (_, writer):
        writer.write(b"GET /")
        with pytest.raises(ConnectionError):
            for _ in range(1000):
                writer.write(b"x" * 8192)
                await writer.drain()
                await asyncio.sleep(0)


async def test_large_headers_are_refused_in_one_piece_too(agent: Agent) -> None:
    port = agent.settings.page_port
    large = f"X: {'x' * (LARGEST_HEAD - 500)}"
    assert (await ask(port, "GET /health HTTP/1.1", f"Host: 127.0.0.1:{port}", large)).status == 200
    large = f"X: {'x' * LARGEST_HEAD}"
    assert (await ask(port, "GET /health HTTP/1.1", f"Host: 127.0.0.1:{port}", large)).status in (0, 431)


async def test_a_thousand_headers_are_answered_or_refused_quickly(agent: Agent) -> None:
    port = agent.settings.page_port
    many = [f"X{number}: y" for number in range(1000)]
    answer = await asyncio.wait_for(ask(port, "GET /api/state HTTP/1.1", *as_owner(port, agent.token), *many), 30)
    assert answer.status in (200, 431)


@pytest.mark.parametrize("began", [b"", b"GE", b"GET / HTTP/1.1\r\nHost: x\r\nX: y"])
async def test_a_connection_that_does_not_say_what_it_wants_is_closed(
    agent: Agent, monkeypatch: pytest.MonkeyPatch, began: bytes
) -> None:
    monkeypatch.setattr(wire, "HEAD_SECONDS", 1.0)
    async with connected(agent.settings.page_port) as (reader, writer):
        writer.write(began)
        answer = await asyncio.wait_for(heard(reader), 30)
    assert answer.status == 0


async def test_nor_may_a_second_request_be_begun_and_left(agent: Agent, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "HEAD_SECONDS", 1.0)
    port = agent.settings.page_port
    async with connected(port) as (reader, writer):
        writer.write(request("GET /health HTTP/1.1", f"Host: 127.0.0.1:{port}"))
        assert (await heard(reader)).status == 200
        writer.write(b"GET /hea")
        assert (await asyncio.wait_for(heard(reader), 30)).status == 0


async def test_a_request_that_is_at_work_is_not_cut_off(agent: Agent, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "HEAD_SECONDS", 1.0)
    port = agent.settings.page_port
    async with connected(port) as (reader, writer):
        writer.write(request("GET /api/changes HTTP/1.1", *as_owner(port, agent.token)))
        await reader.readuntil(b"alive")
        await asyncio.sleep(2.0)
        assert not reader.at_eof()


async def test_silent_connections_do_not_keep_the_clerk_out(
    agent: Agent, browser: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wire, "MOST_SILENT", 20)
    async with AsyncExitStack() as stack:
        opened = [await stack.enter_async_context(connected(agent.settings.page_port)) for _ in range(60)]
        for _ in range(5):
            assert (await browser.get("/api/state")).status_code == 200
        closed = [reader for reader, _ in opened if reader.at_eof() or reader.exception()]
        assert len(closed) >= 30
        assert not opened[-1][0].at_eof()


@pytest.mark.parametrize("framing", ["Content-Length: 100", "Transfer-Encoding: chunked"])
async def test_a_body_that_does_not_come_is_not_waited_for(
    agent: Agent, monkeypatch: pytest.MonkeyPatch, framing: str
) -> None:
    monkeypatch.setattr(exchange, "BODY_SECONDS", 0.2)
    port = agent.settings.page_port
    async with connected(port) as (reader, writer):
        writer.write(
            request("POST /api/scan HTTP/1.1", *as_owner(port, agent.token), "Content-Type: application/json", framing)
        )
        answer = await asyncio.wait_for(heard(reader), 30)
        assert answer.status == 408
        assert await asyncio.wait_for(reader.read(), 30) == b"", "and the connection is closed"


async def test_a_body_that_drips_is_not_waited_for(agent: Agent, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exchange, "BODY_SECONDS", 0.3)
    port = agent.settings.page_port
    sender = (*as_owner(port, agent.token), "Content-Type: application/json", "Content-Length: 1000")
    async with connected(port) as (reader, writer):
        writer.write(request("POST /api/scan HTTP/1.1", *sender))
        answering = asyncio.create_task(heard(reader))
        for _ in range(400):
            if answering.done():
                break
            writer.write(b" ")
            await asyncio.sleep(0.05)
        assert answering.done()
        assert (await answering).status in (0, 408), "whoever still sends may miss the answer"


async def test_a_large_body_in_pieces_is_refused(agent: Agent) -> None:
    """Its length is not told beforehand."""

    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(40):
            yield b" " * 8192

    answer = await agent.client.post("/api/scan", content=pieces(), headers={"Content-Type": "application/json"})
    assert answer.status_code == 413


async def test_a_body_nobody_needed_must_come_soon_too(agent: Agent, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "HEAD_SECONDS", 1.0)
    port = agent.settings.page_port
    sender = (*as_owner(port, agent.token), "Content-Type: application/json", "Content-Length: 1000")
    async with connected(port) as (reader, writer):
        writer.write(request("POST /api/orders/x/accept HTTP/1.1", *sender, body=b"{"))
        assert (await heard(reader)).status == 404
        assert await asyncio.wait_for(reader.read(), 30) == b""


async def test_one_connection_serves_many_requests(agent: Agent) -> None:
    """Sent at once even, one behind the other, with bodies larger than headers may be."""
    port = agent.settings.page_port
    body = b'{"text": "' + b"x" * 50_000 + b'"}'
    sender = (*as_owner(port, agent.token), "Content-Type: application/json", f"Content-Length: {len(body)}")
    async with connected(port) as (reader, writer):
        for _ in range(5):
            writer.write(request("POST /api/scan HTTP/1.1", *sender, body=body))
            writer.write(request("GET /health HTTP/1.1", *as_owner(port, agent.token)))
        answers = [(await heard(reader)).status for _ in range(10)]
    assert answers == [200] * 10


async def test_a_stranger_is_refused_before_his_body_is_read(agent: Agent) -> None:
    port = agent.settings.page_port
    host = f"Host: 127.0.0.1:{port}"
    answer = await ask(port, "POST /api/scan HTTP/1.1", host, "Content-Length: 1000000000")
    assert answer.status in (401, 429) and "connection: close" in answer.head.lower()


@pytest.mark.parametrize(
    "noise",
    [b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", b"\x00" * 100, b"GET\r\n\r\n", b"\r\n" * 50 + b"x\r\n\r\n"],
)
async def test_noise_is_answered_by_closing(agent: Agent, noise: bytes) -> None:
    async with connected(agent.settings.page_port) as (reader, writer):
        writer.write(noise)
        assert (await asyncio.wait_for(heard(reader), 30)).status in (0, 400)
    assert (await agent.client.get("/api/state")).status_code == 200
