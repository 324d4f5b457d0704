"""The little of raw ASGI that the hot paths need: a body within limits, one JSON answer (facts/sync.md §3.3)."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, MutableMapping
from typing import Any

import msgspec

from domain.protocol import Problem

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

LARGEST_BODY = 1 << 20
SLOWEST_BODY_SECONDS = 10.0

Header = tuple[bytes, bytes]
JSON: Header = (b"content-type", b"application/json; charset=utf-8")
NO_STORE: Header = (b"cache-control", b"no-store")
"""What is answered is of now, and may speak of persons: nothing on the way keeps it."""
CLOSE: Header = (b"connection", b"close")
"""The rest of a body that we did not read must not be taken for the next request."""
RETRY_SOON: Header = (b"retry-after", b"5")
RETRY_LATER: Header = (b"retry-after", b"60")


class BadRequest(Exception):
    """An answer instead of the wanted one: an HTTP status and what a person should know. `retry_after` counts seconds;
    without it 429 and 503 have their usual ones."""

    def __init__(
        self, status: int, error: str, message: str, hint: str = "", *, retry_after: int | None = None
    ) -> None:
        super().__init__(message)
        self.status, self.problem, self.retry_after = status, Problem(error, message, hint), retry_after


class ClientLeft(Exception):
    """The other side went away in the middle of its request; nobody is there to be answered."""


async def read_body(receive: Receive, *, most: int = LARGEST_BODY, seconds: float = SLOWEST_BODY_SECONDS) -> bytes:
    """The whole body, or `BadRequest` 413 (too long), 408 (too slow)."""
    try:
        async with asyncio.timeout(seconds):
            return await _gather(receive, most)
    except TimeoutError as error:
        raise BadRequest(408, "too_slow", f"the body did not arrive within {seconds:g} seconds") from error


async def _gather(receive: Receive, most: int) -> bytes:
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientLeft
        body += message.get("body", b"")
        if len(body) > most:
            raise BadRequest(413, "too_large", f"the body is longer than {most} bytes")
        if not message.get("more_body", False):
            return bytes(body)


async def answer(send: Send, body: bytes, *, status: int = 200, headers: Iterable[Header] = ()) -> None:
    length = (b"content-length", str(len(body)).encode())
    await send({"type": "http.response.start", "status": status, "headers": [JSON, NO_STORE, length, *headers]})
    await send({"type": "http.response.body", "body": body})


async def answer_problem(send: Send, refusal: BadRequest) -> None:
    """With Retry-After where the same again may work."""
    headers = {408: (CLOSE,), 413: (CLOSE,), 429: (RETRY_LATER,), 503: (RETRY_SOON,)}.get(refusal.status, ())
    if refusal.retry_after is not None:
        headers = ((b"retry-after", str(refusal.retry_after).encode()),)
    await answer(send, msgspec.json.encode(refusal.problem), status=refusal.status, headers=headers)


def header(scope: Scope, name: bytes) -> str | None:
    """One header by its lower-case name; bytes outside ASCII are kept as Latin-1, as HTTP has them."""
    for key, value in scope["headers"]:
        if key == name:
            return bytes(value).decode("latin-1")
    return None


def headers(scope: Scope) -> Mapping[str, str]:
    return {bytes(key).decode("latin-1"): bytes(value).decode("latin-1") for key, value in scope["headers"]}


def bearer(scope: Scope) -> str | None:
    """The token of `Authorization: Bearer TOKEN`."""
    scheme, _, token = (header(scope, b"authorization") or "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" and token.strip() else None


def needs_method(scope: Scope, *methods: str) -> None:
    if scope["method"] not in methods:
        raise BadRequest(405, "wrong_method", f"{scope['method']} is not answered here", f"use {' or '.join(methods)}")
