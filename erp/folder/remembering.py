"""Makes sure that the folder is the one it was. An empty mount point, or another folder, holds none of the documents
that we laid out: they must not be taken for fetched."""

import msgspec

from domain.erp import DocumentState
from erp.books import Books
from erp.errors import FolderGone
from erp.folder.disk import Disk
from erp.folder.layout import MARK, SIGNED, Layout

_KEY = ":folder"
"""A name among the positions of views; no view is called so."""


class Remembered(msgspec.Struct, frozen=True):
    """The documents `elsewhere` were handed over before this folder was in use: that they do not lie in it proves
    nothing."""

    root: str
    elsewhere: frozenset[int]


_remembered = msgspec.json.Decoder(Remembered)


def opened(layout: Layout, books: Books, disk: Disk) -> Remembered:
    """Makes the folder ready, and returns what is remembered of it. Where our mark was and is gone, the share is not
    mounted, and nothing is made in its place. An empty mark, laid by hand, says that the folder begins anew. Raises
    FolderGone, OSError or BooksUnusable."""
    kept = _kept(layout, books)
    if kept is not None and not layout.out_is_there:
        raise FolderGone(
            f"{layout.out / MARK} is gone: the share is not mounted, or `out` was deleted",
            hint=f"mount the share; if the folder is to begin anew, make `out` with an empty file {MARK} in it",
        )
    layout.prepare(disk)
    if kept is None or layout.is_new:
        kept = Remembered(str(layout.root), frozenset(books.numbers(DocumentState.DELIVERED)))
        books.keep_position(_KEY, msgspec.json.encode(kept).decode())
        disk.write(layout.out / MARK, SIGNED)
    return kept


def _kept(layout: Layout, books: Books) -> Remembered | None:
    said = books.position(_KEY)
    kept = None if said is None else _remembered.decode(said)
    return kept if kept is not None and kept.root == str(layout.root) else None
