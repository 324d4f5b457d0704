"""Pairing: by a one-time code from headquarters the hub learns this device's key (docs/protocol.md).

A key is made and kept before the hub hears of it; once the hub knows it, it is the device's only one; then come the
facts that make the agent follow. After a crash anywhere the same code, asked again, is answered alike.
"""

import asyncio
import logging
import re
import socket

import msgspec

from agent import store
from agent.device_key import DeviceKey, DeviceKeys
from agent.errors import AgentError
from agent.files import WorkFile
from agent.following import Following, HubAt
from domain.ids import CROCKFORD
from domain.protocol import PairReply, PairRequest

log = logging.getLogger(__name__)

_ADDRESS = re.compile(r"https?://[^/?#@\s]+(/[^?#\s]*)?", re.IGNORECASE)
_LOOKS_LIKE = str.maketrans("ILO", "110")
"""Crockford's alphabet has no I, L and O: who typed one of them meant a digit."""
_AS_IT_WAS = "set `secrets` in agent.toml back to what it was"


class BadPairing(AgentError):
    """What was typed cannot be a hub's address or a code, or this data belongs to another store."""


class Paired(msgspec.Struct, frozen=True):
    store: str
    store_name: str
    hub: str


class KeyChanged(msgspec.Struct, frozen=True):
    """The public half, in hexadecimal."""

    public_key: str


class Pairing:
    def __init__(
        self,
        *,
        work: WorkFile,
        keys: DeviceKeys,
        following: Following,
        hub_at: HubAt,
        version: str,
    ) -> None:
        self._work, self._keys, self._following, self._version = work, keys, following, version
        self._hub_at = hub_at
        self._one_at_a_time = asyncio.Lock()

    async def resume(self) -> None:
        """Follows the hub that this agent was paired with, if it was. Raises AgentError when its key is gone."""
        identity = await self._work.aread(store.identity)
        if not identity.paired:
            log.warning(
                "not paired yet: get a code from headquarters, then run `yaolink-agent pair --hub URL --code CODE`"
            )
            return
        if not await asyncio.to_thread(self._keys.all):
            raise AgentError("this agent is paired, but its key is gone", hint=_AS_IT_WAS)
        await self._following.start(identity.hub_url)

    async def pair(self, url: str, code: str) -> Paired:
        """Following starts at once. Raises BadPairing, HubError or SecretsUnusable; then nothing has changed here."""
        url, code = hub_address(url), pairing_code(code)
        async with self._one_at_a_time:
            try:
                return await self._pair(url, code)
            except AgentError as error:
                log.warning("pairing with %s failed: %s", url, error)
                raise

    async def pair_first(self, url: str, code: str) -> Paired | None:
        """As `pair`, and None where this agent is paired already, be it at this moment by somebody else."""
        async with self._one_at_a_time:
            if (await self._work.aread(store.identity)).paired:
                return None
            return await self._pair(url, code)

    async def change_key(self) -> KeyChanged:
        """Now, on the line that there is. Raises HubError; then one of the two keys works."""
        await self._following.change_key()
        newest = (await asyncio.to_thread(self._keys.all))[0]
        return KeyChanged(newest.public_key.hex())

    async def _pair(self, url: str, code: str) -> Paired:
        reply = await self._redeem(url, code, await asyncio.to_thread(self._keys.for_pairing))
        await self._keep(url, reply)
        await self._following.start(url)
        log.info("paired with %s as store %s", url, reply.store)
        return Paired(reply.store, reply.store_name, url)

    async def _redeem(self, url: str, code: str, key: DeviceKey) -> PairReply:
        device = await self._work.awrite(store.device)
        hub = self._hub_at(url, None)
        try:
            return await hub.pair(PairRequest(code, device, socket.gethostname(), self._version, key.public_key), key)
        finally:
            await hub.close()

    async def _keep(self, url: str, reply: PairReply) -> None:
        """Orders of two stores must never share a file."""
        known = await self._work.aread(store.identity)
        if known.store and (known.chain, known.store) != (reply.chain, reply.store):
            raise BadPairing(
                f"this data folder belongs to store {known.store}, the code is for store {reply.store}",
                hint="choose another `data` folder in agent.toml for another store",
            )
        await asyncio.to_thread(self._keys.begin)
        await self._work.awrite(
            lambda tx: store.pair(tx, hub_url=url, chain=reply.chain, store=reply.store, name=reply.store_name)
        )
        await asyncio.to_thread(self._keys.paired)


def hub_address(typed: str) -> str:
    url = typed.strip().rstrip("/")
    if not _ADDRESS.fullmatch(url):
        raise BadPairing(f"not a hub's address: {typed.strip()!r}", hint="write it as https://hub.example.com")
    return url


def pairing_code(typed: str) -> str:
    """As people type it: groups, dashes, small letters and look-alikes are forgiven."""
    code = re.sub(r"[\s-]", "", typed).upper().translate(_LOOKS_LIKE)
    if not code or any(letter not in CROCKFORD for letter in code):
        raise BadPairing("not a pairing code", hint="copy it from headquarters: 16 letters and digits")
    return code
