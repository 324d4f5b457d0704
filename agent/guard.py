"""What may reach the local page and API. Loopback is shared by every program, every user and every web page of this
computer, so each request must prove itself (facts/sync.md §5, loopback UI):

    exact Host        a web site whose name is pointed at 127.0.0.1 does not get in
    Origin ours       a page of another site or port does not get in
    token             from a file only our user can read; the page trades it for a cookie
    JSON bodies       a form of another site cannot send them
"""

import hmac
import os
import secrets
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from http import HTTPStatus
from http.cookies import CookieError, SimpleCookie
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import msgspec

from domain.protocol import Problem

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

TOKEN_FILE = "page.token"
OPEN_TO_ALL = "/health"
ENTRY = "/"
READING = ("GET", "HEAD")

_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data: {};"
    " form-action 'none'; frame-ancestors 'none'; base-uri 'none'"
)
_HEADERS = [
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"cache-control", b"no-store"),
]


def page_token(folder: Path) -> str:
    """The token in DATA/page.token, made at the first start; the file is readable by its owner only."""
    path = folder / TOKEN_FILE
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(32))
    except FileExistsError:
        path.chmod(0o600)
    return path.read_text().strip()


def page_url(port: int, token: str = "") -> str:
    """With the token it opens the page in any browser of this computer."""
    return f"http://127.0.0.1:{port}/" + (f"?token={token}" if token else "")


class Refused(Exception):
    def __init__(self, status: HTTPStatus, error: str, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.status, self.problem = status, Problem(error, message, hint)


class Guard:
    """ASGI around the local server. The cookie bears the port in its name: cookies do not tell ports apart."""

    def __init__(self, app: App, *, port: int, token: str, pictures: Iterable[str] = ()) -> None:
        """`pictures`: origins from which the page may show images besides its own."""
        self._app, self._token = app, token
        self._headers = [(b"content-security-policy", _POLICY.format(" ".join(pictures)).encode()), *_HEADERS]
        self._hosts = (f"127.0.0.1:{port}", f"localhost:{port}")
        self._cookie = f"yaolink_{port}"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        try:
            self._judge_sender(scope)
            if scope["path"] == ENTRY and (offered := _offered_token(scope)) is not None:
                await self._let_in(offered, send)
                return
            self._judge_request(scope)
        except Refused as refusal:
            await _refuse(scope, send, refusal)
            return
        await self._app(scope, receive, _with_headers(send, self._headers))

    def _judge_sender(self, scope: Scope) -> None:
        hosts = _headers(scope, b"host")
        if len(hosts) != 1 or hosts[0] not in self._hosts:
            raise Refused(HTTPStatus.MISDIRECTED_REQUEST, "wrong_host", f"this is {' and '.join(self._hosts)} only")
        if any(origin != f"http://{hosts[0]}" for origin in _headers(scope, b"origin")):
            raise Refused(HTTPStatus.FORBIDDEN, "foreign_origin", "only this agent's own page may ask it")

    def _judge_request(self, scope: Scope) -> None:
        reading = scope["method"] in READING
        if reading and scope["path"] == OPEN_TO_ALL:
            return
        if not self._is_known(scope):
            hint = "打开托盘图标，或运行 yaolink-agent page 得到带口令的网址"
            raise Refused(HTTPStatus.UNAUTHORIZED, "no_token", "本页需要口令 (this page needs its token)", hint)
        if not reading and _media_type(scope) != "application/json":
            raise Refused(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "json_only", "send a JSON body as application/json")

    def _is_known(self, scope: Scope) -> bool:
        return any(hmac.compare_digest(token.encode(), self._token.encode()) for token in self._tokens(scope))

    def _tokens(self, scope: Scope) -> list[str]:
        bearers = [value.partition(" ") for value in _headers(scope, b"authorization")]
        tokens = [token.strip() for scheme, _, token in bearers if scheme.lower() == "bearer"]
        for header in _headers(scope, b"cookie"):
            try:
                cookie = SimpleCookie(header).get(self._cookie)
            except CookieError:
                continue
            if cookie is not None:
                tokens.append(cookie.value)
        return tokens

    async def _let_in(self, offered: str, send: Send) -> None:
        """The token leaves the address bar at once, for a cookie that no script and no other site can use."""
        if not hmac.compare_digest(offered.encode(), self._token.encode()):
            raise Refused(HTTPStatus.UNAUTHORIZED, "wrong_token", "口令不对 (the token is wrong)", "重新打开托盘图标")
        cookie = f"{self._cookie}={self._token}; HttpOnly; SameSite=Strict; Path=/; Max-Age=31536000"
        headers = [(b"location", ENTRY.encode()), (b"set-cookie", cookie.encode())]
        await _answer(send, HTTPStatus.SEE_OTHER, headers, b"")


def _offered_token(scope: Scope) -> str | None:
    query = parse_qs(scope.get("query_string", b"").decode("latin-1"))
    return query["token"][0] if scope["method"] == "GET" and "token" in query else None


def _headers(scope: Scope, name: bytes) -> list[str]:
    return [bytes(value).decode("latin-1") for key, value in scope["headers"] if key == name]


def _media_type(scope: Scope) -> str:
    return next(iter(_headers(scope, b"content-type")), "").partition(";")[0].strip().lower()


def _with_headers(send: Send, headers: list[tuple[bytes, bytes]]) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [*message.get("headers", ()), *headers]
        await send(message)

    return sending


async def _refuse(scope: Scope, send: Send, refusal: Refused) -> None:
    if scope["method"] in READING and not scope["path"].startswith("/api/"):
        text = f"{refusal.problem.message}\n{refusal.problem.hint}\n".encode()
        await _answer(send, refusal.status, [(b"content-type", b"text/plain; charset=utf-8")], text)
    else:
        body = msgspec.json.encode(refusal.problem)
        await _answer(send, refusal.status, [(b"content-type", b"application/json; charset=utf-8")], body)


async def _answer(send: Send, status: HTTPStatus, headers: list[tuple[bytes, bytes]], body: bytes) -> None:
    length = (b"content-length", str(len(body)).encode())
    closing = (b"connection", b"close")
    await send({"type": "http.response.start", "status": status, "headers": [*headers, length, closing, *_HEADERS]})
    await send({"type": "http.response.body", "body": body})
