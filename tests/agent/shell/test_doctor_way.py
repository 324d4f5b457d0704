"""The way to the hub, broken at each step on purpose; the doctor names the step and what to do."""

import asyncio
import re
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from agent.config import Settings
from agent.doctor.case import Case, Records
from agent.doctor.checks.way_to_hub import way_to_hub
from agent.doctor.findings import Finding, Level
from agent.set_aside import Counts
from agent.store import Identity
from domain.modes import Mode
from domain.orders import AcceptRule
from domain.protocol import Cursor
from tests.agent.shell.authorities import DAY, Authority, self_signed
from tests.agent.shell.fake_hub import FakeHub
from tests.listening import connected, listening
from tests.ports import free_port

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def walked(url: str, *, proxy: str | None = None, ca_file: Path | None = None) -> dict[str, Finding]:
    """By what was checked. Each step that was reached is there once, the failing one last."""
    identity = Identity("d", url, "c", "S1", "和平路店", AcceptRule.HUB, 0, Mode.LIVE)
    known = Records(identity, Cursor("store:S1", "", 0), 0, None, Counts(), None, None, {})
    settings = Settings(proxy=proxy, ca_file=str(ca_file) if ca_file else None)
    findings = await asyncio.to_thread(way_to_hub, Case(settings, None, "0.1.0", known, None))
    assert len({finding.check for finding in findings}) == len(findings)
    return {finding.check: finding for finding in findings}


def ids(findings: dict[str, Finding]) -> list[str]:
    return [finding.id for finding in findings.values()]


def last(findings: dict[str, Finding]) -> Finding:
    """What stopped it: bad, with something to do in both languages."""
    finding = list(findings.values())[-1]
    assert finding.level is Level.BAD and finding.do.zh and finding.do.en
    return finding


@asynccontextmanager
async def behind_tls(hub: FakeHub, pem: Path) -> AsyncIterator[str]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    async with listening(hub.serve, ssl=context) as port:
        yield f"https://127.0.0.1:{port}"


async def test_a_good_way_is_good_at_every_step(hub: FakeHub) -> None:
    findings = await walked(hub.url)
    assert ids(findings) == ["names.ok", "reach.ok", "answer.ok", "clock.ok", "version.ok"]


async def test_behind_tls_too_with_the_chains_own_authority(hub: FakeHub, tmp_path: Path) -> None:
    authority = Authority.make("chain CA")
    async with behind_tls(hub, authority.issue(tmp_path)) as url:
        findings = await walked(url, ca_file=authority.write(tmp_path / "ca.pem"))
    assert ids(findings) == ["names.ok", "reach.ok", "certificate.ok", "answer.ok", "clock.ok", "version.ok"]


async def test_a_certificate_that_ends_soon_is_said_before_it_does(hub: FakeHub, tmp_path: Path) -> None:
    authority = Authority.make("chain CA")
    async with behind_tls(hub, authority.issue(tmp_path, valid=(-DAY, 5 * DAY))) as url:
        findings = await walked(url, ca_file=authority.write(tmp_path / "ca.pem"))
    assert findings["certificate"].id == "certificate.soon" and findings["certificate"].level is Level.LOOK
    assert findings["answer"].id == "answer.ok"


async def test_a_wrong_name() -> None:
    findings = await walked("https://hub.pharmacy.invalid")
    assert last(findings).id == "names.failed" and "hub.pharmacy.invalid" in last(findings).what.zh


async def test_nobody_at_the_address() -> None:
    assert ids(await walked(f"http://127.0.0.1:{free_port()}")) == ["names.ok", "reach.failed"]


async def test_a_dead_proxy(hub: FakeHub) -> None:
    findings = await walked(hub.url, proxy=f"http://user:geheim@127.0.0.1:{free_port()}")
    assert last(findings).id == "proxy.unreachable"
    assert "geheim" not in str(findings)


async def test_a_proxy_that_forbids_the_hub() -> None:
    asked: list[str] = []

    async def forbid(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append((await reader.readuntil(b"\r\n\r\n")).decode())
        writer.write(b"HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n")
        await writer.drain()

    async with listening(forbid) as port:
        findings = await walked("https://hub.example.com", proxy=f"http://user:geheim@127.0.0.1:{port}")
    assert last(findings).id == "proxy.refuses" and "HTTP 403" in last(findings).what.en
    assert (
        asked[0].startswith("CONNECT hub.example.com:443 ")
        and "Proxy-Authorization: Basic dXNlcjpnZWhlaW0=" in asked[0]
    )
    assert "geheim" not in str(findings)


async def test_through_a_proxy_that_works(hub: FakeHub, tmp_path: Path) -> None:
    async def tunnel(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        async with connected(port_of_hub) as (behind, before):
            writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            await asyncio.gather(pipe(reader, before), pipe(behind, writer))

    async def pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65536):
            writer.write(data)
        writer.close()

    authority = Authority.make("chain CA")
    async with behind_tls(hub, authority.issue(tmp_path)) as url, listening(tunnel) as port:
        port_of_hub = int(url.rpartition(":")[2])
        findings = await walked(url, proxy=f"http://127.0.0.1:{port}", ca_file=authority.write(tmp_path / "ca.pem"))
    assert ids(findings)[:4] == ["names.ok", "proxy.ok", "certificate.ok", "answer.ok"]


async def test_through_a_proxy_without_encryption(hub: FakeHub) -> None:
    """The proxy is asked for the whole address."""
    asked: list[str] = []

    async def forward(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        asked.append(head.splitlines()[0])
        async with connected(hub.port) as (behind, before):
            before.write(head.replace(hub.url, "", 1).encode())
            writer.write(await behind.read(65536))
            await writer.drain()

    async with listening(forward) as port:
        findings = await walked(hub.url, proxy=f"http://127.0.0.1:{port}")
    assert ids(findings)[:3] == ["names.ok", "proxy.ok", "answer.ok"]
    assert asked == [f"GET {hub.url}/edge/events HTTP/1.1"]


async def test_a_self_signed_certificate(hub: FakeHub, tmp_path: Path) -> None:
    async with behind_tls(hub, self_signed(tmp_path)) as url:
        finding = last(await walked(url))
    assert finding.id == "certificate.self_signed" and "hub in the office" in finding.what.zh


async def test_an_authority_nobody_set(hub: FakeHub, tmp_path: Path) -> None:
    async with behind_tls(hub, Authority.make("chain CA").issue(tmp_path)) as url:
        finding = last(await walked(url))
    assert finding.id == "certificate.unknown_authority" and "chain CA" in finding.what.en


async def test_an_antivirus_that_reads_along(hub: FakeHub, tmp_path: Path) -> None:
    async with behind_tls(hub, Authority.make("Kaspersky Anti-Virus Personal Root").issue(tmp_path)) as url:
        finding = last(await walked(url))
    assert finding.id == "certificate.intercepted" and "Kaspersky" in finding.what.zh


@pytest.mark.parametrize(
    ("valid", "host", "id"),
    [
        ((-90 * DAY, -DAY), "127.0.0.1", "certificate.expired"),
        ((2 * DAY, 90 * DAY), "127.0.0.1", "certificate.not_yet"),
        ((-DAY, 90 * DAY), "hub.example.com", "certificate.wrong_name"),
        ((-DAY, 90 * DAY), "10.9.8.7", "certificate.wrong_name"),
    ],
)
async def test_a_certificate_of_the_wrong_time_or_name(
    hub: FakeHub, tmp_path: Path, valid: tuple[timedelta, timedelta], host: str, id: str
) -> None:
    authority = Authority.make("chain CA")
    async with behind_tls(hub, authority.issue(tmp_path, valid=valid, host=host)) as url:
        findings = await walked(url, ca_file=authority.write(tmp_path / "ca.pem"))
    assert last(findings).id == id


async def test_a_ca_file_that_is_none(hub: FakeHub, tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("hello")
    async with behind_tls(hub, self_signed(tmp_path)) as url:
        assert last(await walked(url, ca_file=tmp_path / "ca.pem")).id == "certificate.ca_file"


async def test_https_where_there_is_none(hub: FakeHub) -> None:
    assert last(await walked(hub.url.replace("http:", "https:"))).id == "certificate.broken"


@pytest.mark.parametrize(
    ("head", "id"),
    [
        (b"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 5\r\n\r\nlogin", "answer.stranger"),
        (b"HTTP/1.1 302 Found\r\nlocation: http://portal/\r\ncontent-length: 0\r\n\r\n", "answer.stranger"),
        (b"HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\n\r\n", "answer.not_ready"),
        (b"SSH-2.0-OpenSSH_9.2\r\n", "answer.silent"),
        (b"", "answer.silent"),
    ],
)
async def test_somebody_else_answers(head: bytes, id: str) -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(head)
        await writer.drain()

    async with listening(answer) as port:
        assert last(await walked(f"http://127.0.0.1:{port}")).id == id


async def test_an_answer_without_end_is_not_read_to_its_end() -> None:
    async def pour(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            writer.write(b"<p>" * 20_000)
            await writer.drain()

    async with listening(pour) as port:
        findings = await walked(f"http://127.0.0.1:{port}")
    assert last(findings).id == "answer.stranger"


async def test_a_clock_that_is_off(hub: FakeHub) -> None:
    hub.clock_off = 95.0
    finding = (await walked(hub.url))["clock"]
    assert finding.id == "clock.off" and finding.level is Level.LOOK
    assert re.search(r"9[456] s", finding.what.en)


@pytest.mark.parametrize(
    ("version", "id"),
    [("0.3.9", "version.ok"), ("0.4.0", "version.older"), ("1.0.0", "version.older"), ("0.0.9", "version.newer")],
)
async def test_a_hub_of_another_version(hub: FakeHub, version: str, id: str) -> None:
    hub.version = version
    assert (await walked(hub.url))["version"].id == id
