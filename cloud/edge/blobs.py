"""Blobs at the door of the agents: images down, in as many pieces as the line allows; photos up (docs/protocol.md)."""

import re
from functools import partial

from cloud import audit, blobs, orders
from cloud.agents import Agent
from cloud.asgi import BadRequest, Receive, Scope, Send, header, read_body
from cloud.transaction import Transaction
from cloud.vault import Vault
from cloud.writer import Writer
from domain.blobs import LARGEST, digest

SLOWEST_PHOTO_SECONDS = 120.0
"""An ADSL line in a small town sends some 60 KB a second."""
PIECE = 64 * 1024
"""Bytes in one message to the server, so that a slow agent holds little of it in buffers."""

_DIGEST = re.compile(r"[0-9a-f]{64}")
_RANGE = re.compile(r"bytes=([0-9]{1,15})-([0-9]{0,15})")


class EdgeBlobs:
    def __init__(self, writer: Writer, chain: str, vault: Vault) -> None:
        self._writer, self._chain, self._vault = writer, chain, vault

    async def give(self, agent: Agent, name: str, scope: Scope, send: Send) -> None:
        find = partial(blobs.of_store, chain=self._chain, vault=self._vault, store=agent.store, name=_checked(name))
        found = await self._writer.read(find)
        if found is None:
            raise BadRequest(404, "no_such_blob", "the hub waits for it itself, or it was erased", "ask again later")
        kind, content = found
        asked = _RANGE.fullmatch((header(scope, b"range") or "").strip())
        begin, end = (0, len(content)) if asked is None else _wanted(asked, len(content))
        headers = [
            (b"content-type", kind.encode()),
            (b"content-length", str(end - begin).encode()),
            (b"accept-ranges", b"bytes"),
            (b"cache-control", b"no-store"),
            *([(b"content-range", f"bytes {begin}-{end - 1}/{len(content)}".encode())] if asked else []),
        ]
        await send({"type": "http.response.start", "status": 206 if asked else 200, "headers": headers})
        for place in range(begin, end, PIECE):
            piece = content[place : min(place + PIECE, end)]
            await send({"type": "http.response.body", "body": piece, "more_body": True})
        await send({"type": "http.response.body", "body": b""})

    async def take(self, agent: Agent, name: str, order_id: str, receive: Receive, send: Send) -> None:
        """The same photo again is answered alike. One of an erased order is not kept, and that is well."""
        wanted = _checked(name)
        content = await read_body(receive, most=LARGEST, seconds=SLOWEST_PHOTO_SECONDS)
        if digest(content) != wanted:
            raise BadRequest(422, "other_bytes", "the bytes are not those that the path names", "send them again")
        await self._writer.run(partial(_keep, agent=agent, order_id=order_id, content=content))
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body", "body": b""})


def _keep(tx: Transaction, agent: Agent, order_id: str, content: bytes) -> None:
    """Raises `UnknownOrder` and `BlobRefused`."""
    orders.load_of_store(tx, agent.store, order_id)
    if (kept := blobs.keep(tx, order_id, agent.store, content)) is not None:
        audit.append(tx, agent.store, agent.device, "blob.kept", order_id, f"{kept.digest}, {kept.size} bytes")


def _checked(name: str) -> str:
    if not _DIGEST.fullmatch(name):
        raise BadRequest(404, "no_such_blob", "a blob is named by its SHA-256 in hexadecimal")
    return name


def _wanted(asked: re.Match[str], size: int) -> tuple[int, int]:
    """Where the answer begins and ends. Other kinds of ranges are answered with the whole, as HTTP has it."""
    begin, end = int(asked[1]), min(int(asked[2]) + 1, size) if asked[2] else size
    if begin >= end:
        raise BadRequest(416, "no_such_range", f"not a range of {size} bytes", "bytes=FIRST- or bytes=FIRST-LAST")
    return begin, end
