"""Being told no: by a page where a person looks, by a `Problem` where a program asks."""

from http import HTTPStatus

import msgspec

from agent.access.asgi import Scope, Send
from agent.pages import shut
from domain.protocol import Problem

READING = ("GET", "HEAD")
HEADERS = [
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cache-control", b"no-store"),
]
"""Of every answer."""


class Refused(Exception):
    def __init__(self, status: HTTPStatus, error: str, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.status, self.problem = status, Problem(error, message, hint)


async def refuse(scope: Scope, send: Send, refusal: Refused) -> None:
    """The connection is closed: whatever else was to come through it is not read."""
    person = scope["method"] in READING and not scope["path"].startswith("/api/")
    if person:
        kind, body = b"text/html; charset=utf-8", shut.page(refusal.problem.error)
    else:
        kind, body = b"application/json; charset=utf-8", msgspec.json.encode(refusal.problem)
    headers = [(b"content-type", kind), (b"content-security-policy", shut.POLICY), (b"connection", b"close")]
    if refusal.status is HTTPStatus.TOO_MANY_REQUESTS:
        headers.append((b"retry-after", b"1"))
    await answer(send, refusal.status, headers, b"" if scope["method"] == "HEAD" else body)


async def answer(send: Send, status: HTTPStatus, headers: list[tuple[bytes, bytes]], body: bytes) -> None:
    length = (b"content-length", str(len(body)).encode())
    await send({"type": "http.response.start", "status": status, "headers": [*headers, length, *HEADERS]})
    await send({"type": "http.response.body", "body": body})
