"""A PC with the package on it. The deb is the one in dist/: `make test-system` builds it first."""

import importlib.metadata
import re
import subprocess
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from subprocess import DEVNULL

import pytest

from installer.linux.package import NAMES
from installer.linux.trial import root
from installer.linux.trial.container import Container
from installer.linux.trial.headquarters import Headquarters
from installer.linux.trial.store_pc import StorePC
from installer.reproducible import ROOT

NewPC = Callable[[], AbstractContextManager[StorePC]]


@pytest.fixture(scope="session")
def deb() -> Path:
    path = ROOT / "dist" / NAMES["deb"].format(importlib.metadata.version("yaolink"))
    assert path.exists(), f"there is no {path}: run `make packages` first"
    return path


@pytest.fixture(scope="session")
def unpacked(deb: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("unpacked")
    subprocess.run(["dpkg-deb", "--extract", str(deb), str(folder)], check=True)
    return folder


@pytest.fixture(scope="session")
def older_deb(deb: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same program under an earlier number."""
    folder = tmp_path_factory.mktemp("older")
    subprocess.run(["dpkg-deb", "--raw-extract", str(deb), str(folder / "tree")], check=True)
    control = folder / "tree" / "DEBIAN" / "control"
    control.write_text(re.sub(r"(?m)^Version: .*", "Version: 0.0.1", control.read_text("utf-8")), encoding="utf-8")
    made = folder / NAMES["deb"].format("0.0.1")
    subprocess.run(
        ["dpkg-deb", "--build", "-Zgzip", "-z1", str(folder / "tree"), str(made)], check=True, stdout=DEVNULL
    )
    return made


@pytest.fixture(scope="session")
def new_pc(tmp_path_factory: pytest.TempPathFactory) -> NewPC:
    """A booted PC with the store's file on it, and its own headquarters; nothing installed yet."""

    @contextmanager
    def booted() -> Iterator[StorePC]:
        folder = tmp_path_factory.mktemp("pc")
        with Headquarters(folder / "hq") as headquarters, Container(root.copy(folder / "pc")) as container:
            pc = StorePC(container, headquarters)
            pc.prepare()
            yield pc

    return booted


@pytest.fixture(scope="session")
def installed(new_pc: NewPC, deb: Path) -> Iterator[StorePC]:
    """Installed once and shared: every test leaves it running and paired."""
    with new_pc() as pc:
        pc.install(deb)
        pc.wait_paired()
        yield pc
