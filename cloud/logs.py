"""The logs as the doors of the agents read them, each on a connection of its own beside the writer."""

from functools import partial

from cloud import eventlog, restoring
from cloud.heads import Heads
from cloud.shared_reading import SharedReading
from cloud.snapshots import choosing
from cloud.vault import Vault
from cloud.writer import Writer
from domain.events import STORE_LOGS
from domain.protocol import Cursor, Head, Page


class HubLogs:
    def __init__(self, writer: Writer, chain: str, vault: Vault, heads: Heads) -> None:
        self._writer, self._chain, self._vault, self._heads = writer, chain, vault, heads
        self._shared: SharedReading[Page] = SharedReading()

    async def page(self, cursor: Cursor, limit: int) -> Page:
        """A page of a chain-wide log is read once for all who stand at the same place.

        A store's own log has one reader, and may be accompanied by what concerns persons, which is kept nowhere.
        """
        if cursor.log.startswith(STORE_LOGS):
            return await self._read(cursor, limit)
        key = (cursor, limit, self._heads.of([cursor.log]))
        return await self._shared.get(key, partial(self._read, cursor, limit))

    async def _read(self, cursor: Cursor, limit: int) -> Page:
        return await self._writer.read(
            partial(choosing.page, chain=self._chain, vault=self._vault, cursor=cursor, limit=limit)
        )

    async def learn_heads(self) -> None:
        """What other processes have written since, and at the start everything. Memory is never ahead of the database:
        one that stands lower than what was known before it was asked has lost what agents may have applied."""
        known, before = self._heads.totals(), self._heads.all
        found = await self._writer.read(partial(eventlog.heads_unless, chain=self._chain, known=known))
        lost = {head.log: seq for head in found if (seq := _seq(before.get(head.log))) > head.seq}
        if lost:
            await self._writer.run(partial(restoring.went_back, known=lost))
        else:
            self._heads.learn(found)


def _seq(head: Head | None) -> int:
    return -1 if head is None else head.seq
