"""What may reach the local pages and the API. Loopback is shared by every program, every user and every web page of
this computer, so each request must prove itself (docs/local-api.md; facts/sync.md §5):

    exact Host        a web site whose name is pointed at 127.0.0.1 does not get in
    Origin ours       nor does the page of another site or port, whatever its browser says of it
    token or session  from our data folder, or from a one-time link
    JSON bodies       a form of another site cannot send them
"""

import logging
from collections.abc import Iterable
from http import HTTPStatus
from urllib.parse import parse_qs

from agent.access.access import Access
from agent.access.asgi import App, Receive, Scope, Send, headers
from agent.access.exchange import Exchange
from agent.access.refusals import HEADERS, READING, Refused, answer, refuse
from agent.access.sessions import Caller

log = logging.getLogger(__name__)

OPEN_TO_ALL = "/health"
ENTRY = "/"
LARGEST_HEAD = 32 * 1024
CALLER = "caller"
"""Where the application finds in a request's state by what its sender proved himself."""
MOST_COOKIES = 8
"""Of our name. Any page of this computer may set one, so several are tried, and not too many."""
COOKIE_LIFE = 365 * 24 * 3600
"""Seconds. How long a session may rest is for us to say, not for the browser."""

_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data: {};"
    " media-src 'self'; form-action 'none'; frame-ancestors 'none'; base-uri 'none'"
)


class Guard:
    """ASGI around the local server. The cookie bears the port in its name: cookies do not tell ports apart."""

    def __init__(self, app: App, access: Access, *, pictures: Iterable[str] = ()) -> None:
        """`pictures`: addresses from which the page may show images besides its own."""
        self._app, self._access = app, access
        self._headers = [(b"content-security-policy", _POLICY.format(" ".join(pictures)).encode()), *HEADERS]
        self._hosts = (f"127.0.0.1:{access.port}", f"localhost:{access.port}")
        self._cookie = f"yaolink_{access.port}"
        self._refused = set[str]()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            raise ValueError(f"nobody serves {scope['type']} here")
        try:
            self._judge_sender(scope)
            caller = self._caller(scope)
            if scope["path"] == ENTRY and (secret := _offered_link(scope)) is not None:
                await self._let_in(secret, caller, scope, send)
                return
            self._judge_request(scope, caller)
        except Refused as refusal:
            self._note(refusal)
            await refuse(scope, send, refusal)
            return
        if caller is not None:
            scope.setdefault("state", {})[CALLER] = caller.kind
        exchange = Exchange(receive, send, caller, self._headers)
        await self._app(scope, exchange.receive, exchange.send)
        await exchange.close()

    def _judge_sender(self, scope: Scope) -> None:
        """What a browser itself says of a request's origin, and no script can forge."""
        if sum(len(name) + len(value) for name, value in scope["headers"]) > LARGEST_HEAD:
            raise Refused(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, "large_head", "these headers are too large")
        hosts = headers(scope, b"host")
        if len(hosts) != 1 or hosts[0] not in self._hosts:
            raise Refused(HTTPStatus.MISDIRECTED_REQUEST, "wrong_host", f"this is {' and '.join(self._hosts)} only")
        if any(origin != f"http://{hosts[0]}" for origin in headers(scope, b"origin")):
            raise Refused(HTTPStatus.FORBIDDEN, "foreign_origin", "only this agent's own page may ask it")
        if not all(_may_come_from(site, scope) for site in headers(scope, b"sec-fetch-site")):
            raise Refused(HTTPStatus.FORBIDDEN, "foreign_site", "only this agent's own page may ask it")

    def _judge_request(self, scope: Scope, caller: Caller | None) -> None:
        reading = scope["method"] in READING
        if reading and scope["path"] == OPEN_TO_ALL:
            return
        if caller is None:
            self._judge_stranger()
            hint = "click the tray icon, or open what `yaolink-agent page` prints"
            raise Refused(HTTPStatus.UNAUTHORIZED, "no_session", "this needs the agent's token or a session", hint)
        if not caller.requests.take():
            raise Refused(HTTPStatus.TOO_MANY_REQUESTS, "too_many", "too many requests: come back in a second")
        if not reading and not _is_json(scope):
            raise Refused(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "json_only", "send a JSON body as application/json")

    def _judge_stranger(self) -> None:
        if not self._access.strangers.take():
            raise Refused(HTTPStatus.TOO_MANY_REQUESTS, "too_many", "too many requests by strangers")

    def _caller(self, scope: Scope) -> Caller | None:
        for value in headers(scope, b"authorization"):
            scheme, _, token = value.partition(" ")
            if scheme.lower() == "bearer" and (holder := self._access.holder(token.strip(), scope["path"])):
                return holder
        for secret in self._cookies(scope)[:MOST_COOKIES]:
            if (session := self._access.sessions.find(secret)) is not None:
                return session
        return None

    def _cookies(self, scope: Scope) -> list[str]:
        """Split by hand: one odd cookie of another program must not hide ours."""
        pairs = [cookie.strip().partition("=") for header in headers(scope, b"cookie") for cookie in header.split(";")]
        return [value for name, _, value in pairs if name == self._cookie]

    async def _let_in(self, secret: str, caller: Caller | None, scope: Scope, send: Send) -> None:
        """The link leaves the address bar at once, for a cookie that no script and no other site can use."""
        if any("prefetch" in purpose for purpose in headers(scope, b"sec-purpose")):
            raise Refused(HTTPStatus.SERVICE_UNAVAILABLE, "too_early", "a link is not opened ahead of its time")
        page = self._access.links.trade(secret)
        if page is None and caller is None:
            self._judge_stranger()
            hint = "click the tray icon again, or run `yaolink-agent page` again"
            raise Refused(HTTPStatus.UNAUTHORIZED, "link_used", "this link was used already, or is too old", hint)
        sent = [(b"location", (page or ENTRY).encode())]
        if caller is None:
            cookie = f"{self._cookie}={self._access.sessions.begin()}; HttpOnly; SameSite=Strict; Path=/"
            await self._access.sessions.save()
            sent.append((b"set-cookie", f"{cookie}; Max-Age={COOKIE_LIFE}".encode()))
        await answer(send, HTTPStatus.SEE_OTHER, sent, b"")

    def _note(self, refusal: Refused) -> None:
        """Each kind once: what a stranger sends must not fill the log."""
        if refusal.problem.error not in self._refused:
            self._refused.add(refusal.problem.error)
            log.warning("a local request was refused: %s; the next of this kind are not told", refusal.problem.error)


def _may_come_from(site: str, scope: Scope) -> bool:
    """`same-site` is any other port of this computer: it may lead a person here, and do nothing else."""
    leading = scope["method"] == "GET" and headers(scope, b"sec-fetch-dest") == ["document"]
    return site in ("same-origin", "none") or (site == "same-site" and leading)


def _offered_link(scope: Scope) -> str | None:
    query = parse_qs(scope.get("query_string", b"").decode("latin-1"))
    return query["link"][0] if scope["method"] == "GET" and "link" in query else None


def _is_json(scope: Scope) -> bool:
    """Nothing but UTF-8: what another character set would make of these bytes is not for us to guess."""
    types = headers(scope, b"content-type")
    kind, _, parameters = types[0].partition(";") if len(types) == 1 else ("", "", "")
    return kind.strip().lower() == "application/json" and parameters.strip().lower() in ("", "charset=utf-8")
