"""Snapshots at the door of the agents: a file, from where the last answer broke off (docs/protocol.md)."""

import asyncio
import re
from collections.abc import Mapping
from typing import BinaryIO

from cloud.asgi import BadRequest, Scope, Send, header
from cloud.snapshots.cache import Snapshot, SnapshotCache
from domain.protocol import SEAL_HEADER

PIECE = 64 * 1024
"""Bytes in one message to the server, so that a slow agent holds little of it in buffers."""
_RANGE = re.compile(r"bytes=([0-9]{1,15})-")


class EdgeSnapshots:
    def __init__(self, cache: SnapshotCache) -> None:
        self._cache = cache

    async def give(self, name: str, accepts: Mapping[str, int], least: int, scope: Scope, send: Send) -> None:
        """A range is answered only of the file that `If-Range` names: of another one the whole."""
        wanted = (header(scope, b"if-range") or "").strip('" ')
        snapshot = await self._cache.get(name, wanted, accepts, least)
        asked = _RANGE.fullmatch((header(scope, b"range") or "").strip())
        begin = int(asked[1]) if asked is not None and wanted == snapshot.etag else 0
        if begin and begin >= snapshot.size:
            raise BadRequest(416, "no_such_range", f"the snapshot has {snapshot.size} bytes", "bytes=FIRST-")
        file = await asyncio.to_thread(_open, snapshot, begin)
        try:
            await send(_start(snapshot, begin))
            while piece := await asyncio.to_thread(file.read, PIECE):
                await send({"type": "http.response.body", "body": piece, "more_body": True})
            await send({"type": "http.response.body", "body": b""})
        finally:
            await asyncio.to_thread(file.close)


def _open(snapshot: Snapshot, begin: int) -> BinaryIO:
    file = snapshot.path.open("rb")
    file.seek(begin)
    return file


def _start(snapshot: Snapshot, begin: int) -> dict[str, object]:
    last = snapshot.size - 1
    headers = [
        (b"content-type", b"application/gzip"),
        (b"content-length", str(snapshot.size - begin).encode()),
        (b"accept-ranges", b"bytes"),
        (b"cache-control", b"no-store"),
        (b"etag", f'"{snapshot.etag}"'.encode()),
        (SEAL_HEADER.lower().encode(), snapshot.key.hex().encode()),
        *([(b"content-range", f"bytes {begin}-{last}/{snapshot.size}".encode())] if begin else []),
    ]
    return {"type": "http.response.start", "status": 206 if begin else 200, "headers": headers}
