"""Installing over, wrongly, again, and away: what was there before is never lost by it."""

import shutil
from pathlib import Path

import pytest

from installer.windows.build import version
from installer.windows.setup.making import make_setup
from installer.windows.wine import services
from tests.system.windows.conftest import OLDER
from tests.system.windows.store import SERVICE, WindowsStore
from tests.waiting import eventually

pytestmark = [pytest.mark.system, pytest.mark.timeout(600)]

BAD_SETTINGS, NOT_STARTED, BAD_FOLDER = 12, 15, 17


def test_an_upgrade_keeps_the_data_and_a_purge_does_not(
    store: WindowsStore, older_setup: Path, setup: Path, tmp_path: Path
) -> None:
    assert store.install(older_setup, store.prepared(tmp_path)) == 0
    eventually(store.paired, "pairing by the prepared file", within=60)
    assert store.version == OLDER
    assert store.install(setup) == 0
    assert store.version == version()
    assert store.paired()
    assert not store.programs.with_name("Yaolink.old").exists()

    (store.programs / "_internal" / "base_library.zip").unlink()
    assert store.install(setup) == 0, "the same version again repairs"
    assert store.paired()

    store.uninstall()
    assert services.state(store.wine, SERVICE) == ""
    assert not store.programs.exists() and (store.data / "data" / "work.db").exists()
    assert store.install(setup) == 0
    assert store.paired(), "what was kept is taken up again"

    store.uninstall("/PURGE")
    assert not store.programs.exists() and not store.data.exists()


def test_a_version_that_does_not_start_gives_way_to_the_old_one(
    store: WindowsStore, setup: Path, frozen: Path, tmp_path: Path
) -> None:
    assert store.install(setup, store.prepared(tmp_path)) == 0
    broken = shutil.copytree(frozen, tmp_path / "broken")
    (broken / "_internal" / "base_library.zip").unlink()
    bad = make_setup(broken, tmp_path / "bad.exe", "9.9.9", sign=False, small=False)
    assert store.install(bad) == NOT_STARTED
    eventually(store.answers, "the old version", within=60)
    assert (store.programs / "_internal" / "base_library.zip").exists()


def test_refused_settings_leave_what_was_there(store: WindowsStore, setup: Path, tmp_path: Path) -> None:
    assert store.install(setup, r"/CONFIG=C:\nowhere.toml") == BAD_SETTINGS
    assert store.version is None and not store.programs.exists()
    assert store.install(setup, store.prepared(tmp_path)) == 0
    assert store.install(setup, store.prepared(tmp_path, page_prot=1)) == BAD_SETTINGS
    eventually(store.answers, "the agent as it was", within=60)


def test_a_folder_with_something_else_in_it_is_left_alone(store: WindowsStore, setup: Path) -> None:
    theirs = store.wine.path(r"C:\theirs\letter.txt")
    theirs.parent.mkdir()
    theirs.write_text("dear all")
    assert store.install(setup, r"/D=C:\theirs") == BAD_FOLDER
    assert [path.name for path in theirs.parent.iterdir()] == ["letter.txt"]
    assert store.version is None
