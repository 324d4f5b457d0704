"""What this agent tells its hub of itself when a session begins, and what follows from the hub's answer."""

import logging
from collections.abc import Sequence

import msgspec

from agent import incarnation, store
from agent.cursors import cursor, doubt
from agent.files import CacheFile, DataFile, WorkFile
from agent.snapshots import once_more
from agent.transactions import Reading, Transaction
from domain.events import BODIES, CHAIN_LOGS, STORE_LOGS, store_log
from domain.protocol import Cursor, SessionReply, SessionRequest
from domain.times import DAY, Millis

log = logging.getLogger(__name__)

ACCEPTS = {kind: body.version for kind, body in BODIES.items()}
"""The kinds of events that this program knows, each with the highest version that it reads."""
KEY_LIFE: Millis = 365 * DAY
_KEY_AT, _LOGS = "key_at", "logs"


class Introducing:
    """`boot` is this run of the program."""

    def __init__(self, work: WorkFile, cache: CacheFile, *, boot: str, version: str) -> None:
        self._work, self._cache, self._boot, self._version = work, cache, boot, version
        self._hub_at: Millis | None = None
        self._confirmed = 0

    async def device(self) -> str:
        return await self._work.awrite(store.device)

    async def introduce(self, public_key: bytes, nonce: str) -> SessionRequest:
        def of_work(tx: Transaction) -> tuple[str, str, int, int]:
            life = incarnation.incarnation(tx)
            return store.device(tx), life, incarnation.highest(tx), incarnation.confirmed(tx)

        cursors = await self._cursors()  # first: a snapshot that comes now sends again what was confirmed before
        device, life, number, self._confirmed = await self._work.awrite(of_work)
        return SessionRequest(
            device=device,
            public_key=public_key,
            nonce=nonce,
            incarnation=life,
            boot=self._boot,
            version=self._version,
            accepts=ACCEPTS,
            number=number,
            cursors=cursors,
            confirmed=self._confirmed,
        )

    async def told(self, reply: SessionReply) -> bool:
        """True: these data are an older copy, and the agent must introduce itself again, as another incarnation.

        The cache's cursors are doubted before the work file notes it: after a crash between the two the next session
        notices all of it again.
        """
        self._hub_at = reply.at
        if await self._work.aread(lambda reading: incarnation.is_older_copy(reading, reply)):
            await self._cache.awrite(doubt)
            await self._work.awrite(_begin_anew)
            return True
        await self._work.awrite(lambda tx: _heard(tx, reply, self._confirmed))
        return False

    async def renewed(self, reply: SessionReply) -> None:
        await self._work.awrite(lambda tx: store.put(tx, **{_KEY_AT: str(reply.at)}))

    async def has_old_key(self) -> bool:
        """By the hub's clock; unknown before the first session of this run."""
        made_at = await self._work.aread(lambda reading: store.fact(reading, _KEY_AT))
        return self._hub_at is not None and bool(made_at) and self._hub_at - int(made_at) > KEY_LIFE

    async def _cursors(self) -> tuple[Cursor, ...]:
        names = await self._work.aread(logs)
        return tuple([await self._cursor(name) for name in names])

    async def _cursor(self, name: str) -> Cursor:
        file: DataFile = home(name, self._work, self._cache)
        return await file.aread(lambda reading: cursor(reading, name))


def logs(reading: Reading) -> Sequence[str]:
    """The logs to follow: the store's own first, then those of the chain that the hub named and this version knows. In
    one that it does not know every event would be set aside; a newer version begins that log with a snapshot."""
    kept = store.fact(reading, _LOGS)
    own = store_log(store.identity(reading).store)
    told = msgspec.json.decode(kept, type=tuple[str, ...]) if kept else tuple(CHAIN_LOGS)
    return (own, *(name for name in told if name in CHAIN_LOGS))


def home(name: str, work: WorkFile, cache: CacheFile) -> DataFile:
    """The file of a log's cursor and effects: the store's own log belongs to the file that cannot be rebuilt."""
    return work if name.startswith(STORE_LOGS) else cache


def _heard(tx: Transaction, reply: SessionReply, confirmed: int) -> None:
    incarnation.send_again(tx, reply, confirmed)
    told = msgspec.json.encode(reply.logs).decode()
    if told != store.fact(tx, _LOGS):
        for name in sorted({*reply.logs} - {*CHAIN_LOGS, store_log(store.identity(tx).store)}):
            log.warning("the hub has a log %s, which this version does not follow", name)
        store.put(tx, **{_LOGS: told})
    if not store.fact(tx, _KEY_AT):
        store.put(tx, **{_KEY_AT: str(reply.at)})


def _begin_anew(tx: Transaction) -> None:
    incarnation.begin_anew(tx)
    once_more.ask(tx)
