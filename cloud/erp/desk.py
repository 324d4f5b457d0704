"""The ERP at headquarters, for API and pages, without any HTTP."""

from collections.abc import Callable, Sequence
from functools import partial

import msgspec
from sqlalchemy import Connection

from cloud.audit import OPERATOR
from cloud.erp import aside, documents, files, overview, taking, tokens
from cloud.erp.feeds import Taken
from cloud.erp.overview import Overview
from cloud.erp.tokens import KnownToken
from cloud.errors import HubError
from cloud.transaction import Transaction
from cloud.writer import Writer
from domain.erp import ErpDocument, ErpFeed
from domain.times import MINUTE, Clock, Millis
from erp.books import Answer
from erp.feeds import slices
from erp.rows import Flaw
from erp.running import Connectors

DEAD_AFTER: Millis = 2 * MINUTE
"""A share that is mounted again, a database that starts anew is back by then."""


class NothingToDo(HubError):
    """No such thing is open here, or it is a store's to mend."""


class ErpDesk:
    """`patience`: a document that the ERP has not answered for so long wants a person."""

    def __init__(self, writer: Writer, chain: str, clock: Clock, *, patience: Millis, connectors: Connectors) -> None:
        self._writer, self._chain, self._clock = writer, chain, clock
        self._patience, self._connectors = patience, connectors

    async def overview(self) -> Overview:
        read = partial(overview.overview, chain=self._chain, now=self._clock(), patience=self._patience)
        found = await self._writer.read(read)
        return msgspec.structs.replace(found, connectors=self._connectors.views, problem=self._connectors.problem)

    def count(self, connection: Connection) -> int:
        """What asks for a person."""
        return overview.count(connection, self._chain, self._clock(), self._patience) + self._dead()

    def _dead(self) -> int:
        """Connectors that have not worked for a while, or cannot at all."""
        long_ago = self._clock() - DEAD_AFTER
        dead = [one for one in self._connectors.views if one.since is not None and one.since <= long_ago]
        return len(dead) + bool(self._connectors.problem)

    async def take(self, store: str, feed: ErpFeed, *, by: str) -> Taken:
        """In slices, so that a long count keeps nobody waiting. Broken off in the midst, it is sent again. Raises
        `BadValue`."""
        said = set()
        for part, some in slices(feed):
            said.add(await self._writer.run(partial(taking.take, store=store, feed=some, by=by, part=part)))
        return next(word for word in (Taken.REUSED, Taken.HELD, Taken.NEW, Taken.KNOWN) if word in said)

    async def owed(self, after: int, limit: int, store: str | None) -> tuple[ErpDocument, ...]:
        read = partial(documents.owed, chain=self._chain, after=after, limit=limit, store=store)
        return await self._writer.read(read)

    async def answer(self, answers: Sequence[Answer], *, by: str) -> list[Flaw]:
        return await self._writer.run(partial(answer, answers=answers, by=by))

    async def again(self, number: int) -> int:
        """Its new number. Raises `NothingToDo`."""
        new = await self._writer.run(partial(documents.again, number=number, by=OPERATOR))
        if new is None:
            raise NothingToDo(f"headquarters has no refused document {number}", hint="A store mends its own there.")
        self._connectors.wake()
        return new

    async def settle(self, number: int, reason: str) -> None:
        """Raises `NothingToDo`."""
        if not await self._writer.run(partial(documents.settle, number=number, reason=reason, by=OPERATOR)):
            raise NothingToDo(f"headquarters has no refused document {number}", hint="A store mends its own there.")

    async def aside_seen(self, entry_id: str) -> None:
        """Raises `NothingToDo`."""
        await self._end(partial(aside.end, entry_id=entry_id, by=OPERATOR), entry_id)

    async def aside_raw(self, entry_id: str) -> bytes:
        """Raises `NothingToDo`."""
        body = await self._writer.read(partial(aside.raw, chain=self._chain, entry_id=entry_id))
        if body is None:
            raise NothingToDo(f"nothing was kept under {entry_id}")
        return body

    async def file_seen(self, digest: str) -> None:
        """Raises `NothingToDo`."""
        await self._end(partial(files.seen, digest=digest), digest)

    async def new_token(self, name: str) -> str:
        """Shown this once. Raises `BadTokenName`."""
        return await self._writer.run(partial(tokens.make, name=name, by=OPERATOR))

    async def revoke(self, name: str) -> None:
        """Raises `NothingToDo`."""
        await self._end(partial(tokens.revoke, name=name, by=OPERATOR), name)

    async def tokens(self) -> tuple[KnownToken, ...]:
        return await self._writer.read(partial(tokens.listed, chain=self._chain))

    async def who(self, token: str) -> KnownToken | None:
        """Whose token it is."""
        known = await self._writer.read(partial(tokens.find, chain=self._chain, token=token))
        if known is not None and tokens.is_stale(known, self._clock()):
            await self._writer.run(partial(tokens.used, name=known.name))
        return known

    async def take_up(self) -> None:
        """What waited for a store that has come."""
        while await self._writer.read(partial(aside.waits, chain=self._chain)):
            if not await self._writer.run(taking.take_up):
                return

    async def _end(self, job: Callable[[Transaction], bool], what: str) -> None:
        if not await self._writer.run(job):
            raise NothingToDo(f"nothing open is called {what}")


def answer(tx: Transaction, answers: Sequence[Answer], by: str) -> list[Flaw]:
    """Each for itself."""
    flaws = []
    for each in answers:
        if each.booked:
            flaw = documents.acknowledge(tx, each.number, each.reference, by=by)
        else:
            flaw = documents.refuse(tx, each.number, each.reason, by=by)
        if flaw:
            flaws.append(Flaw(each.row or each.number, flaw))
    return flaws
