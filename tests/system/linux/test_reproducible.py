"""The same source gives the same program."""

import os
import subprocess
from pathlib import Path

import pytest

from installer.papers.file_list import file_list
from installer.reproducible import ROOT

pytestmark = [pytest.mark.system, pytest.mark.timeout(400)]

PACKAGING = ROOT / "build" / "venv" / "bin" / "python"


def test_frozen_again_it_is_the_same_to_the_byte(unpacked: Path, tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [str(PACKAGING), "-m", "installer.build", "freeze", "--into", str(tmp_path)]
    subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True)
    listed = (unpacked / "usr/share/doc/yaolink-agent/files.txt").read_text(encoding="utf-8")
    again = file_list(tmp_path / "yaolink-agent")
    assert again.splitlines() == listed.splitlines(), "or the source has changed since `make packages`"
