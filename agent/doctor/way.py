"""The way to the hub, walked step by step with plain sockets, so that the step that fails has a name: name, proxy,
connection, certificate, answer. The agent's own client (`agent/hub.py`) only knows that it came through or not.

Nothing is sent but one question outside a session; every step waits for seconds, not more.
"""

import base64
import http.client
import socket
import ssl
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import SplitResult, unquote, urlsplit

import msgspec

from agent.doctor import aside, certificates
from agent.doctor.findings import Finding, found
from agent.errors import AgentError, in_words
from agent.hub import trust
from domain import protocol
from domain.protocol import Problem

PATIENCE_SECONDS = 6.0
LARGEST_ANSWER = 64 * 1024
"""Bytes. Whoever answers in the hub's place may never come to an end."""
SERVER = "yaolink-hub/"
"""So the hub names itself and its version in its answers."""


class Stopped(Exception):
    """The way ends here."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.what.en)
        self.finding = finding


@dataclass(frozen=True, slots=True)
class Answer:
    """`date` is the answerer's clock, `version` the hub's; both None where they were not told."""

    status: int
    date: datetime | None
    version: str | None
    is_hub: bool


class Way:
    """`findings` has one for each step, the failing one last; `answer` is there once something has answered."""

    def __init__(self, url: str, *, proxy: str | None, ca_file: str | None) -> None:
        self._hub, self._proxy, self._ca_file = urlsplit(url), urlsplit(proxy) if proxy else None, ca_file
        self._host = self._hub.hostname or ""
        self.findings: list[Finding] = []
        self.answer: Answer | None = None

    def walk(self) -> None:
        try:
            with self._connect() as connection:
                if self._hub.scheme == "https":
                    with self._encrypt(connection) as encrypted:
                        self._ask(encrypted)
                else:
                    self._ask(connection)
        except Stopped as stopped:
            self.findings.append(stopped.finding)

    def _connect(self) -> socket.socket:
        """To the hub, or to the proxy and through it."""
        first = self._proxy or self._hub
        self.findings.append(_resolved(first))
        try:
            connection = socket.create_connection((first.hostname or "", _port(first)), timeout=PATIENCE_SECONDS)
        except OSError as error:
            if self._proxy is None:
                raise Stopped(found("reach.failed", host=_shown(first), detail=str(error))) from error
            raise Stopped(found("proxy.unreachable", proxy=_shown(first), detail=str(error))) from error
        if self._proxy is None:
            self.findings.append(found("reach.ok", host=_shown(self._hub)))
            return connection
        if self._hub.scheme == "https":
            self._tunnel(connection, self._proxy)
        self.findings.append(found("proxy.ok", proxy=_shown(self._proxy)))
        return connection

    def _tunnel(self, connection: socket.socket, proxy: SplitResult) -> None:
        target = f"{self._host}:{_port(self._hub)}"
        try:
            answer = _answered(connection, "CONNECT", target, target, _authorization(proxy))
        except (OSError, http.client.HTTPException) as error:
            connection.close()
            raise Stopped(found("proxy.refuses", proxy=_shown(proxy), host=target, why=in_words(error))) from error
        if answer.status != http.HTTPStatus.OK:
            connection.close()
            raise Stopped(found("proxy.refuses", proxy=_shown(proxy), host=target, why=f"HTTP {answer.status}"))

    def _encrypt(self, connection: socket.socket) -> ssl.SSLSocket:
        try:
            encrypted = trust(self._ca_file).wrap_socket(connection, server_hostname=self._host)
        except AgentError as error:
            raise Stopped(found("certificate.ca_file", why=str(error))) from error
        except ssl.SSLCertVerificationError as error:
            shown = self._certificate_shown()
            raise Stopped(certificates.refused(error, shown, self._host) if shown else self._broken(error)) from error
        except OSError as error:
            raise Stopped(self._broken(error)) from error
        self.findings.append(certificates.accepted(encrypted.getpeercert(binary_form=True) or b""))
        return encrypted

    def _broken(self, error: Exception) -> Finding:
        return found("certificate.broken", host=self._host, why=in_words(error))

    def _certificate_shown(self) -> bytes | None:
        """Asked for once more without judging it: a refused handshake does not give it away."""
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        again = Way(self._hub.geturl(), proxy=self._proxy.geturl() if self._proxy else None, ca_file=None)
        try:
            with again._connect() as plain, context.wrap_socket(plain, server_hostname=self._host) as encrypted:
                return encrypted.getpeercert(binary_form=True)
        except (OSError, Stopped):
            return None

    def _ask(self, connection: socket.socket) -> None:
        """Pulling without a session: a hub refuses it in its own words."""
        path = self._hub.path.rstrip("/") + protocol.EVENTS
        extra = ["Connection: close"]
        if self._proxy is not None and self._hub.scheme == "http":
            path, extra = f"http://{_netloc(self._hub)}{path}", [*extra, *_authorization(self._proxy)]
        try:
            self.answer = _read(_answered(connection, "GET", path, _netloc(self._hub), extra))
        except (OSError, http.client.HTTPException) as error:
            raise Stopped(found("answer.silent", host=_shown(self._hub), why=in_words(error))) from error
        if not self.answer.is_hub:
            word = "answer.not_ready" if self.answer.status >= 500 else "answer.stranger"
            raise Stopped(found(word, status=self.answer.status))
        self.findings.append(found("answer.ok"))


def _answered(
    connection: socket.socket, method: str, target: str, host: str, extra: list[str]
) -> http.client.HTTPResponse:
    lines = [f"{method} {target} HTTP/1.1", f"Host: {host}", *extra, "", ""]
    connection.sendall("\r\n".join(lines).encode())
    answer = http.client.HTTPResponse(connection, method=method)
    answer.begin()
    return answer


def _read(response: http.client.HTTPResponse) -> Answer:
    try:
        is_hub = msgspec.json.decode(response.read(LARGEST_ANSWER), type=Problem).error == protocol.SESSION_OVER
    except msgspec.MsgspecError:
        is_hub = False
    server = response.headers.get("Server", "")
    return Answer(
        status=response.status,
        date=_date(response.headers.get("Date", "")),
        version=server.removeprefix(SERVER) if server.startswith(SERVER) else None,
        is_hub=is_hub,
    )


def _resolved(where: SplitResult) -> Finding:
    """In a thread of its own: the system's resolver may take half a minute to give up."""
    host = where.hostname or ""
    try:
        asking = aside.begin(lambda: socket.getaddrinfo(host, _port(where), type=socket.SOCK_STREAM), "resolve")
        asking.result(PATIENCE_SECONDS)
    except (OSError, UnicodeError, TimeoutError) as error:
        raise Stopped(found("names.failed", host=host, detail=in_words(error))) from error
    return found("names.ok", host=host)


def _port(url: SplitResult) -> int:
    return url.port or (443 if url.scheme == "https" else 80)


def _netloc(url: SplitResult) -> str:
    return url.netloc.rpartition("@")[2]


def _shown(url: SplitResult) -> str:
    """Without a user and password in it."""
    return f"{url.hostname}:{_port(url)}"


def _authorization(proxy: SplitResult) -> list[str]:
    if proxy.username is None:
        return []
    pair = f"{unquote(proxy.username)}:{unquote(proxy.password or '')}"
    return [f"Proxy-Authorization: Basic {base64.b64encode(pair.encode()).decode()}"]


def _date(text: str) -> datetime | None:
    try:
        date = parsedate_to_datetime(text)
    except ValueError:
        return None
    return date if date.tzinfo is not None else date.replace(tzinfo=UTC)
