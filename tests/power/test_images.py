"""What may survive a cut, and what must."""

import random
import tempfile
from pathlib import Path

import pytest

from tests.power.disk import Disk, Keeps, NotWhole
from tests.power.images import SECTOR, Kind, write_image
from tests.power.records import CREATED, FOLDER, Op, Record

FD, OF_FOLDER = 5, 6
MANY = 60


class Scene:
    """A process at work in an empty folder."""

    def __init__(self, tmp_path: Path, keeps: Keeps) -> None:
        self.folder = tmp_path / "folder"
        empty = tmp_path / "empty"
        empty.mkdir()
        self.disk = Disk(self.folder, empty, keeps)
        self._images = tmp_path

    def does(self, op: Op, data: bytes = b"", *, fd: int = FD, flags: int = 0, offset: int = 0) -> None:
        self.disk.apply(Record(op, 1, fd, flags, offset, data))

    def makes(self, name: str, content: bytes) -> None:
        self.does(Op.OPEN, self.path(name), flags=CREATED)
        self.does(Op.WRITE, content)

    def path(self, *names: str) -> bytes:
        return b"\0".join(str(self.folder / name).encode() for name in names)

    def syncs_folder(self) -> None:
        self.does(Op.OPEN, str(self.folder).encode(), fd=OF_FOLDER, flags=FOLDER)
        self.does(Op.SYNC, fd=OF_FOLDER)

    def images(self, kind: Kind) -> set[frozenset[tuple[str, bytes]]]:
        """All that came of many cuts at this moment."""
        found = set()
        for number in range(MANY):
            folder = Path(tempfile.mkdtemp(dir=self._images))
            write_image(self.disk, kind, random.Random(number), folder)
            found.add(frozenset((path.name, path.read_bytes()) for path in folder.iterdir()))
        return found


@pytest.fixture(params=Keeps)
def scene(request: pytest.FixtureRequest, tmp_path: Path) -> Scene:
    return Scene(tmp_path, request.param)


@pytest.mark.parametrize("kind", Kind)
def test_what_was_synced_is_there(scene: Scene, kind: Kind) -> None:
    scene.makes("file", b"safe")
    scene.does(Op.SYNC)
    scene.syncs_folder()
    assert scene.images(kind) == {frozenset({("file", b"safe")})}


def test_of_what_was_not_synced_any_may_be_there(scene: Scene) -> None:
    scene.makes("file", b"safe")
    scene.does(Op.SYNC)
    scene.syncs_folder()
    scene.does(Op.WRITE, b"AA", offset=4)
    scene.does(Op.WRITE, b"BB", offset=6)
    contents = {kind: {dict(image)["file"] for image in scene.images(kind)} for kind in Kind}
    assert contents[Kind.NONE] == {b"safe"}
    assert contents[Kind.PREFIX] == {b"safe", b"safeAA", b"safeAABB"}
    assert contents[Kind.SUBSET] == contents[Kind.PREFIX] | {b"safe\0\0BB"}


def test_a_write_is_torn_at_sectors(scene: Scene) -> None:
    scene.makes("file", b"")
    scene.does(Op.SYNC)
    scene.syncs_folder()
    scene.does(Op.WRITE, b"x" * 3 * SECTOR, offset=SECTOR // 2)
    torn = {dict(image)["file"] for image in scene.images(Kind.TORN)}
    assert len(torn) > 8
    for content in torn:
        assert all(len(set(content[at : at + SECTOR][SECTOR // 2 :])) <= 1 for at in range(0, len(content), SECTOR))


def test_a_renaming_lasts_once_its_folder_is_synced(scene: Scene) -> None:
    scene.makes("old", b"old")
    scene.does(Op.SYNC)
    scene.syncs_folder()
    scene.makes("new", b"new")
    scene.does(Op.SYNC)
    scene.does(Op.RENAME, scene.path("new", "old"))
    assert {dict(image)["old"] for image in scene.images(Kind.SUBSET)} == {b"old", b"new"}
    scene.syncs_folder()
    assert scene.images(Kind.SUBSET) == {frozenset({("old", b"new")})}


def test_what_a_synced_file_says_of_names(tmp_path: Path) -> None:
    """A journal is committed whole; without one, a new file may be nameless though its bytes are safe."""
    kept = {}
    for keeps in Keeps:
        (tmp_path / keeps.value).mkdir()
        scene = Scene(tmp_path / keeps.value, keeps)
        scene.makes("gone", b"")
        scene.makes("file", b"safe")
        scene.does(Op.UNLINK, scene.path("gone"))
        scene.does(Op.SYNC)
        kept[keeps] = {dict(image).get("file") for image in scene.images(Kind.SUBSET)}
    assert kept == {Keeps.ORDERED: {b"safe"}, Keeps.HARSH: {None, b"safe"}}


def test_what_cannot_be_told_is_refused(scene: Scene) -> None:
    with pytest.raises(NotWhole, match="opening was not seen"):
        scene.does(Op.WRITE, b"by a descriptor of before")
    scene.makes("mapped", b"")
    with pytest.raises(NotWhole, match="mapped is written through a map"):
        scene.does(Op.MAP)
    scene.makes("work.db-shm", b"")
    scene.does(Op.MAP)
