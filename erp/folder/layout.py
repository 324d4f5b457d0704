"""The paths of the watched folder, and how it is made ready."""

import os
from dataclasses import dataclass
from pathlib import Path

from erp.errors import FolderGone
from erp.folder.disk import Disk

MARK = ".yaolink"
"""A file that we lay into `out`. A share that is not mounted does not have it, and then nothing counts as fetched."""
SIGNED = b"yaolink\n"
LONGEST_NAME = 255
"""In bytes, of a file."""


@dataclass(frozen=True, slots=True)
class Layout:
    root: Path

    @property
    def came(self) -> Path:
        return self.root / "in"

    @property
    def out(self) -> Path:
        return self.root / "out"

    @property
    def staged(self) -> Path:
        return self.root / "staged"

    @property
    def done(self) -> Path:
        return self.root / "done"

    @property
    def rejected(self) -> Path:
        return self.root / "rejected"

    def prepare(self, disk: Disk) -> None:
        """Makes the sub-folders that are missing, so that they outlive a power cut. Does not make the folder itself: if
        it is gone, a share is not mounted. Raises FolderGone."""
        try:
            if not self.root.is_dir():
                raise FolderGone(
                    f"there is no folder {self.root}",
                    hint="make it, or mount the share; see [erp] folder",
                )
            self._make(disk)
        except OSError as error:
            raise FolderGone(f"{self.root} cannot be used: {error}") from error

    def _make(self, disk: Disk) -> None:
        """Makes `out` together with its mark: without it the folder would be taken for a share that is not mounted."""
        missing = [each for each in (self.came, self.staged, self.done, self.rejected) if not each.exists()]
        for each in missing:
            each.mkdir(exist_ok=True)
        if not self.out.exists():
            made = self.root / "out.new"
            made.mkdir(exist_ok=True)
            disk.write(made / MARK, SIGNED)
            missing.append(made.rename(self.out))
        if missing:
            disk.settle(self.root)

    @property
    def out_is_there(self) -> bool:
        return (self.out / MARK).is_file()

    @property
    def is_new(self) -> bool:
        """Whether somebody laid an empty mark into `out`, to say that the folder begins anew."""
        return (self.out / MARK).stat().st_size == 0


def free_name(folder: Path, name: str, digest: bytes) -> Path:
    """A path where no other file lies: with this name, or else with the beginning of the content's hash added to it."""
    plain = folder / name
    if not plain.exists():
        return plain
    ending = plain.suffix if len(plain.suffix) < 10 else ""
    return plain.with_name(fitting(plain.stem, f".{digest.hex()[:12]}{ending}"))


def fitting(stem: str, ending: str, most: int = LONGEST_NAME) -> str:
    """Both as one name, the stem cut where it would be too long for a file."""
    said, room = os.fsencode(stem), most - len(os.fsencode(ending))
    return (stem if len(said) <= room else said[:room].decode("utf-8", "ignore")) + ending
