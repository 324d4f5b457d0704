"""A hub of one store that does nothing but tell: docs/protocol.md as far as an agent needs it, without a database."""

import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self
from urllib.parse import parse_qs, urlsplit

import msgspec

from domain import protocol
from domain.events import CATALOGUE, Event, EventBody, OrderPlaced, encode_body, store_log
from domain.operations import Operation
from domain.protocol import (
    Challenge,
    Cursor,
    Frame,
    Head,
    Heartbeat,
    Outcome,
    OutcomeState,
    Page,
    PairReply,
    SessionReply,
)

STORE = "S1"
CODE = "ABCD0123EFGH4567"
_LOG = store_log(STORE)
_LOG_ID = "0123456789abcdef0123456789abcdef"
_HEARTBEAT_S = 5.0
_SESSION_S = 86_400.0


class SlimHub:
    """Serves from construction to `close`. `settled` hears each operation as it comes in, in a thread of the hub's."""

    def __init__(self, settled: Callable[[Operation], None] = lambda operation: None) -> None:
        self.settled = settled
        self.streams = 0
        self._events: dict[str, list[Event]] = {_LOG: [], CATALOGUE: []}
        self._news = threading.Condition()
        self._closed = False
        self._server = _Server(self)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, name="slim hub", daemon=True).start()

    def tell(self, body: EventBody, log: str = _LOG) -> None:
        """Into the streams at once."""
        with self._news:
            events = self._events[log]
            order_id = body.order.order_id if isinstance(body, OrderPlaced) else None
            raw = msgspec.Raw(encode_body(body))
            now = int(time.time() * 1000)
            events.append(Event(log, len(events) + 1, body.kind, body.version, now, raw, order_id))
            self._news.notify_all()

    def wait_for_stream(self, within: float = 20.0) -> None:
        with self._news:
            if not self._news.wait_for(lambda: self.streams > 0, within):
                raise RuntimeError("the agent does not follow the hub")

    def close(self) -> None:
        with self._news:
            self._closed = True
            self._news.notify_all()
        self._server.shutdown()
        self._server.server_close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def head(self, log: str) -> Head:
        return Head(log, _LOG_ID, len(self._events.get(log, ())))

    def page(self, cursor: Cursor, wait: float) -> Page:
        with self._news:
            self._news.wait_for(lambda: self._closed or self.head(cursor.log).seq > cursor.seq, wait)
            return Page(self.head(cursor.log), tuple(self._events.get(cursor.log, ())[cursor.seq :][: protocol.PAGE]))

    def stream(self, cursors: list[Cursor], send: Callable[[bytes], None]) -> None:
        """Until the hub closes or the agent is gone."""
        at = {cursor.log: cursor.seq for cursor in cursors}
        with self._news:
            self.streams += 1
            self._news.notify_all()
        send(self._heartbeat(at))
        while not self._closed:
            with self._news:
                came = self._news.wait_for(lambda: self._closed or self._after(at), _HEARTBEAT_S)
                events = self._after(at)
            for event in events:
                at[event.log] = event.seq
                send(_frame(Frame.EVENT, event, Cursor(event.log, _LOG_ID, event.seq).text()))
            if not came:
                send(self._heartbeat(at))

    def _after(self, at: dict[str, int]) -> list[Event]:
        return [event for log, seq in at.items() for event in self._events.get(log, ())[seq:]]

    def _heartbeat(self, at: dict[str, int]) -> bytes:
        return _frame(Frame.HEARTBEAT, Heartbeat(int(time.time() * 1000), tuple(map(self.head, at))))


def _frame(frame: Frame, body: msgspec.Struct, cursor: str = "") -> bytes:
    head = f"event: {frame}\n" + (f"id: {cursor}\n" if cursor else "")
    return head.encode() + b"data: " + msgspec.json.encode(body) + b"\n\n"


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, hub: SlimHub) -> None:
        self.hub = hub
        super().__init__(("127.0.0.1", 0), _Request)


class _Request(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Server

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        query = parse_qs(url.query)
        cursors = [Cursor.parse(text) for text in query["after"]]
        if url.path == protocol.EVENTS:
            wait = float(query.get("wait", ["0"])[0])
            self._answer(msgspec.json.encode(self.server.hub.page(cursors[0], wait)))
        elif url.path == protocol.STREAM:
            self._stream(cursors)
        else:
            self._answer(b"", 404)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        match urlsplit(self.path).path:
            case protocol.PAIR:
                self._answer(msgspec.json.encode(PairReply("demo", STORE, "和平路店")))
            case protocol.CHALLENGE:
                self._answer(msgspec.json.encode(Challenge("nonce")))
            case protocol.SESSION:
                reply = SessionReply("token", _SESSION_S, (_LOG, CATALOGUE), 0, "", int(time.time() * 1000))
                self._answer(msgspec.json.encode(reply))
            case protocol.OPERATIONS:
                operations = msgspec.json.decode(body, type=list[Operation])
                for operation in operations:
                    self.server.hub.settled(operation)
                self._answer(msgspec.json.encode([Outcome(each.key, OutcomeState.DONE) for each in operations]))
            case protocol.REPORT:
                self._answer(b"", 204)
            case _:
                self._answer(b"", 404)

    def _answer(self, body: bytes, status: int = 200) -> None:
        self.send_response(status)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _stream(self, cursors: list[Cursor]) -> None:
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.send_header("connection", "close")
        self.end_headers()
        try:
            self.server.hub.stream(cursors, lambda data: self.connection.sendall(data))
        except OSError:
            self.close_connection = True  # the agent left

    def log_message(self, format: str, *args: object) -> None:
        """The agent's requests are none of the benchmark's news."""
