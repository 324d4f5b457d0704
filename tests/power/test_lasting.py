"""What hub and agent write as a file of its own and then rely on is there after a power cut, also on a file system that
keeps a renaming only once its folder is synced."""

import random
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from tests.power import records, shim
from tests.power.disk import Disk, Keeps, differences
from tests.power.images import Kind, write_image

BEGIN = """
import sys
from pathlib import Path
from tests.power import shim
folder = Path(sys.argv[1])
shim.record(folder, Path(sys.argv[2]))
"""
AGENT_SECRETS = """
from agent.config import SecretsPlace
from agent.secrets import open_secrets
kept = open_secrets(SecretsPlace.FILE, folder)
kept.keep_device_seeds((b"older" * 4,))
kept.keep_device_seeds((b"newer" * 4, b"older" * 4))
"""
AGENT_SETTINGS = """
from agent.settings_file import SettingsFile
(folder / "agent.toml").write_text("page_port = 1\\n")
file = SettingsFile(folder / "agent.toml")
file.change({"page_port": 2})
"""
ERP_DOCUMENT = """
from agent.erp.store_books import StoreDisk
StoreDisk().write(folder / "000000000001.json", b"{}")
"""
HUB_ERP_DOCUMENT = """
from cloud.erp.hub_books import HubDisk
HubDisk().write(folder / "000000000001.json", b"{}")
"""
NEW_FOLDER = """
from agent.whole_file import make_folder
from agent.private_file import write_private
make_folder(folder / "above" / "data")
write_private(folder / "above" / "data" / "file", b"kept")
"""
HUB_SECRETS = """
from cloud import secrets
secrets.load_or_make(folder / "data")
secrets.set_channel_secret(folder / "data", "own", "told to the platform")
"""
HUB_RESTORED = """
import sqlite3
import os
from cloud import backing_up
for name in ("hub.db", "new.db"):
    db = sqlite3.connect(folder / name)
    db.execute("CREATE TABLE t (name TEXT)")
    db.execute("INSERT INTO t VALUES (?)", (name,))
    db.commit()
    db.close()
with (folder / "hub.db-wal").open("wb") as wal:
    wal.write(b"what the old file alone may be read with")
    wal.flush()
    os.fsync(wal.fileno())
backing_up.put_in_place(folder / "new.db", folder / "hub.db")
"""
IMAGES = 40


PROGRAMS = {
    "agent_secrets": AGENT_SECRETS, "agent_settings": AGENT_SETTINGS, "erp_document": ERP_DOCUMENT,
    "hub_erp_document": HUB_ERP_DOCUMENT, "new_folder": NEW_FOLDER, "hub_secrets": HUB_SECRETS,
    "hub_restored": HUB_RESTORED,
}  # fmt: skip


@pytest.mark.parametrize("program", PROGRAMS.values(), ids=PROGRAMS)
def test_what_was_written_stays(built: Path, place: Path, program: str) -> None:
    folder, log, empty = place / "folder", place / "log", place / "empty"
    folder.mkdir()
    empty.mkdir()
    command = [sys.executable, "-c", BEGIN + program, str(folder), str(log)]
    subprocess.run(command, env=shim.preloaded(built), check=True, timeout=60)
    disk = Disk(folder, empty, Keeps.HARSH)
    for record in records.read(log):
        disk.apply(record)
    assert differences(disk, folder) == []
    there = contents(folder)
    for number in range(IMAGES):
        image = Path(tempfile.mkdtemp(dir=place))
        write_image(disk, (Kind.NONE, Kind.SUBSET)[number % 2], random.Random(number), image)
        assert contents(image) == there


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
