"""What was set aside, for API and pages, without any HTTP."""

from functools import partial

from cloud.audit import OPERATOR
from cloud.set_aside import entries, rerunning
from cloud.set_aside.entries import Entry
from cloud.writer import Writer


class SetAsideDesk:
    def __init__(self, writer: Writer, chain: str) -> None:
        self._writer, self._chain = writer, chain

    async def listed(self, store: str | None = None) -> tuple[Entry, ...]:
        """What is open, the oldest first."""
        return await self._writer.read(partial(entries.listed, chain=self._chain, store=store))

    async def raw(self, entry_id: str) -> bytes:
        """Raises `NotThere`."""
        return await self._writer.read(partial(entries.raw, chain=self._chain, entry_id=entry_id))

    async def again(self, entry_id: str) -> bool:
        """True where it took effect. Raises `NotThere`, `NotRetried`."""
        return await self._writer.run(partial(rerunning.again, entry_id=entry_id, by=OPERATOR))

    async def settle(self, entry_id: str, note: str) -> None:
        """Raises `NotThere`."""
        await self._writer.run(partial(rerunning.settle, entry_id=entry_id, by=OPERATOR, note=note))
