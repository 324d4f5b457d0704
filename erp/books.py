"""What the connectors need of whoever keeps the books: a store's work file, or headquarters' database."""

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Protocol

import msgspec

from domain.erp import DocumentState, ErpDocument
from domain.times import Millis
from erp.rows import Flaw, Piece


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

    def put_file(self, digest: bytes, name: str, state: FileState, rows: int, flaws: tuple[Flaw, ...]) -> None: ...

    def put_view(self, view: str, flaws: tuple[Flaw, ...]) -> None:
        """What cannot be read of a view, which is read again and again: each set of flaws once."""

    def position(self, view: str) -> str | None: ...

    def keep_position(self, view: str, position: str) -> None: ...

    def waiting(self) -> Sequence[ErpDocument]:
        """Still to be handed over, in order; a hundred at most."""

    def delivered(self, numbers: Sequence[int]) -> None:
        """The ERP has them."""

    def numbers(self, state: DocumentState) -> Mapping[int, str]:
        """Each with its store."""

    def last_handed_over(self) -> int:
        """0 before the first."""

    def answer(self, answers: Sequence[Answer]) -> list[Flaw]:
        """Each for itself: an answer to a document we never wrote keeps back none of the others."""
