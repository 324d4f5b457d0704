"""The store's work file as the books that the connectors keep (`erp.books`); disk: how this system keeps files."""

import os
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TypeVar

from agent.erp import documents, feeds, files_taken
from agent.erp.feeds import BadFeed, Conflict
from agent.errors import AgentError, WorkRefused
from agent.files import WorkFile
from agent.system import renaming
from agent.transactions import Reading, Transaction
from agent.whole_file import write_whole
from domain.erp import DocumentState, ErpDocument
from domain.times import Millis
from erp.books import Answer, DocumentKey, FileState
from erp.errors import BooksUnusable
from erp.rows import Flaw, Piece

T = TypeVar("T")


class StoreBooks:
    def __init__(self, work: WorkFile) -> None:
        self._work = work

    def now(self) -> Millis:
        return self._work.now()

    def take(self, pieces: Sequence[Piece], source: str) -> list[Flaw]:
        return self._write(lambda tx: [flaw for piece in pieces for flaw in _take(tx, piece, source)])

    def known(self, kind: str, wanted: Iterable[DocumentKey]) -> frozenset[DocumentKey]:
        return self._read(lambda reading: frozenset(key for key in wanted if feeds.is_known(reading, kind, key[1])))

    def file_state(self, digest: bytes) -> FileState | None:
        return self._read(lambda reading: files_taken.state_of(reading, digest))

    def put_file(self, digest: bytes, name: str, state: FileState, rows: int, flaws: tuple[Flaw, ...]) -> None:
        self._write(lambda tx: files_taken.put(tx, digest, name, state, rows, flaws))

    def position(self, view: str) -> str | None:
        return self._read(lambda reading: feeds.position(reading, view))

    def keep_position(self, view: str, position: str) -> None:
        self._write(lambda tx: feeds.keep_position(tx, view, position))

    def waiting(self) -> Sequence[ErpDocument]:
        return self._read(documents.waiting)

    def delivered(self, numbers: Sequence[int]) -> None:
        self._write(lambda tx: documents.delivered(tx, numbers))

    def numbers(self, state: DocumentState) -> dict[int, str]:
        return dict.fromkeys(self._read(lambda reading: documents.numbers(reading, state)), "")

    def last_handed_over(self) -> int:
        return self._read(documents.last_handed_over)

    def answer(self, answers: Sequence[Answer]) -> list[Flaw]:
        return self._write(lambda tx: [flaw for answer in answers for flaw in _answer(tx, answer)])

    def _read(self, step: Callable[[Reading], T]) -> T:
        try:
            return self._work.read(step)
        except AgentError as error:
            raise BooksUnusable(str(error), hint=error.hint) from error

    def _write(self, step: Callable[[Transaction], T]) -> T:
        try:
            return self._work.write(step)
        except AgentError as error:
            raise BooksUnusable(str(error), hint=error.hint) from error


def _take(tx: Transaction, piece: Piece, source: str) -> list[Flaw]:
    try:
        taken = feeds.take(tx, piece.feed, source, piece.part)
    except BadFeed as error:
        return [Flaw(0, f"单据 {piece.feed.document_id}：{error}")]
    if isinstance(taken, Conflict):
        return [Flaw(0, f"单据号 {taken.document_id} 已经用过，内容不同；已留存，未入账")]
    return []


def _answer(tx: Transaction, answer: Answer) -> list[Flaw]:
    try:
        if answer.booked:
            documents.acknowledge(tx, answer.number, answer.reference)
        else:
            documents.refuse(tx, answer.number, answer.reason)
    except WorkRefused as error:
        return [Flaw(answer.row, str(error))]
    return []


class StoreDisk:
    def write(self, path: Path, content: bytes) -> None:
        write_whole(path, content, _create)

    def settle(self, folder: Path) -> None:
        renaming.settle(folder)


def _create(path: Path) -> int:
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o664)
