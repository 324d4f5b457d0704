"""What may stand between a store and its hub: a private certificate authority, an HTTP proxy."""

import asyncio
import re
import ssl
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
import pytest_asyncio
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from agent.hub import Hub, trust
from agent.hub_errors import HubError, HubUnreachable
from domain import protocol
from domain.protocol import Cursor
from tests.agent.shell.fake_hub import FakeHub
from tests.agent.shell.speaking import speaking
from tests.listening import connected, listening

pytestmark = pytest.mark.asyncio(loop_scope="module")
CURSOR = Cursor("store:S1", "", 0)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for 127.0.0.1 that is its own authority, with its key beside it."""
    folder = tmp_path_factory.mktemp("ca")
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "chain")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    (folder / "ca.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return folder / "ca.pem"


@pytest_asyncio.fixture(loop_scope="module")
async def secured(hub: FakeHub, certificate: Path) -> AsyncIterator[str]:
    """The hub's address behind TLS."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, certificate.with_name("key.pem"))
    async with listening(hub.serve, ssl=context) as port:
        yield f"https://127.0.0.1:{port}"


async def test_the_chains_own_authority_is_trusted_where_it_is_set(secured: str, certificate: Path) -> None:
    trusting = Hub(secured, speaking(), trusted=trust(str(certificate)))
    assert (await trusting.pull(CURSOR)).events == ()
    await trusting.close()


async def test_an_unknown_authority_is_not(secured: str) -> None:
    doubting = Hub(secured, speaking())
    with pytest.raises(HubUnreachable, match="CERTIFICATE_VERIFY_FAILED"):
        await doubting.pull(CURSOR)
    await doubting.close()


async def test_a_file_that_is_no_certificate_is_named(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("hello")
    with pytest.raises(HubError, match=r"ca\.pem cannot be used"):
        trust(str(tmp_path / "ca.pem"))


async def test_a_proxy_is_used_where_it_is_set(hub: FakeHub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    asked: list[str] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Takes the absolute address, and passes the request on as a proxy does."""
        head = await reader.readuntil(b"\r\n\r\n")
        method, target, rest = head.decode().split(" ", 2)
        asked.append(target)
        length = re.search(r"content-length: (\d+)", rest, re.IGNORECASE)
        body = await reader.readexactly(int(length[1]) if length else 0)
        async with connected(hub.port) as (behind, before):
            before.write(f"{method} {target.removeprefix(hub.url)} {rest}".encode() + body)
            writer.write(await behind.read(65536))
            await writer.drain()

    async with listening(serve) as port:
        proxied, direct = Hub(hub.url, speaking(), proxy=f"http://127.0.0.1:{port}"), Hub(hub.url, speaking())
        assert (await proxied.pull(CURSOR)).events == ()
        assert asked[:-1] == [hub.url + path for path in (protocol.CHALLENGE, protocol.SESSION)]
        assert asked[-1].startswith(f"{hub.url}/edge/events?")
        assert (await direct.pull(CURSOR)).events == (), "the environment's proxy is not used"
        await proxied.close()
        await direct.close()


async def test_a_proxy_is_asked_for_a_tunnel_to_a_hub_behind_tls(secured: str, certificate: Path) -> None:
    """What is in it, the proxy cannot see: the hub's certificate is checked at its far end."""
    asked: list[str] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        asked.append(head.split("\r\n")[0])
        async with connected(int(head.split(" ")[1].rpartition(":")[2])) as (behind, before):
            writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            await asyncio.gather(_carry(reader, before), _carry(behind, writer))

    async with listening(serve) as port:
        proxy = f"http://127.0.0.1:{port}"
        trusting = Hub(secured, speaking(), proxy=proxy, trusted=trust(str(certificate)))
        doubting = Hub(secured, speaking(), proxy=proxy)
        assert (await trusting.pull(CURSOR)).events == ()
        assert set(asked) == {f"CONNECT {secured.removeprefix('https://')} HTTP/1.1"}
        with pytest.raises(HubUnreachable, match="CERTIFICATE_VERIFY_FAILED"):
            await doubting.pull(CURSOR)
        await trusting.close()
        await doubting.close()


async def _carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError):
        while piece := await reader.read(65536):
            writer.write(piece)
            await writer.drain()
    writer.close()
