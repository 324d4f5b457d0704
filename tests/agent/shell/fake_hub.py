"""A hub in a few lines: a real HTTP server on a free port that speaks docs/protocol.md, and misbehaves on demand."""

import asyncio
import hashlib
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from email.utils import formatdate
from urllib.parse import parse_qs, urlsplit

import msgspec

from domain import protocol
from domain.events import CATALOGUE, Event, EventBody, encode_body, store_log
from domain.operations import Operation
from domain.personal import Personal
from domain.protocol import (
    Bye,
    Challenge,
    Cursor,
    Frame,
    Head,
    Heartbeat,
    Known,
    Outcome,
    OutcomeState,
    Page,
    PairReply,
    PairRequest,
    Problem,
    Report,
    SessionReply,
    SessionRequest,
    SnapshotHeader,
)
from tests.agent.core.hub import about
from tests.agent.snapshots.making import KEY, packed
from tests.listening import listening

NOW = 1_795_233_600_000
TOKEN = "token-of-s1"
STRANGER = "a-stranger"
"""A device that it does not know."""


class Answer(Exception):
    """Ends the handling of one request with this answer."""

    def __init__(self, status: int, body: bytes = b"", **headers: str) -> None:
        super().__init__(status)
        self.status, self.body, self.headers = status, body, headers


class Cut(Exception):
    """The line breaks after these bytes."""


class Log:
    def __init__(self, name: str) -> None:
        self.name, self.log_id, self.events, self.floor = name, "first", list[Event](), 0

    @property
    def head(self) -> Head:
        return Head(self.name, self.log_id, len(self.events), self.floor)

    def page(self, cursor: Cursor) -> Page:
        if cursor.log_id not in ("", self.log_id) or cursor.seq > len(self.events):
            return Page(self.head, reset=True)
        return Page(self.head, tuple(self.events[cursor.seq : cursor.seq + protocol.PAGE]))


class FakeHub:
    """Switches are plain attributes; what it saw is in plain lists."""

    def __init__(self) -> None:
        self.logs: dict[str, Log] = {}
        self.pulls: list[tuple[Cursor, float]] = []
        self.batches: list[list[Operation]] = []
        self.done: dict[str, Operation] = {}
        self.reports: list[Report] = []
        self.pair_requests: list[PairRequest] = []
        self.streams = 0
        self.opened = 0
        self.mute = False
        """Streams are accepted and nothing comes through."""
        self.hasty = False
        """Polls are answered at once, news or not."""
        self.quiet = False
        """Streams bring their first heartbeat and nothing more."""
        self.lose_answers = 0
        """So many operations requests are done, and never answered."""
        self.sessions_over = 0
        """So often operations are answered that their session is over."""
        self.skip_frames = 0
        """So many events are not sent through the stream."""
        self.refuse: Answer | None = None
        self.refused = 0
        self.not_pairing: Answer | ConnectionResetError | None = None
        """What whoever wants to pair is told instead."""
        self.blobs: dict[str, bytes] = {}
        """By digest; what is not here, it waits for itself."""
        self.blob_ranges: list[int] = []
        """From where each asked for its rest."""
        self.cut_blob: Callable[[int], int] | None = None
        """Of so many bytes that an answer would have, how many come before the line breaks."""
        self.blob_pace = 0.0
        """Seconds between two pieces of 16 KiB."""
        self.no_ranges = False
        self.snapshots: dict[str, bytes] = {}
        """By log, as a hub packs them; without one a log begins with an empty snapshot of its floor."""
        self.snapshot_ranges: list[int] = []
        """From where each asked for its rest."""
        self.cut_snapshot: Callable[[int], int] | None = None
        self.put: dict[str, tuple[str, bytes]] = {}
        """Photos that stores sent, by digest: of which order."""
        self.not_taking: Answer | None = None
        self.version, self.clock_off = "0.1.0", 0.0
        """As its answers' headers tell them; the clock in seconds."""
        self.sessions: list[SessionRequest] = []
        self.session_seconds = 1800.0
        self.followed: tuple[str, ...] = (store_log("S1"), CATALOGUE)
        self.newest_operation = (0, "")
        """Number and key, as its sessions tell them."""
        self.outcome = OutcomeState.DONE
        self.poison: str = ""
        """Operations of this kind make the whole request fail with `poison_status`."""
        self.poison_status = 400
        self.cut_answers = 0
        """So many operations requests are done, and half of the answer comes."""
        self._news = asyncio.Condition()
        self._frames: set[asyncio.Queue[bytes | None]] = set()
        self._listening = AsyncExitStack()
        self.port = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def log(self, name: str) -> Log:
        return self.logs.setdefault(name, Log(name))

    async def tell(self, name: str, *bodies: EventBody, personal: tuple[Personal, ...] = ()) -> None:
        log = self.log(name)
        for body in bodies:
            seq = len(log.events) + 1
            raw = msgspec.Raw(encode_body(body))
            log.events.append(Event(name, seq, body.kind, body.version, NOW, raw, about(body), personal))
            if self.skip_frames:
                self.skip_frames -= 1
            elif not self.quiet:
                self.send(Frame.EVENT, log.events[-1], Cursor(name, log.log_id, seq).text())
        async with self._news:
            self._news.notify_all()

    def heartbeat(self) -> None:
        self.send(Frame.HEARTBEAT, Heartbeat(NOW, tuple(log.head for log in self.logs.values())))

    async def beat(self) -> None:
        """So often that no hurried agent takes a quiet stream for a silent one."""
        while True:
            await asyncio.sleep(0.1)
            if not self.quiet:
                self.heartbeat()

    def bye(self, bye: Bye) -> None:
        self.send(Frame.BYE, bye)

    def restore(self, name: str) -> None:
        """From a backup: another incarnation of the log."""
        self.log(name).log_id = "second"
        self.send(Frame.RESET, self.log(name).head)

    def send(self, frame: Frame, body: msgspec.Struct, id: str = "") -> None:
        head = f"event: {frame}\n" + (f"id: {id}\n" if id else "")
        for frames in self._frames:
            frames.put_nowait(head.encode() + b"data: " + msgspec.json.encode(body) + b"\n\n")

    def cut(self) -> None:
        """Every open stream ends without a word."""
        for frames in self._frames:
            frames.put_nowait(None)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while await self._one(reader, writer):
            pass

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """One request; False when the connection is over."""
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        request, *lines = head.split("\r\n")
        method, target, _ = request.split(" ")
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines if line)}
        body = await reader.readexactly(int(headers.get("content-length", 0)))
        try:
            await self._handle(method, target, headers, body, reader, writer)
        except Answer as answer:
            date = formatdate(time.time() + self.clock_off, usegmt=True)
            extra = f"server: yaolink-hub/{self.version}\r\ndate: {date}\r\n"
            extra += "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in answer.headers.items())
            start = f"HTTP/1.1 {answer.status} x\r\ncontent-length: {len(answer.body)}\r\n{extra}\r\n"
            writer.write(start.encode() + answer.body)
            await writer.drain()
            return True
        except Cut as cut:
            writer.write(cut.args[0])
            await writer.drain()
        return False

    async def _handle(
        self,
        method: str,
        target: str,
        headers: dict[str, str],
        body: bytes,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> None:
        url = urlsplit(target)
        query = parse_qs(url.query)
        if url.path == protocol.PAIR:
            self._pair(body)
        if self.refuse is not None:
            self.refused += 1
            raise self.refuse
        self._session(url.path, body)
        if headers.get("authorization") != f"Bearer {TOKEN}":
            raise problem(401, protocol.SESSION_OVER, "in which session?")
        match method, url.path:
            case "GET", protocol.EVENTS:
                await self._events([Cursor.parse(text) for text in query["after"]], float(query.get("wait", ["0"])[0]))
            case "GET", protocol.STREAM:
                await self._stream([Cursor.parse(text) for text in query["after"]], reader, writer)
            case "POST", protocol.OPERATIONS if self.sessions_over:
                self.sessions_over -= 1
                raise problem(401, protocol.SESSION_OVER, "not any more")
            case "POST", protocol.OPERATIONS:
                self._operations(msgspec.json.decode(body, type=list[Operation]))
            case "GET", path if path.startswith(f"{protocol.BLOBS}/"):
                await self._blob(path.rpartition("/")[2], headers["range"], writer)
            case "GET", protocol.SNAPSHOT:
                await self._snapshot(query["log"][0], headers, writer)
            case "PUT", path if path.startswith(f"{protocol.BLOBS}/"):
                if self.not_taking is not None:
                    raise self.not_taking
                self.put[path.rpartition("/")[2]] = (query["order_id"][0], body)
                raise Answer(204)
            case "POST", protocol.REPORT:
                self.reports.append(msgspec.json.decode(body, type=Report))
                raise Answer(204)
            case _:
                raise problem(404, "no_such_path", target)

    async def _blob(self, digest: str, asked: str, writer: asyncio.StreamWriter) -> None:
        start = int(asked.removeprefix("bytes=").removesuffix("-"))
        self.blob_ranges.append(start)
        if digest not in self.blobs:
            raise problem(404, "not_here", "this blob has not come yet")
        whole = self.blobs[digest]
        part = whole if self.no_ranges else whole[start:]
        head = f"content-range: bytes {start}-{len(whole) - 1}/{len(whole)}\r\n"
        status = "200 OK" if self.no_ranges else f"206 Partial\r\n{head}".rstrip()
        writer.write(f"HTTP/1.1 {status}\r\ncontent-length: {len(part)}\r\nconnection: close\r\n\r\n".encode())
        comes = part if self.cut_blob is None else part[: self.cut_blob(len(part))]
        for at in range(0, len(comes), 16 * 1024):
            writer.write(comes[at : at + 16 * 1024])
            await writer.drain()
            await asyncio.sleep(self.blob_pace)

    async def _snapshot(self, name: str, headers: dict[str, str], writer: asyncio.StreamWriter) -> None:
        log = self.log(name)
        whole = self.snapshots.get(name) or packed(SnapshotHeader(name, log.log_id, log.floor, NOW))
        etag = hashlib.sha256(whole).hexdigest()[:32]
        same = headers.get("if-range") == f'"{etag}"'
        start = int(headers["range"].removeprefix("bytes=").removesuffix("-")) if same else 0
        self.snapshot_ranges.append(start)
        part = whole[start:]
        status = f"206 Partial\r\ncontent-range: bytes {start}-{len(whole) - 1}/{len(whole)}" if start else "200 OK"
        head = f'etag: "{etag}"\r\n{protocol.SEAL_HEADER}: {KEY.hex()}\r\ncontent-length: {len(part)}'
        writer.write(f"HTTP/1.1 {status}\r\n{head}\r\nconnection: close\r\n\r\n".encode())
        writer.write(part if self.cut_snapshot is None else part[: self.cut_snapshot(len(part))])
        await writer.drain()

    def _session(self, path: str, body: bytes) -> None:
        """Whoever is no stranger gets one; what signatures are worth is the real hub's tests' affair."""
        match path:
            case protocol.CHALLENGE if msgspec.json.decode(body, type=Known).device == STRANGER:
                raise problem(401, protocol.UNKNOWN_KEY, "who are you")
            case protocol.CHALLENGE:
                raise Answer(200, msgspec.json.encode(Challenge("nonce")))
            case protocol.SESSION:
                self.sessions.append(msgspec.json.decode(body, type=SessionRequest))
                number, key = self.newest_operation
                reply = SessionReply(TOKEN, self.session_seconds, self.followed, number, key, NOW)
                raise Answer(200, msgspec.json.encode(reply))
            case protocol.PROOF | protocol.KEY:
                raise Answer(204)

    def _pair(self, body: bytes) -> None:
        request = msgspec.json.decode(body, type=PairRequest)
        self.pair_requests.append(request)
        if self.not_pairing is not None:
            raise self.not_pairing
        if request.code != "ABCD0123EFGH4567":
            raise problem(403, "pairing_refused", "no such code")
        raise Answer(200, msgspec.json.encode(PairReply("demo", "S1", "和平路店")))

    async def _events(self, cursors: Sequence[Cursor], wait: float) -> None:
        self.pulls += [(cursor, wait) for cursor in cursors]
        if wait and not self.hasty and not self._news_for(cursors).events:
            async with self._news:
                with suppress(TimeoutError):
                    async with asyncio.timeout(wait):
                        await self._news.wait_for(lambda: self._news_for(cursors).events)
        raise Answer(200, msgspec.json.encode(self._news_for(cursors)))

    def _news_for(self, cursors: Sequence[Cursor]) -> Page:
        """Of the first log that has some; else of the first of all."""
        pages = [self.log(cursor.log).page(cursor) for cursor in cursors]
        return next((page for page in pages if page.events or page.reset), pages[0])

    async def _stream(
        self, cursors: Sequence[Cursor], reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self.opened += 1
        self.streams += 1
        frames: asyncio.Queue[bytes | None] = asyncio.Queue()
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n")
        left = asyncio.create_task(reader.read())
        left.add_done_callback(lambda _: frames.put_nowait(None))
        try:
            if not self.mute:
                self._frames.add(frames)
                self.heartbeat()
            while (frame := await frames.get()) is not None:
                writer.write(frame)
                await writer.drain()
        finally:
            left.cancel()
            self._frames.discard(frames)
            self.streams -= 1

    def _operations(self, operations: list[Operation]) -> None:
        self.batches.append(operations)
        if any(operation.kind == self.poison for operation in operations):
            raise problem(self.poison_status, "not_understood", "the body cannot be read")
        self.done |= {operation.key: operation for operation in operations}
        if self.lose_answers:
            self.lose_answers -= 1
            raise ConnectionResetError
        outcomes = [Outcome(operation.key, self.outcome, "") for operation in operations]
        answer = msgspec.json.encode(outcomes)
        if self.cut_answers:
            self.cut_answers -= 1
            raise Cut(b"HTTP/1.1 200 x\r\ncontent-length: %d\r\n\r\n" % len(answer) + answer[: len(answer) // 2])
        raise Answer(200, answer)

    async def listen(self) -> None:
        self.port = await self._listening.enter_async_context(listening(self.serve))

    async def close(self) -> None:
        """Gone: nothing listens at its port any more."""
        await self._listening.aclose()


def problem(status: int, error: str, message: str) -> Answer:
    return Answer(status, msgspec.json.encode(Problem(error, message)))


REVOKED = problem(403, protocol.REVOKED, "本店已换新机")


@asynccontextmanager
async def fake_hub() -> AsyncIterator[FakeHub]:
    hub = FakeHub()
    await hub.listen()
    beating = asyncio.create_task(hub.beat())
    try:
        yield hub
    finally:
        beating.cancel()
        await hub.close()
