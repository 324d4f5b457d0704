"""The hub as the agent calls it: the requests of docs/protocol.md over one httpx client. The only importer of httpx.

Each belongs to a session (`agent.session`), begun and renewed here as needed; what can go wrong: `agent.hub_errors`.
"""

import ssl
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing, asynccontextmanager
from typing import TypeVar

import httpx
import msgspec
from httpx_sse import EventSource, SSEError, aconnect_sse

from agent.device_key import DeviceKey
from agent.errors import in_words
from agent.frames import Message, read_frame
from agent.hub_errors import HubError, HubUnreachable, SessionOver, StreamMute, refusal
from agent.session import Held, Session, prove
from agent.snapshots.fetching import Answer
from domain import protocol, signatures
from domain.operations import Operation
from domain.protocol import Confirmed, Cursor, Outcome, Page, PairReply, PairRequest, Problem, Report

T = TypeVar("T")
Query = Sequence[tuple[str, str]]

CONNECT_SECONDS = 10.0
ANSWER_SECONDS = 30.0
UNSIGNED = protocol.REPORT
"""Nothing follows from a report; everything else that is sent is signed."""
LONGEST_WISH = 900.0
"""Seconds that a Retry-After is honoured for."""


class Hub:
    """One hub. The proxy comes from the settings; those of the environment are not used. Without a session it is only
    paired with, or asked whether it admits a key."""

    def __init__(
        self,
        url: str,
        session: Session | None = None,
        *,
        proxy: str | None = None,
        trusted: ssl.SSLContext | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        """`transport` instead of a network: simulations carry the bytes themselves."""
        self.url = url.rstrip("/")
        self._session = session
        self._client = httpx.AsyncClient(
            base_url=self.url,
            headers={"Accept": "application/json"},
            timeout=httpx.Timeout(ANSWER_SECONDS, connect=CONNECT_SECONDS),
            verify=True if transport is not None else trusted or trust(None),
            proxy=proxy,
            transport=transport,
            trust_env=False,
        )

    async def close(self) -> None:
        await self._client.aclose()

    async def pair(self, request: PairRequest, key: DeviceKey) -> PairReply:
        body = msgspec.json.encode(request)
        said = signatures.to_sign("POST", protocol.PAIR, under=request.code, body=body)
        answer = await self._post(protocol.PAIR, body, {signatures.SIGNATURE: key.sign(said).hex()})
        return self._decoded(answer, PairReply)

    async def prove(self, keys: Sequence[DeviceKey], device: str) -> None:
        """Raises HubError where it would not admit them. No session begins."""
        await prove(self._post, keys, device)

    async def greet(self) -> Held | None:
        """Returns the session to use, begun now where there was none. What the hub told with it has been taken in by
        then. Raises HubError."""
        return await self._held()

    async def greet_anew(self) -> None:
        """Begins another session even if the present one still holds: a hub that was restored knows less of this agent
        than when it began. Raises HubError."""
        if self._session is not None:
            await self._session.again(self._post)

    async def change_key(self) -> None:
        """Changes this device's key. After a HubError one of the two keys works, and the next session finishes the
        change."""
        if self._session is not None:
            await self._session.change_key(self._post)

    async def pull(self, *cursors: Cursor, wait: float = 0.0) -> Page:
        """A page of the first of these logs that has news. With `wait` (seconds) the hub answers as soon as there is
        any, at the latest after so long."""
        after = [("after", cursor.text()) for cursor in cursors]
        query = [*after, ("limit", str(protocol.PAGE)), ("wait", f"{wait:g}")]
        content = await self._request("GET", protocol.EVENTS, query=query, patience=wait + ANSWER_SECONDS)
        return self._decoded(content, Page)

    async def send(
        self, operations: Sequence[Operation], confirmed: Confirmed, session: Held | None
    ) -> tuple[Outcome, ...]:
        """Sends operations in this session; raises `SessionOver` where it is over. Not in another: what the hub tells
        when that begins may put older operations before these."""
        query = confirmed.query()
        content = await self._request("POST", protocol.OPERATIONS, query=query, body=operations, session=session)
        outcomes = self._decoded(content, tuple[Outcome, ...])
        if [outcome.key for outcome in outcomes] != [operation.key for operation in operations]:
            raise HubUnreachable("the hub answered other operations than it was asked")
        return outcomes

    async def report(self, report: Report) -> None:
        await self._request("POST", protocol.REPORT, body=report)

    @asynccontextmanager
    async def blob(self, digest: str, start: int) -> AsyncIterator[AsyncIterator[bytes]]:
        """The blob's bytes from `start` on, as they come, also where the hub answers with the whole of it."""
        headers = {"Range": f"bytes={start}-", "Accept": "*/*", "Accept-Encoding": "identity"}
        path = f"{protocol.BLOBS}/{digest}"
        held = await self._held()
        headers |= _own(held, "GET", path)
        try:
            async with self._client.stream("GET", path, headers=headers) as response:
                if not response.is_success:
                    await response.aread()
                    raise self._refused(response, held)
                async with aclosing(_from(response, start)) as pieces:
                    yield pieces
        except httpx.HTTPError as error:
            raise HubUnreachable(f"the way to the hub broke while a blob came: {in_words(error)}") from error

    @asynccontextmanager
    async def snapshot(self, log: str, etag: str, start: int, *, least: int) -> AsyncIterator[Answer]:
        """The log's snapshot: from byte `start` on where the hub still has the one with this ETag, else another from
        its beginning. Not older than event `least`."""
        query = {"log": log, "least": str(least)}
        headers = {"Accept": "*/*", "Accept-Encoding": "identity"}
        if start:
            headers |= {"Range": f"bytes={start}-", "If-Range": f'"{etag}"'}
        held = await self._held()
        headers |= _own(held, "GET", protocol.SNAPSHOT)
        try:
            async with self._client.stream("GET", protocol.SNAPSHOT, params=query, headers=headers) as response:
                if not response.is_success:
                    await response.aread()
                    raise self._refused(response, held)
                yield _answer(response, response.aiter_raw())
        except httpx.HTTPError as error:
            raise HubUnreachable(f"the way to the hub broke while a snapshot came: {in_words(error)}") from error

    async def put_blob(self, digest: str, order_id: str, content: bytes, media_type: str) -> None:
        query = [("order_id", order_id)]
        await self._request("PUT", f"{protocol.BLOBS}/{digest}", query=query, raw=content, media_type=media_type)

    @asynccontextmanager
    async def stream(self, cursors: Sequence[Cursor], *, silence: float) -> AsyncIterator[AsyncIterator[Message]]:
        """The stream's messages. Raises HubUnreachable also when no byte came for `silence` seconds."""
        query = httpx.QueryParams({"after": [cursor.text() for cursor in cursors]})
        patience = httpx.Timeout(CONNECT_SECONDS, read=silence)
        held = await self._held()
        own = _own(held, "GET", protocol.STREAM)
        try:
            async with aconnect_sse(
                self._client, "GET", protocol.STREAM, params=query, timeout=patience, headers=own
            ) as source:
                if source.response.status_code != httpx.codes.OK:
                    await source.response.aread()
                    raise self._refused(source.response, held)
                async with aclosing(_messages(source)) as messages:
                    yield messages
        except httpx.ReadTimeout as error:
            raise StreamMute(f"nothing came from the hub for {silence:g} s") from error
        except SSEError as error:
            raise StreamMute("something between us and the hub does not let its stream through") from error
        except httpx.HTTPError as error:
            raise HubUnreachable(f"the hub's stream broke: {in_words(error)}") from error
        except msgspec.MsgspecError as error:
            raise HubUnreachable(f"the hub's stream cannot be read: {error}") from error

    def _decoded(self, content: bytes, answer: type[T]) -> T:
        try:
            return msgspec.json.decode(content, type=answer)
        except msgspec.MsgspecError as error:
            raise HubUnreachable(f"{self.url} answered what no hub answers: {error}") from error

    async def _request(
        self,
        method: str,
        path: str,
        *,
        query: Query = (),
        body: object = None,
        raw: bytes | None = None,
        media_type: str = "application/json",
        patience: float = ANSWER_SECONDS,
        session: Held | None = None,
    ) -> bytes:
        """`body` goes as JSON, `raw` as it is. A session that is over is begun anew, once: nothing was done in it. With
        a `session` it is that one, or SessionOver."""
        content = raw if body is None else msgspec.json.encode(body)
        kind = {"Content-Type": media_type} if content is not None else {}
        for again in (True, False):
            held = await self._held()
            if session is not None and held is not session:
                raise SessionOver("another session began")
            headers = kind | _own(held, method, path, query, content)
            try:
                return await self._send(
                    method, path, headers, query=query, content=content, patience=patience, held=held
                )
            except SessionOver:
                if not again:
                    raise
        raise AssertionError("unreachable")

    async def _post(self, path: str, body: bytes, headers: dict[str, str]) -> bytes:
        """Outside a session."""
        kind = {"Content-Type": "application/json"}
        return await self._send("POST", path, kind | headers, content=body)

    async def _send(
        self,
        method: str,
        path: str,
        headers: dict[str, str],
        *,
        query: Query = (),
        content: bytes | None = None,
        patience: float = ANSWER_SECONDS,
        held: Held | None = None,
    ) -> bytes:
        try:
            response = await self._client.request(
                method,
                path,
                params=list(query) or None,
                content=content,
                headers=headers,
                timeout=httpx.Timeout(patience, connect=CONNECT_SECONDS),
            )
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise HubUnreachable(f"the hub at {self.url} cannot be reached: {in_words(error)}") from error
        if not response.is_success:
            raise self._refused(response, held)
        return response.content

    async def _held(self) -> Held | None:
        return None if self._session is None else await self._session.held(self._post)

    def _refused(self, response: httpx.Response, held: Held | None) -> HubError:
        try:
            problem = msgspec.json.decode(response.content, type=Problem)
        except msgspec.MsgspecError:
            problem = None
        error = refusal(response.status_code, problem, _retry_after(response))
        if isinstance(error, SessionOver) and held is not None and self._session is not None:
            self._session.over(held)
        return error


def _own(held: Held | None, method: str, path: str, query: Query = (), content: bytes | None = None) -> dict[str, str]:
    """The headers that make a request this agent's: its token, and for changes its signature."""
    if held is None:
        return {}
    signed = method != "GET" and path != UNSIGNED
    return held.headers(method, path, query, content, signed=signed)


async def _from(response: httpx.Response, start: int) -> AsyncGenerator[bytes, None]:
    """The body from byte `start` on. A server, or something on the way, that knows no ranges sends everything: then the
    beginning is skipped."""
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


def _retry_after(response: httpx.Response) -> float | None:
    """Seconds only; a date would have to trust this computer's clock. Something on the way may name any number."""
    text = response.headers.get("Retry-After", "")
    return min(float(text), LONGEST_WISH) if text.isascii() and text.isdigit() else None
