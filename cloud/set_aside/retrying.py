"""Tries again what was set aside: an order at a time, each in a transaction of its own, so that one on which a whole
transaction breaks stops neither the others nor the hub's start."""

import logging
from collections.abc import Awaitable, Callable
from functools import partial
from typing import TypeVar

from cloud.errors import HubError
from cloud.set_aside import rerunning
from cloud.set_aside.entries import NotThere
from cloud.transaction import Transaction
from cloud.writer import Writer

log = logging.getLogger(__name__)


T = TypeVar("T")


class _Broke(Exception):
    """A transaction did, at its end; the message says on what."""


class Retrying:
    """In the event loop's thread."""

    def __init__(self, writer: Writer, chain: str) -> None:
        self._writer, self._chain = writer, chain

    async def as_new_version(self) -> None:
        """What an earlier version did not know, and once what it failed at. What the database does not allow now waits
        for the next start."""
        for entry_id in await self._writer.run(rerunning.known_by_now):
            await self._try(entry_id, self._take_up)
        for entry_id in await self._writer.run(rerunning.of_other_versions):
            await self._try(entry_id, self._entry)

    async def due(self) -> None:
        """Orders that have come since, and what waits behind a fact that was settled. Raises the last `HubError`, after
        all were tried."""
        failed: HubError | None = None
        for store, order_id in await self._writer.read(partial(rerunning.due, chain=self._chain)):
            try:
                await self._order(store, order_id)
            except HubError as error:
                failed = error
        if failed is not None:
            raise failed

    async def _try(self, entry_id: str, work: Callable[[str], Awaitable[None]]) -> None:
        try:
            await work(entry_id)
        except NotThere:
            pass  # its order has taken it along
        except HubError as error:
            log.warning("what was set aside as %s is not tried now: %s", entry_id, error)

    async def _take_up(self, entry_id: str) -> None:
        try:
            await self._run(partial(rerunning.take_up, entry_id=entry_id))
        except _Broke:
            log.exception("what was set aside as %s cannot be committed: its agent sends it again", entry_id)

    async def _entry(self, entry_id: str) -> None:
        try:
            await self._run(partial(rerunning.again, entry_id=entry_id, by="hub"))
        except _Broke as broke:
            log.exception("what was set aside as %s cannot be committed", entry_id)
            order = await self._writer.run(partial(rerunning.order_of, entry_id=entry_id))
            if order is None:
                await self._writer.run(partial(rerunning.broke_alone, entry_id=entry_id, why=str(broke)))
            else:
                await self._one_by_one(*order)

    async def _order(self, store: str, order_id: str) -> None:
        try:
            await self._run(partial(rerunning.of_order, store=store, order_id=order_id))
        except _Broke:
            log.exception("what waited for order %s of store %s cannot be committed", order_id, store)
            await self._one_by_one(store, order_id)

    async def _one_by_one(self, store: str, order_id: str) -> None:
        """Until one fails, or a transaction breaks on one: that one is marked, and later ones wait behind it."""
        try:
            while await self._run(partial(rerunning.of_order, store=store, order_id=order_id, most=1)):
                pass
        except _Broke as broke:
            await self._writer.run(partial(rerunning.broke, store=store, order_id=order_id, why=str(broke)))

    async def _run(self, job: Callable[[Transaction], T]) -> T:
        """Raises `_Broke` for what no rule foresaw, and `HubError`."""
        try:
            return await self._writer.run(job)
        except HubError:
            raise
        except Exception as error:  # a mistake in one fact can show as anything, and must stop no other
            raise _Broke(f"{type(error).__name__}: {error}") from error
