"""Requests as no proper client would send them: bytes over a socket."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

Pair = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@dataclass(frozen=True)
class Heard:
    """`status` is 0 when the connection was closed without a word."""

    status: int
    head: str
    body: bytes


@asynccontextmanager
async def connected(port: int) -> AsyncIterator[Pair]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        yield reader, writer
    finally:
        writer.close()


def request(line: str, *headers: str, body: bytes = b"") -> bytes:
    return "\r\n".join((line, *headers, "", "")).encode("latin-1") + body


async def ask(port: int, line: str, *headers: str, body: bytes = b"") -> Heard:
    """One request on a connection of its own."""
    async with connected(port) as (reader, writer):
        writer.write(request(line, *headers, body=body))
        return await heard(reader)


async def heard(reader: asyncio.StreamReader) -> Heard:
    try:
        head = (await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 30)).decode("latin-1")
        length = next(
            (line.split(":")[1] for line in head.splitlines() if line.lower().startswith("content-length")), "0"
        )
        body = await asyncio.wait_for(reader.readexactly(int(length)), 30)
    except (asyncio.IncompleteReadError, ConnectionResetError):
        return Heard(0, "", b"")
    return Heard(int(head.split(" ")[1]), head, body)


def as_owner(port: int, token: str) -> Sequence[str]:
    return (f"Host: 127.0.0.1:{port}", f"Authorization: Bearer {token}")
