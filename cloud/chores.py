"""What the hub does by the clock, each a few lines over the core (run by `cloud.upkeep.every`)."""

from collections.abc import Callable, Collection
from functools import partial

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from cloud import audit, eventlog, overdue, presence, stock_calls
from cloud.presence import Attendance
from cloud.set_aside.retrying import Retrying
from cloud.transaction import StockKey
from cloud.writer import Writer
from domain.pieces import pieces
from domain.times import Clock, Millis

AT_ONCE = 2000
"""Stock keys in one transaction: after a start all of them are told, and pushes must not wait for that."""


class Chores:
    def __init__(
        self,
        writer: Writer,
        attendance: Attendance,
        *,
        chain: str,
        signer: Ed25519PrivateKey,
        patience: Millis,
        clock: Clock,
        wake_caller: Callable[[], None],
    ) -> None:
        self._writer, self._attendance, self._chain, self._clock = writer, attendance, chain, clock
        self._retrying = Retrying(writer, chain)
        self._signer, self._patience, self._wake_caller = signer, patience, wake_caller
        self._dirty: set[StockKey] = set()
        self._applied: dict[str, int] = {}
        """By store, as other processes know it."""

    async def begin(self) -> None:
        """What was left when the hub stopped: the last reports, and stock that was not told."""
        self._attendance.recall(await self._writer.read(partial(presence.read_reports, chain=self._chain)))
        self._applied = self._attendance.applied_by_store()  # from reports: older than what others may know
        self._dirty |= await self._writer.read(partial(stock_calls.everything, chain=self._chain))
        await self._writer.run(eventlog.open_chain_logs)  # those that an earlier version did not have
        await self._retrying.as_new_version()

    async def take_up_set_aside(self) -> None:
        await self._retrying.due()

    async def look_for_overdue(self) -> None:
        applied, patience = await self._applied_by_store(), self._patience
        asked = partial(overdue.is_due, chain=self._chain, now=self._clock(), applied=applied, patience=patience)
        if await self._writer.read(asked):
            await self._writer.run(partial(overdue.check, applied=applied, patience=patience))

    async def _applied_by_store(self) -> dict[str, int]:
        """With what agents told other processes of this hub: SQLite has one."""
        applied = self._attendance.applied_by_store()
        if self._writer.embedded:
            return applied
        news = {store: seq for store, seq in applied.items() if self._applied.get(store) != seq}
        if news:
            await self._writer.run(partial(presence.write_applied, applied=news))
        self._applied = applied
        return applied | await self._writer.read(partial(presence.read_applied, chain=self._chain))

    async def tell_stock(self) -> None:
        """Several changes within a second become one call per shop. No store hears of it, so that no commit's news
        would wake the caller."""
        self._dirty |= self._writer.take_stock_news()
        for told in batched(self._dirty, AT_ONCE):
            await self._writer.run(partial(stock_calls.enqueue, keys=told))
            self._dirty -= told
            self._wake_caller()

    async def write_reports(self, *, everything: bool = False) -> None:
        if reports := self._attendance.take_unwritten(self._clock(), everything=everything):
            await self._writer.run(partial(presence.write_reports, reports=reports))

    async def sign_audit(self) -> None:
        await self._writer.run(partial(audit.checkpoint, signer=self._signer))


def batched(keys: Collection[StockKey], size: int) -> list[frozenset[StockKey]]:
    """Store by store, so that a shop's products stay together."""
    return [frozenset(some) for some in pieces(sorted(keys), size)]
