"""The hub as the agent calls it: the requests of docs/protocol.md over one httpx client. The only importer of httpx.

What can go wrong becomes three kinds here: no answer that counts (try again with the same key), a refusal in the hub's
own words, and a credential that no longer works. An answer that is not the hub's (a network's login page, a proxy's
error) is no answer.
"""

import ssl
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import aclosing, asynccontextmanager
from typing import TypeVar

import httpx
import msgspec
from httpx_sse import EventSource, SSEError, aconnect_sse

from agent.errors import AgentError
from agent.frames import Message, read_frame
from agent.snapshots.fetching import Answer
from domain import protocol
from domain.operations import Operation
from domain.protocol import Cursor, Outcome, Page, PairReply, PairRequest, Problem, Report

T = TypeVar("T")

CONNECT_SECONDS = 10.0
ANSWER_SECONDS = 30.0
LONGEST_WISH = 900.0
"""Seconds that a Retry-After is honoured for."""
TRY_AGAIN = frozenset({408, 425, 429})
"""With every 5xx: statuses that say nothing about the request itself."""


class HubError(AgentError):
    """Something between this agent and its hub."""


class HubUnreachable(HubError):
    """No answer that counts; what was sent may or may not have arrived. `retry_after` is the hub's wish, in seconds."""

    def __init__(self, message: str, *, retry_after: float | None = None) -> None:
        super().__init__(message, retryable=True)
        self.retry_after = retry_after


class StreamMute(HubUnreachable):
    """The stream is open and nothing comes through it: something on the way swallows it."""


class HubRefused(HubError):
    """The hub understood the request and will not do it."""

    def __init__(self, status: int, problem: Problem) -> None:
        super().__init__(problem.message, hint=problem.hint)
        self.status, self.problem = status, problem


class CredentialUnknown(HubRefused):
    """The hub does not know this agent: paired with another hub, or the hub was restored from a backup."""


class Revoked(HubRefused):
    """This agent may no longer speak for its store."""


class Hub:
    """One hub. The proxy comes from the settings; those of the environment are not used."""

    def __init__(
        self,
        url: str,
        credential: str | None = None,
        *,
        proxy: str | None = None,
        trusted: ssl.SSLContext | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        """`transport` instead of a network: simulations carry the bytes themselves."""
        self.url = url.rstrip("/")
        headers = {"Authorization": f"Bearer {credential}"} if credential else {}
        self._client = httpx.AsyncClient(
            base_url=self.url,
            headers={"Accept": "application/json", **headers},
            timeout=httpx.Timeout(ANSWER_SECONDS, connect=CONNECT_SECONDS),
            verify=True if transport is not None else trusted or trust(None),
            proxy=proxy,
            transport=transport,
            trust_env=False,
        )

    async def close(self) -> None:
        await self._client.aclose()

    async def pair(self, request: PairRequest) -> PairReply:
        return await self._ask("POST", protocol.PAIR, PairReply, body=request)

    async def pull(self, cursor: Cursor, *, wait: float = 0.0) -> Page:
        """With `wait`, the answer may come so much later, as soon as there is news."""
        query = {"after": cursor.text(), "limit": str(protocol.PAGE), "wait": f"{wait:g}"}
        return await self._ask("GET", protocol.EVENTS, Page, query=query, patience=wait + ANSWER_SECONDS)

    async def send(self, operations: Sequence[Operation]) -> tuple[Outcome, ...]:
        outcomes = await self._ask("POST", protocol.OPERATIONS, tuple[Outcome, ...], body=operations)
        if [outcome.key for outcome in outcomes] != [operation.key for operation in operations]:
            raise HubUnreachable("the hub answered other operations than it was asked")
        return outcomes

    async def report(self, report: Report) -> None:
        await self._request("POST", protocol.REPORT, body=report)

    @asynccontextmanager
    async def blob(self, digest: str, start: int) -> AsyncIterator[AsyncIterator[bytes]]:
        """Its bytes from `start` on, as they come. An answer that tells the whole again is read from there too."""
        headers = {"Range": f"bytes={start}-", "Accept": "*/*", "Accept-Encoding": "identity"}
        try:
            async with self._client.stream("GET", f"{protocol.BLOBS}/{digest}", headers=headers) as response:
                if not response.is_success:
                    await response.aread()
                    raise _refusal(response)
                async with aclosing(_from(response, start)) as pieces:
                    yield pieces
        except httpx.HTTPError as error:
            raise HubUnreachable(f"the way to the hub broke while a blob came: {_in_words(error)}") from error

    @asynccontextmanager
    async def snapshot(self, log: str, etag: str, start: int) -> AsyncIterator[Answer]:
        """The log's state; its rest from `start` on where it is still the one of this ETag."""
        headers = {"Accept": "*/*", "Accept-Encoding": "identity"}
        if start:
            headers |= {"Range": f"bytes={start}-", "If-Range": f'"{etag}"'}
        try:
            async with self._client.stream("GET", protocol.SNAPSHOT, params={"log": log}, headers=headers) as response:
                if not response.is_success:
                    await response.aread()
                    raise _refusal(response)
                yield _answer(response, response.aiter_raw())
        except httpx.HTTPError as error:
            raise HubUnreachable(f"the way to the hub broke while a snapshot came: {_in_words(error)}") from error

    async def put_blob(self, digest: str, order_id: str, content: bytes, media_type: str) -> None:
        query = {"order_id": order_id}
        await self._request("PUT", f"{protocol.BLOBS}/{digest}", query=query, raw=content, media_type=media_type)

    @asynccontextmanager
    async def stream(self, cursors: Sequence[Cursor], *, silence: float) -> AsyncIterator[AsyncIterator[Message]]:
        """The stream's messages. Raises HubUnreachable also when no byte came for `silence` seconds."""
        query = httpx.QueryParams({"after": [cursor.text() for cursor in cursors]})
        patience = httpx.Timeout(CONNECT_SECONDS, read=silence)
        try:
            async with aconnect_sse(self._client, "GET", protocol.STREAM, params=query, timeout=patience) as source:
                if source.response.status_code != httpx.codes.OK:
                    await source.response.aread()
                    raise _refusal(source.response)
                async with aclosing(_messages(source)) as messages:
                    yield messages
        except httpx.ReadTimeout as error:
            raise StreamMute(f"nothing came from the hub for {silence:g} s") from error
        except SSEError as error:
            raise StreamMute("something between us and the hub does not let its stream through") from error
        except httpx.HTTPError as error:
            raise HubUnreachable(f"the hub's stream broke: {_in_words(error)}") from error
        except msgspec.MsgspecError as error:
            raise HubUnreachable(f"the hub's stream cannot be read: {error}") from error

    async def _ask(
        self,
        method: str,
        path: str,
        answer: type[T],
        *,
        query: Mapping[str, str] | None = None,
        body: object = None,
        patience: float = ANSWER_SECONDS,
    ) -> T:
        content = await self._request(method, path, query=query, body=body, patience=patience)
        try:
            return msgspec.json.decode(content, type=answer)
        except msgspec.MsgspecError as error:
            raise HubUnreachable(f"{self.url} answered what no hub answers: {error}") from error

    async def _request(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: object = None,
        raw: bytes | None = None,
        media_type: str = "application/json",
        patience: float = ANSWER_SECONDS,
    ) -> bytes:
        """`body` goes as JSON, `raw` as it is."""
        content = raw if body is None else msgspec.json.encode(body)
        try:
            response = await self._client.request(
                method,
                path,
                params=query,
                content=content,
                headers={"Content-Type": media_type} if content is not None else None,
                timeout=httpx.Timeout(patience, connect=CONNECT_SECONDS),
            )
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise HubUnreachable(f"the hub at {self.url} cannot be reached: {_in_words(error)}") from error
        if not response.is_success:
            raise _refusal(response)
        return response.content


async def _from(response: httpx.Response, start: int) -> AsyncGenerator[bytes, None]:
    """A server, or something on the way, that knows no ranges sends everything: what is here already is passed over."""
    if response.status_code == httpx.codes.PARTIAL_CONTENT:
        if not response.headers.get("Content-Range", "").startswith(f"bytes {start}-"):
            raise HubUnreachable("the hub answered another part of the blob than it was asked for")
        start = 0
    async for chunk in response.aiter_raw():
        if fresh := chunk[start:]:
            yield fresh
        start = max(start - len(chunk), 0)


def _answer(response: httpx.Response, pieces: AsyncIterator[bytes]) -> Answer:
    try:
        begun = response.status_code == httpx.codes.PARTIAL_CONTENT
        start = int(response.headers["Content-Range"].removeprefix("bytes ").partition("-")[0]) if begun else 0
        return Answer(
            etag=response.headers["ETag"].strip('"'),
            key=bytes.fromhex(response.headers[protocol.SEAL_HEADER]),
            start=start,
            size=start + int(response.headers["Content-Length"]),
            pieces=pieces,
        )
    except (KeyError, ValueError) as error:
        raise HubUnreachable(f"what came is no snapshot of the hub's: {error!r}") from error


async def _messages(source: EventSource) -> AsyncGenerator[Message, None]:
    async with aclosing(source.aiter_sse()) as frames:
        async for frame in frames:
            yield read_frame(frame.event, frame.id, frame.data)


def trust(ca_file: str | None) -> ssl.SSLContext:
    """The usual authorities, and the chain's own where it has one."""
    context = httpx.create_ssl_context()
    if ca_file is not None:
        try:
            context.load_verify_locations(cafile=ca_file)
        except (OSError, ssl.SSLError) as error:
            raise HubError(f"ca_file {ca_file} cannot be used: {error}", hint="it must be a PEM certificate") from error
    return context


def _refusal(response: httpx.Response) -> HubError:
    """Only the hub's own words refuse for good; a status alone may come from anything on the way."""
    status = response.status_code
    if status in TRY_AGAIN or status >= 500:
        return HubUnreachable(f"the hub is not ready (HTTP {status})", retry_after=_retry_after(response))
    try:
        problem = msgspec.json.decode(response.content, type=Problem)
    except msgspec.MsgspecError:
        return HubUnreachable(f"something other than the hub answered (HTTP {status}); a login page of this network?")
    if status == httpx.codes.FORBIDDEN and problem.error == protocol.REVOKED:
        return Revoked(status, problem)
    if status == httpx.codes.UNAUTHORIZED:
        return CredentialUnknown(status, problem)
    return HubRefused(status, problem)


def _retry_after(response: httpx.Response) -> float | None:
    """Seconds only; a date would have to trust this computer's clock. Something on the way may name any number."""
    text = response.headers.get("Retry-After", "")
    return min(float(text), LONGEST_WISH) if text.isascii() and text.isdigit() else None


def _in_words(error: Exception) -> str:
    """httpx's timeouts carry no text of their own."""
    return str(error) or type(error).__name__
