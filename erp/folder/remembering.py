"""Whether the folder is the one it was. An empty mount point, or another folder, holds none of what was laid out: that
must not count as fetched."""

import msgspec

from domain.erp import DocumentState
from erp.books import Books
from erp.errors import FolderGone
from erp.folder.disk import Disk
from erp.folder.layout import MARK, SIGNED, Layout

_KEY = ":folder"
"""Among the positions of views, of which none has such a name."""


class Remembered(msgspec.Struct, frozen=True):
    """The documents `elsewhere` were handed over before this folder was: that they do not lie in it says nothing."""

    root: str
    elsewhere: frozenset[int]


_remembered = msgspec.json.Decoder(Remembered)


def opened(layout: Layout, books: Books, disk: Disk) -> Remembered:
    """The folder made ready. One that had our mark and lacks it is a share that is not there, and nothing is made in
    its place; an empty mark, laid by hand, says that it is new. Raises FolderGone, OSError or BooksUnusable."""
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
