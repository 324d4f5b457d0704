"""One agent's session with its hub: begun with the device's key, renewed in time, begun again when it is over.

Nothing here looks at this computer's clock; how long a token lives is counted from when it came (facts/sync.md R15).
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Protocol, TypeVar

import msgspec

from agent.device_key import DeviceKey
from agent.hub_errors import HubUnreachable, KeyUnknown
from domain import protocol, signatures
from domain.protocol import Challenge, Known, NewKey, ProofRequest, SessionReply, SessionRequest

log = logging.getLogger(__name__)

T = TypeVar("T")

RENEWED_AT = 0.8
"""Of a token's life."""
ROUNDS = 4
"""A first session may lead to another: an unfinished change of keys is finished, a restored agent introduces itself as
another. More of them than this are not one agent's."""

Post = Callable[[str, bytes, dict[str, str]], Awaitable[bytes]]
"""Sends this body to this path with these headers; raises what `agent.hub` raises."""


class Keys(Protocol):
    def all(self) -> Sequence[DeviceKey]:
        """Newest first. Blocks."""

    def renew(self) -> None:
        """Blocks."""


class Myself(Protocol):
    """What the agent is, as it tells the hub, and what it learns of itself from the hub's answer."""

    async def device(self) -> str: ...

    async def introduce(self, public_key: bytes, nonce: str) -> SessionRequest: ...

    async def told(self, reply: SessionReply) -> bool:
        """True: this agent goes on as another, and introduces itself again."""

    async def renewed(self, reply: SessionReply) -> None:
        """The hub knows a newer key of this device."""


class Held(msgspec.Struct, frozen=True):
    """A session's token, by which key it was got, and until when it is used."""

    token: str
    key: DeviceKey
    until: float

    def headers(
        self, method: str, path: str, query: Iterable[tuple[str, str]] = (), body: bytes | None = None, *, signed: bool
    ) -> dict[str, str]:
        found = {"Authorization": f"Bearer {self.token}"}
        if signed:
            said = signatures.to_sign(method, path, query, under=self.token, body=body)
            found[signatures.SIGNATURE] = self.key.sign(said).hex()
        return found


class Session:
    """Lives in the event loop's thread."""

    def __init__(self, keys: Keys, myself: Myself, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._keys, self._myself, self._monotonic = keys, myself, monotonic
        self._held: Held | None = None
        self._one_at_a_time = asyncio.Lock()

    async def held(self, post: Post) -> Held:
        """Begun now where there is none. Raises HubError."""
        async with self._one_at_a_time:
            if self._held is None or self._monotonic() > self._held.until:
                self._held, _ = await self._begin(post)
            return self._held

    async def again(self, post: Post) -> None:
        """Begun anew though the token is still taken: the hub is not what it was when it gave it. Raises HubError."""
        async with self._one_at_a_time:
            self._held, _ = await self._begin(post)

    def over(self, held: Held) -> None:
        """The hub takes this token no longer; a newer one stays."""
        if self._held is held:
            self._held = None

    async def change_key(self, post: Post) -> None:
        """Whatever breaks off, one of the two keys works: the newer is kept here before the hub hears of it, and the
        next session finishes what was begun. Raises HubError."""
        async with self._one_at_a_time:
            self._held = None
            await self._begin(post)  # an earlier change is finished first: then the hub knows the newest key
            await asyncio.to_thread(self._keys.renew)
            self._held, reply = await self._begin(post)
            await self._myself.renewed(reply)
            log.info("this device has a new key")

    async def _begin(self, post: Post) -> tuple[Held, SessionReply]:
        for _ in range(ROUNDS):
            keys = await asyncio.to_thread(self._keys.all)
            held, reply = await self._ask(post, keys)
            if held.key is not keys[0]:
                await _tell_newer(post, held, keys[0])
            elif not await self._myself.told(reply):
                return held, reply
        raise HubUnreachable("no session came about with the hub")

    async def _ask(self, post: Post, keys: Sequence[DeviceKey]) -> tuple[Held, SessionReply]:
        key, nonce = await _known(post, keys, await self._myself.device())
        body = msgspec.json.encode(await self._myself.introduce(key.public_key, nonce))
        begun = self._monotonic()
        answer = await post(protocol.SESSION, body, _signed(key, protocol.SESSION, nonce, body))
        reply = _decoded(answer, SessionReply)
        return Held(reply.token, key, begun + reply.expires_in * RENEWED_AT), reply


async def prove(post: Post, keys: Sequence[DeviceKey], device: str) -> None:
    """Asks whether the hub would admit this device, without beginning a session. Raises HubError."""
    key, nonce = await _known(post, keys, device)
    body = msgspec.json.encode(ProofRequest(device, key.public_key, nonce))
    await post(protocol.PROOF, body, _signed(key, protocol.PROOF, nonce, body))


async def _known(post: Post, keys: Sequence[DeviceKey], device: str) -> tuple[DeviceKey, str]:
    """The newest key that the hub knows, and its nonce. Raises KeyUnknown where it knows none."""
    unknown: KeyUnknown | None = None
    for key in keys:
        body = msgspec.json.encode(Known(device, key.public_key))
        try:
            return key, _decoded(await post(protocol.CHALLENGE, body, {}), Challenge).nonce
        except KeyUnknown as error:
            unknown = unknown or error
    raise unknown or HubUnreachable("this agent has no key")


async def _tell_newer(post: Post, held: Held, newest: DeviceKey) -> None:
    proof = newest.sign(signatures.to_sign("POST", protocol.KEY, under=held.token, body=newest.public_key))
    body = msgspec.json.encode(NewKey(newest.public_key, proof))
    await post(protocol.KEY, body, held.headers("POST", protocol.KEY, body=body, signed=True))


def _signed(key: DeviceKey, path: str, nonce: str, body: bytes) -> dict[str, str]:
    return {signatures.SIGNATURE: key.sign(signatures.to_sign("POST", path, under=nonce, body=body)).hex()}


def _decoded(answer: bytes, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(answer, type=kind)
    except msgspec.MsgspecError as error:
        raise HubUnreachable(f"the hub answered what no hub answers: {error}") from error
