"""What the hub does by the clock, each a few lines over the core (run by `cloud.upkeep.every`)."""

from functools import partial

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from cloud import audit, overdue, presence, stock_calls
from cloud.presence import Attendance
from cloud.transaction import StockKey
from cloud.writer import Writer
from domain.times import Millis


class Chores:
    def __init__(self, writer: Writer, attendance: Attendance, signer: Ed25519PrivateKey, patience: Millis) -> None:
        self._writer, self._attendance, self._signer, self._patience = writer, attendance, signer, patience
        self._dirty: set[StockKey] = set()

    async def begin(self, chain: str) -> None:
        """What was left when the hub stopped: the last reports, and stock that was not told."""
        self._attendance.recall(await self._writer.read(partial(presence.read_reports, chain=chain)))
        self._dirty |= await self._writer.run(stock_calls.everything)

    async def look_for_overdue(self) -> None:
        applied = self._attendance.applied_by_store()
        await self._writer.run(partial(overdue.check, applied=applied, patience=self._patience))

    async def tell_stock(self) -> None:
        """Several changes within a second become one call per shop."""
        self._dirty |= self._writer.take_stock_news()
        if not self._dirty:
            return
        told = frozenset(self._dirty)
        await self._writer.run(partial(stock_calls.enqueue, keys=told))
        self._dirty -= told

    async def write_reports(self) -> None:
        if reports := self._attendance.take_unwritten():
            await self._writer.run(partial(presence.write_reports, reports=reports))

    async def sign_audit(self) -> None:
        await self._writer.run(partial(audit.checkpoint, signer=self._signer))
