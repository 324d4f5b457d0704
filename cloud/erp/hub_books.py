"""Headquarters' database as the books that folder and SQL keep (`erp.books`); and how its disk keeps files."""

import asyncio
from collections.abc import Callable, Coroutine, Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection

from cloud import private_file, stock
from cloud.erp import documents, feeds, files, taking
from cloud.erp.desk import answer
from cloud.erp.feeds import Taken
from cloud.errors import HubError
from cloud.transaction import Transaction
from cloud.writer import Writer
from domain.erp import DocumentState, ErpDocument, skus_of
from domain.pieces import pieces
from domain.times import Clock, Millis
from erp.books import Answer, DocumentKey, FileState
from erp.errors import BooksUnusable
from erp.rows import Flaw, Piece
from erp.terms import BadValue

T = TypeVar("T")
AT_ONCE = 100
KEYS_AT_ONCE = 1_000
_SAYS = {
    Taken.REUSED: "已经用过，内容不同；已留存，未入账",
    Taken.HELD: "属于总部没有的门店；已留存，建店后自动入账",
}


class HubBooks:
    """Called from the connectors' threads while `loop` runs: each call is a job of the hub's one writer."""

    def __init__(self, writer: Writer, chain: str, clock: Clock) -> None:
        self._writer, self._chain, self._clock = writer, chain, clock
        self._loop: asyncio.AbstractEventLoop | None = None

    def begin(self) -> None:
        """In the event loop, before the connectors start."""
        self._loop = asyncio.get_running_loop()

    def now(self) -> Millis:
        return self._clock()

    def take(self, pieces: Sequence[Piece], source: str) -> list[Flaw]:
        return self._write(partial(_take, pieces=pieces, source=source))

    def known(self, kind: str, wanted: Iterable[DocumentKey]) -> frozenset[DocumentKey]:
        """In pieces: PostgreSQL takes 65,535 values in a statement, and after an outage there may be more."""
        asked = (
            partial(feeds.known, chain=self._chain, kind=kind, keys=keys) for keys in pieces(list(wanted), KEYS_AT_ONCE)
        )
        return frozenset().union(*map(self._read, asked))

    def file_state(self, digest: bytes) -> FileState | None:
        return self._read(partial(files.state_of, chain=self._chain, digest=digest.hex()))

    def put_file(self, digest: bytes, name: str, state: FileState, rows: int, flaws: tuple[Flaw, ...]) -> None:
        self._write(partial(files.put, digest=digest.hex(), name=name, state=state, rows=rows, flaws=flaws))

    def position(self, view: str) -> str | None:
        return self._read(partial(files.position, chain=self._chain, view=view))

    def keep_position(self, view: str, position: str) -> None:
        self._write(partial(files.keep_position, view=view, position=position))

    def waiting(self) -> Sequence[ErpDocument]:
        return self._read(partial(documents.waiting, chain=self._chain, limit=AT_ONCE))

    def delivered(self, numbers: Sequence[int]) -> None:
        self._write(partial(documents.delivered, numbers=numbers))

    def numbers(self, state: DocumentState) -> dict[int, str]:
        return self._read(partial(documents.numbers, chain=self._chain, state=state))

    def last_handed_over(self) -> int:
        return self._read(partial(documents.last_handed_over, chain=self._chain))

    def answer(self, answers: Sequence[Answer]) -> list[Flaw]:
        return self._write(partial(answer, answers=answers, by="erp"))

    def _read(self, query: Callable[[Connection], T]) -> T:
        return self._in_loop(self._writer.read(query))

    def _write(self, job: Callable[[Transaction], T]) -> T:
        return self._in_loop(self._writer.run(job))

    def _in_loop(self, work: Coroutine[Any, Any, T]) -> T:
        if self._loop is None or self._loop.is_closed():
            work.close()
            raise BooksUnusable("the hub is not running")
        try:
            return asyncio.run_coroutine_threadsafe(work, self._loop).result()
        except HubError as error:
            raise BooksUnusable(str(error), hint=error.hint) from error


def _take(tx: Transaction, pieces: Sequence[Piece], source: str) -> list[Flaw]:
    """All products are locked first, in the order in which everybody locks them: documents name them in any order."""
    stock.lock(tx, ((piece.store, sku) for piece in pieces for sku in skus_of(piece.feed)))
    flaws = []
    for piece in pieces:
        try:
            taken = taking.take(tx, piece.store, piece.feed, by=source, part=piece.part)
        except BadValue as error:
            flaws.append(Flaw(0, f"单据 {piece.feed.document_id}（门店 {piece.store}）：{error}"))
            continue
        if taken in _SAYS:
            flaws.append(Flaw(0, f"单据 {piece.feed.document_id}（门店 {piece.store}）{_SAYS[taken]}"))
    return flaws


class HubDisk:
    def write(self, path: Path, content: bytes) -> None:
        private_file.write_private(path, content, 0o664)

    def settle(self, folder: Path) -> None:
        private_file.settle(folder)
