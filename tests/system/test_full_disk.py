"""A disk that is really full: a small one in memory, mounted for this test. Needs root."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.config import Settings
from agent.doctor.case import standing_alone
from agent.doctor.checks.disk import disk
from agent.doctor.findings import Level

pytestmark = pytest.mark.system


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(tmp_path)], check=True)
    yield tmp_path
    subprocess.run(["umount", str(tmp_path)], check=True)


def test_the_doctor_says_that_nothing_can_be_written(small_disk: Path) -> None:
    case = standing_alone(Settings(data=str(small_disk)), small_disk / "agent.toml", "0.1.0", unanswered=None)
    assert disk(case)[0].id == "disk.scarce", "a megabyte is little, and writable"
    (small_disk / "filler").write_bytes(b"x" * (900 << 10))
    finding = disk(case)[0]
    assert finding.id == "disk.full" and finding.level is Level.BAD and "No space left" in finding.what.en
    assert not (small_disk / "doctor.tmp").exists()
