"""Whether the folder is the one it was: a share that is not mounted has fetched nothing."""

from pathlib import Path

import pytest

from agent.erp.store_books import StoreDisk
from domain.erp import DocumentState
from erp.errors import FolderGone
from erp.folder import layout
from tests.agent.core.hub import line, order
from tests.agent.erp.conftest import Share
from tests.agent.picking.conftest import pack


def test_a_share_that_is_not_there_waits(share: Share) -> None:
    share.look()
    share.root.rename(share.root.with_name("unmounted"))
    with pytest.raises(FolderGone):
        share.folder.step()
    assert not share.root.exists()


class NotedDisk(StoreDisk):
    """Notes what it was asked to make last, and whether `out` was there with its mark."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.asked: list[tuple[str, str, bool]] = []

    def write(self, path: Path, content: bytes) -> None:
        super().write(path, content)
        self._note("write", path)

    def settle(self, folder: Path) -> None:
        super().settle(folder)
        self._note("settle", folder)

    def _note(self, what: str, path: Path) -> None:
        self.asked.append((what, path.relative_to(self.root).as_posix(), (self.root / "out" / layout.MARK).is_file()))


def test_the_folders_last_and_out_is_never_without_its_mark(tmp_path: Path) -> None:
    """A power cut that took the mark alone would leave `out` a share that is not there, for ever."""
    disk, made = NotedDisk(tmp_path), layout.Layout(tmp_path)
    made.prepare(disk)
    made.prepare(disk)
    assert made.out_is_there
    assert disk.asked == [("write", f"out.new/{layout.MARK}", False), ("settle", ".", True)]


@pytest.fixture
def emptied(share: Share) -> Share:
    """A share that is not mounted any more: its mount point is there, with nothing in it."""
    share.start("json", "removal")
    share.sell(2)
    share.look()
    assert share.states == [DocumentState.DELIVERED] * 2
    share.root.rename(share.root.with_name("unmounted"))
    share.root.mkdir()
    share.start()
    return share


def test_an_empty_mount_point_fetched_nothing(emptied: Share) -> None:
    with pytest.raises(FolderGone):
        emptied.look()
    assert emptied.states == [DocumentState.DELIVERED] * 2
    assert list(emptied.root.iterdir()) == []
    emptied.root.rmdir()
    emptied.root.with_name("unmounted").rename(emptied.root)
    (emptied.root / "out" / emptied.names("out")[0]).unlink()
    emptied.look()
    assert emptied.states == [DocumentState.ACKNOWLEDGED, DocumentState.DELIVERED]


def test_a_folder_that_begins_anew_fetched_nothing_of_before(emptied: Share) -> None:
    (emptied.root / "out").mkdir()
    (emptied.root / "out" / layout.MARK).touch()
    emptied.look()
    assert emptied.states == [DocumentState.DELIVERED] * 2
    emptied.erp.sell(order("o9", line()), pack(9))
    emptied.look()
    emptied.start()
    (emptied.root / "out" / emptied.names("out")[0]).unlink()
    emptied.look()
    assert emptied.states == [DocumentState.DELIVERED, DocumentState.DELIVERED, DocumentState.ACKNOWLEDGED]


def test_another_folder_fetched_nothing_of_before(emptied: Share) -> None:
    emptied.root = emptied.root.with_name("moved")
    emptied.root.mkdir()
    emptied.start()
    emptied.look()
    assert emptied.states == [DocumentState.DELIVERED] * 2
