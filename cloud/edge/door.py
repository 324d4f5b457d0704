"""The door of the stores' agents: pairing, events down, operations up, the report (design.md §4, docs/protocol.md).

Raw ASGI: these are the hub's hot paths, and a stream through a framework costs twice the memory (facts/sync.md §3.1).
"""

from collections.abc import Awaitable, Callable
from functools import partial
from urllib.parse import parse_qs

import msgspec

from cloud import agents
from cloud.agents import Agent
from cloud.asgi import CLOSE, BadRequest, Receive, Scope, Send, answer, needs_method, read_body
from cloud.attempts import Attempts
from cloud.connections import write_at_once
from cloud.counters import Counters
from cloud.edge import operations as edge_operations
from cloud.edge.blobs import EdgeBlobs
from cloud.edge.polling import Poll
from cloud.edge.sessions import EdgeSessions, is_signed_under
from cloud.edge.snapshots import EdgeSnapshots
from cloud.edge.stream import Station, Stream
from cloud.errors import PairingRefused, SessionOver
from cloud.evidence import Forgotten
from cloud.followers import Follower, Followers
from cloud.high_water import HighWater
from cloud.logs import HubLogs
from cloud.presence import Attendance
from cloud.snapshots.folds import CHAIN_WIDE
from cloud.turnstile import Turnstile
from cloud.writer import Writer
from domain import protocol
from domain.events import store_log
from domain.operations import Operation
from domain.protocol import Cursor, PairRequest, Report
from domain.times import Clock

Handler = Callable[[Scope, Receive, Send], Awaitable[None]]

BLOBS = f"{protocol.BLOBS}/"
LONGEST_WAIT = 55
"""Seconds; few proxies bear more than 60 in silence. An agent finds out how long its own do."""

_operations = msgspec.json.Decoder(list[Operation])
_report = msgspec.json.Decoder(Report)
_pair_request = msgspec.json.Decoder(PairRequest)
_encode = msgspec.json.Encoder().encode


class Edge:
    def __init__(
        self,
        *,
        writer: Writer,
        logs: HubLogs,
        sessions: EdgeSessions,
        blobs: EdgeBlobs,
        station: Station,
        snapshots: EdgeSnapshots,
        high_water: HighWater,
        followers: Followers,
        attendance: Attendance,
        attempts: Attempts,
        turnstile: Turnstile,
        counters: Counters,
        clock: Clock,
    ) -> None:
        self._writer, self._logs, self._station, self._clock = writer, logs, station, clock
        self._followers, self._attendance, self._attempts = followers, attendance, attempts
        self._turnstile = turnstile
        self._counters, self._blobs, self._snapshots, self._sessions = counters, blobs, snapshots, sessions
        self._high_water = high_water
        self._handlers: dict[str, tuple[str, Handler]] = {
            protocol.PAIR: ("POST", self._pair),
            protocol.CHALLENGE: ("POST", self._challenge),
            protocol.SESSION: ("POST", sessions.begin),
            protocol.PROOF: ("POST", sessions.prove),
            protocol.KEY: ("POST", sessions.new_key),
            protocol.EVENTS: ("GET", self._events),
            protocol.STREAM: ("GET", self._stream),
            protocol.OPERATIONS: ("POST", self._take_operations),
            protocol.REPORT: ("POST", self._take_report),
            protocol.SNAPSHOT: ("GET", self._snapshot),
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"].startswith(BLOBS):
            await self._blob(scope, receive, send)
            return
        if (found := self._handlers.get(scope["path"])) is None:
            raise BadRequest(404, "no_such_path", f"nothing is served at {scope['path']}", "docs/protocol.md")
        method, handler = found
        needs_method(scope, method)
        await handler(scope, receive, send)

    async def _challenge(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Waits its turn here: this is the first step of a session, and nobody has proven yet who asks."""
        self._turnstile.enter()
        await self._sessions.challenge(scope, receive, send)

    async def _pair(self, scope: Scope, receive: Receive, send: Send) -> None:
        address = scope["client"][0] if scope.get("client") else ""
        self._attempts.count(address)
        body = await read_body(receive)
        request = _pair_request.decode(body)
        if not is_signed_under(scope, request.public_key, request.code, body):
            raise BadRequest(403, "not_proven", "who sent this key does not have it", "docs/protocol.md, Pairing")
        reply = await self._writer.run(partial(agents.pair, request=request))
        if isinstance(reply, PairingRefused):
            raise reply
        self._attempts.forgive(address)
        self._followers.end_revoked(reply.store)
        await answer(send, _encode(reply))

    async def _events(self, scope: Scope, receive: Receive, send: Send) -> None:
        agent = (await self._sessions.speaking(scope)).agent
        query = _query(scope)
        cursors = self._cursors(agent, query)
        if not cursors:
            raise BadRequest(400, "no_cursor", "a pull needs at least one after=LOG@LOG_ID:SEQ")
        self._let_in(agent)
        limit, wait = _number(query, "limit", protocol.PAGE), _number(query, "wait", 0)
        await self._high_water.heard(cursors)
        self._attendance.applied(agent.store, cursors)
        with self._attendance.present(agent.store, agent.device, self._clock):
            poll = Poll(cursors, min(max(limit, 1), protocol.PAGE), self._station, self._followers, send, agent.accepts)
            await poll.run(min(wait, LONGEST_WAIT), receive)

    async def _stream(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._followers.stopping:
            raise BadRequest(503, "stopping", "the hub is stopping", "come back in a moment")
        speaking = await self._sessions.speaking(scope)
        agent = speaking.agent
        cursors = self._cursors(agent, _query(scope))
        if not cursors:
            raise BadRequest(400, "no_cursor", "a stream needs at least one after=LOG@LOG_ID:SEQ")
        self._let_in(agent)
        self._attendance.applied(agent.store, cursors)
        follower = Follower(agent.store, speaking.token, cursors, agent.accepts)
        with self._followers.holding(follower), self._attendance.present(agent.store, agent.device, self._clock):
            await Stream(follower, self._station, send, write_at_once(scope)).run(receive)

    async def _snapshot(self, scope: Scope, receive: Receive, send: Send) -> None:
        agent = (await self._sessions.speaking(scope)).agent
        query = _query(scope)
        name = query.get("log", [""])[-1]
        _refuse_if_not_followed(agent, name)
        self._let_in(agent)
        with self._attendance.present(agent.store, agent.device, self._clock):
            await self._snapshots.give(name, agent.accepts, _number(query, "least", 0), scope, send)

    async def _take_operations(self, scope: Scope, receive: Receive, send: Send) -> None:
        speaking = await self._sessions.speaking(scope)
        body = await read_body(receive)
        speaking.has_signed(scope, body=body)
        agent, wanted = speaking.agent, _operations.decode(body)
        if len(wanted) > protocol.OPERATIONS_AT_ONCE:
            raise BadRequest(413, "too_many", f"at most {protocol.OPERATIONS_AT_ONCE} operations at once")
        query = _query(scope)
        confirmed, cursors = _number(query, "confirmed", 0), self._cursors(agent, query)
        try:
            outcomes = await edge_operations.take(self._writer, agent, wanted, confirmed)
        except Forgotten as error:
            await self._high_water.confirmed(agent, confirmed, cursors)
            raise SessionOver(str(error), hint=error.hint) from error
        self._counters.operations += len(outcomes)
        await answer(send, _encode(outcomes))

    async def _take_report(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Reports are not signed, as thousands come each minute: all that may follow from one is the insight that the
        hub was restored. The connection is closed with the answer: mostly nothing more comes for minutes, and the
        server would keep a timer for each open one."""
        agent = (await self._sessions.speaking(scope)).agent
        body = await read_body(receive)
        report = _report.decode(body)
        self._attendance.reported(agent.store, report, body, self._clock())
        await self._high_water.reported(agent, report)
        await send({"type": "http.response.start", "status": 204, "headers": [CLOSE]})
        await send({"type": "http.response.body", "body": b""})

    async def _blob(self, scope: Scope, receive: Receive, send: Send) -> None:
        needs_method(scope, "GET", "PUT")
        speaking = await self._sessions.speaking(scope)
        name = scope["path"].removeprefix(BLOBS)
        if scope["method"] == "GET":
            await self._blobs.give(speaking.agent, name, scope, send)
            return
        speaking.has_signed(scope, digest=name)  # `take` looks whether the bytes are those
        await self._blobs.take(speaking.agent, name, _query(scope).get("order_id", [""])[-1], receive, send)

    def _let_in(self, agent: Agent) -> None:
        """Whoever was here a moment ago goes on; who comes anew waits for its turn (503 with Retry-After)."""
        if not self._attendance.of(agent.store).is_here(self._clock()):
            self._turnstile.enter()

    def _cursors(self, agent: Agent, query: dict[str, list[str]]) -> list[Cursor]:
        """A store follows its own log and the chain's, no other store's."""
        try:
            cursors = [Cursor.parse(text) for text in query.get("after", [])]
        except ValueError as error:
            raise BadRequest(400, "bad_cursor", str(error)) from error
        for cursor in cursors:
            _refuse_if_not_followed(agent, cursor.log)
        return cursors


def _refuse_if_not_followed(agent: Agent, log: str) -> None:
    if log != store_log(agent.store) and log not in CHAIN_WIDE:
        raise BadRequest(403, "not_your_log", f"store {agent.store} does not follow {log}")


def _query(scope: Scope) -> dict[str, list[str]]:
    return parse_qs(scope["query_string"].decode("latin-1"))


def _number(query: dict[str, list[str]], name: str, default: int) -> int:
    text = query.get(name, [str(default)])[-1]
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise BadRequest(400, "bad_number", f"{name}: not a whole number: {text!r}")
    return int(text)
