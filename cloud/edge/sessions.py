"""Sessions at the door of the agents: challenge, session, proof and new key; and who it is that asks anything else.

Every request that changes something is signed by the device's key over its method, path, token and body
(`domain.signatures`): a token alone, seen in some proxy's log, changes nothing.
"""

from functools import partial
from urllib.parse import parse_qsl

import msgspec

from cloud import device_keys, evidence, sessions
from cloud.agents import Agent
from cloud.asgi import Receive, Scope, Send, answer, bearer, header, read_body
from cloud.errors import Frozen, SessionOver
from cloud.followers import Followers
from cloud.high_water import HighWater
from cloud.presence import Attendance
from cloud.register import CountedMore, Register
from cloud.sessions import Standing
from cloud.tokens import TOKEN_LIFE, Nonce, Token, Tokens, mark_of
from cloud.writer import Writer
from domain import protocol, signatures
from domain.events import CHAIN_LOGS, store_log
from domain.protocol import Challenge, Known, NewKey, ProofRequest, SessionReply, SessionRequest
from domain.times import SECOND, Clock

SIGNATURE = signatures.SIGNATURE.lower().encode()

_known = msgspec.json.Decoder(Known)
_session_request = msgspec.json.Decoder(SessionRequest)
_proof_request = msgspec.json.Decoder(ProofRequest)
_new_key = msgspec.json.Decoder(NewKey)
_encode = msgspec.json.Encoder().encode


class Speaking(msgspec.Struct, frozen=True):
    """Whose request this is. `written` is the token as it came."""

    agent: Agent
    token: Token
    written: str
    public_key: bytes

    def has_signed(self, scope: Scope, *, body: bytes | None = None, digest: str = "") -> None:
        """Raises `SessionOver`: something on the way changed the request, and a new session is tried."""
        if not _signed(scope, self.public_key, under=self.written, body=body, digest=digest):
            raise SessionOver("the request is not signed as it came", hint="Something on the way may change requests.")


class EdgeSessions:
    def __init__(
        self,
        writer: Writer,
        chain: str,
        *,
        register: Register,
        tokens: Tokens,
        high_water: HighWater,
        followers: Followers,
        attendance: Attendance,
        clock: Clock,
    ) -> None:
        self._writer, self._chain, self._clock, self._attendance = writer, chain, clock, attendance
        self._register, self._tokens, self._followers = register, tokens, followers
        self._high_water = high_water

    async def speaking(self, scope: Scope) -> Speaking:
        """Raises `SessionOver`, `UnknownKey`, `Revoked` and `Frozen`."""
        written = bearer(scope)
        token = None if written is None else self._tokens.read_token(written, self._clock())
        if token is None or written is None:
            raise SessionOver("this request belongs to no session", hint="docs/protocol.md")
        try:
            found = await self._register.of(token)
        except CountedMore as error:
            await self._high_water.shown(partial(evidence.of_token, token=token))
            raise SessionOver(str(error)) from error
        return Speaking(found.agent, token, written, found.public_key)

    async def challenge(self, scope: Scope, receive: Receive, send: Send) -> None:
        known = _known.decode(await read_body(receive))
        nonce = await self._writer.read(partial(sessions.admitted, chain=self._chain, known=known))
        nonce = msgspec.structs.replace(nonce, at=self._clock())
        await answer(send, _encode(Challenge(self._tokens.nonce(nonce))))

    async def begin(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = await read_body(receive)
        request = _session_request.decode(body)
        nonce = self._proven(scope, body, request.nonce, request.device, request.public_key)
        begun = await self._writer.run(partial(sessions.begin, request=request, nonce=nonce))
        if isinstance(begun, Frozen):
            self._followers.end_agent(request.device, nonce.paired_at, "frozen")
            raise begun
        agent, now = begun.agent, self._clock()
        if request.confirmed > begun.number and await self._high_water.confirmed(
            agent, request.confirmed, request.cursors
        ):
            raise SessionOver("the hub was put back", hint="Ask for another session.")
        mark = mark_of(request.public_key)
        self._register.begun(Standing(agent, request.public_key, mark, begun.sessions))
        self._attendance.spoke(agent.store, agent.device, now)
        if begun.took_over:
            self._followers.end_agent(agent.device, agent.paired_at, "another run")
        token = self._tokens.token(
            Token(agent.device, agent.paired_at, begun.sessions, agent.boot, mark, now + TOKEN_LIFE)
        )
        reply = SessionReply(token, TOKEN_LIFE / SECOND, logs_of(agent), begun.number, begun.key, now)
        await answer(send, _encode(reply))

    async def prove(self, scope: Scope, receive: Receive, send: Send) -> None:
        """For the doctor, which is another program than the agent and may not take its session from it."""
        body = await read_body(receive)
        request = _proof_request.decode(body)
        nonce = self._proven(scope, body, request.nonce, request.device, request.public_key)
        asked = partial(sessions.admitted, chain=self._chain, known=Known(nonce.device, request.public_key))
        await self._writer.read(asked)
        await _done(send)

    async def new_key(self, scope: Scope, receive: Receive, send: Send) -> None:
        speaking = await self.speaking(scope)
        body = await read_body(receive)
        speaking.has_signed(scope, body=body)
        wanted = _new_key.decode(body)
        said = signatures.to_sign("POST", protocol.KEY, under=speaking.written, body=wanted.public_key)
        if not device_keys.is_signed(wanted.public_key, wanted.proof, said):
            raise SessionOver("who sent the new key does not have it")
        agent = speaking.agent
        await self._writer.run(partial(sessions.replace_key, agent=agent, public_key=wanted.public_key))
        self._followers.end_agent(agent.device, agent.paired_at, "new key")
        await _done(send)

    def _proven(self, scope: Scope, body: bytes, written: str, device: str, public_key: bytes) -> Nonce:
        """Raises `SessionOver` for another device's nonce, an old one, or a signature by another key."""
        nonce = self._tokens.read_nonce(written, self._clock())
        if nonce is None or nonce.device != device:
            raise SessionOver("this nonce is not good, or no longer", hint="Ask for another.")
        if not _signed(scope, public_key, under=written, body=body):
            raise SessionOver("the request is not signed as it came", hint="Something on the way may change requests.")
        return nonce


def logs_of(agent: Agent) -> tuple[str, ...]:
    """What an agent follows: its store's own log, and the chain's of which its program knows something."""
    reads = agent.accepts
    chains = (log for log, kinds in CHAIN_LOGS.items() if not reads or any(kind.kind in reads for kind in kinds))
    return (store_log(agent.store), *chains)


def is_signed_under(scope: Scope, public_key: bytes, under: str, body: bytes) -> bool:
    """For a request of its own kind: pairing, which is signed under its code."""
    return _signed(scope, public_key, under=under, body=body)


def _signed(scope: Scope, public_key: bytes, *, under: str, body: bytes | None = None, digest: str = "") -> bool:
    try:
        signature = bytes.fromhex(header(scope, SIGNATURE) or "")
    except ValueError:
        return False
    query = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
    said = signatures.to_sign(scope["method"], scope["path"], query, under=under, body=body, digest=digest)
    return device_keys.is_signed(public_key, signature, said)


async def _done(send: Send) -> None:
    await send({"type": "http.response.start", "status": 204, "headers": []})
    await send({"type": "http.response.body", "body": b""})
