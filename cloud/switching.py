"""Putting stores on trial and back (domain.modes), beside a hub that is carrying calls at that moment."""

from collections.abc import Collection, Sequence
from functools import partial

import msgspec

from cloud import calls, catalogue, chain
from cloud.caller import Caller
from cloud.transaction import Transaction
from cloud.writer import Writer
from domain.modes import Mode


class Switch(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`stores` None: every store of the chain."""

    mode: Mode
    stores: tuple[str, ...] | None = None


class Switching:
    def __init__(self, writer: Writer, caller: Caller) -> None:
        self._writer, self._caller = writer, caller

    async def switch(self, stores: Sequence[str] | None, mode: Mode, by: str) -> tuple[str, ...]:
        """Those that were in the other mode. Raises `UnknownStore`; then nothing was switched.

        When this returns, no call of a store in shadow is under way any more.
        """
        switched = await self._writer.run(partial(switch, stores=stores, mode=mode, by=by))
        if mode is Mode.SHADOW:
            await self.come_to_rest(switched)
        return switched

    async def come_to_rest(self, stores: Collection[str]) -> None:
        """After the commit that put these stores into shadow: what had left before comes back, what waits is kept."""
        await self._caller.returned(stores)
        await self._writer.run(partial(withhold, stores=stores))


def switch(tx: Transaction, stores: Sequence[str] | None, mode: Mode, by: str) -> tuple[str, ...]:
    """None: every store of the chain."""
    wanted = catalogue.stores(tx) if stores is None else stores
    return tuple(store for store in wanted if chain.set_mode(tx, store, mode, by=by))


def withhold(tx: Transaction, stores: Collection[str]) -> None:
    """Of those that are in shadow still: somebody may have put one back meanwhile."""
    for store in sorted(stores):
        if catalogue.store(tx, store).mode is Mode.SHADOW:
            calls.withhold(tx, store)
