"""What the ERP connectors need of the side that keeps the books: a store's work file, or headquarters' database."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Protocol

import msgspec

from domain.erp import DocumentState, ErpDocument
from domain.times import Millis
from erp.rows import Flaw, Piece

MOST_FLAWS = 200
"""Of a file or view, kept in the books; the file of reasons has them all."""
LONGEST_NAME = 200


class FileState(StrEnum):
    DONE = "done"
    REFUSED = "refused"
    """Nothing of it was taken."""
    PARTLY = "partly"
    """All but what its reasons name."""


class Answer(msgspec.Struct, frozen=True):
    """What the ERP says of our document `number`; `row` is where it stands in its file, 0 elsewhere."""

    number: int
    booked: bool
    reason: str = ""
    reference: str = ""
    row: int = 0


DocumentKey = tuple[str, str]
"""(store, the ERP's id). The store is empty in a store's own books."""


class Books(Protocol):
    """Each call is a transaction of its own, made from the connector's thread, and blocks. Raises BooksUnusable."""

    def now(self) -> Millis: ...

    def take(self, pieces: Sequence[Piece], source: str) -> list[Flaw]:
        """In one transaction; what cannot be is named and keeps back none of the others."""

    def known(self, kind: str, wanted: Iterable[DocumentKey]) -> frozenset[DocumentKey]:
        """Those that were taken, by kind of feed."""

    def file_state(self, digest: bytes) -> FileState | None: ...

    def put_file(self, digest: bytes, name: str, state: FileState, rows: int, flaws: tuple[Flaw, ...]) -> None:
        """One that was refused may come again, once what was wrong is mended on our side."""

    def position(self, view: str) -> str | None: ...

    def keep_position(self, view: str, position: str) -> None: ...

    def waiting(self) -> Sequence[ErpDocument]:
        """Still to be handed over, in order; a hundred at most."""

    def delivered(self, numbers: Sequence[int]) -> None:
        """The ERP has them."""

    def numbers(self, state: DocumentState) -> Mapping[int, str]:
        """Of documents in that state, one of `domain.erp.OWED`; each with its store."""

    def last_handed_over(self) -> int:
        """And all before it; 0 before the first."""

    def answer(self, answers: Sequence[Answer]) -> list[Flaw]:
        """Each for itself: an answer to a document we never wrote keeps back none of the others."""


def keep_flaws(books: Books, name: str, flaws: tuple[Flaw, ...]) -> None:
    """For a person: what is wrong with a view, or a file that is not taken. Both are looked at again and again; each
    set of flaws is kept once."""
    digest = hashlib.sha256(name.encode() + msgspec.json.encode(flaws)).digest()
    if books.file_state(digest) is None:
        books.put_file(digest, name, FileState.PARTLY, 0, flaws)
