"""The service's sandbox may only become tighter."""

import re
import subprocess
from pathlib import Path

import pytest

import installer.linux

UNIT = Path(installer.linux.__file__).with_name("yaolink-agent.service")
RECORDED = Path(__file__).with_name("exposure.txt")


@pytest.mark.system
def test_exposure_is_what_was_recorded() -> None:
    """Lower than recorded is better: then write the new number down. Higher is worse: then it must not stay."""
    command = ["systemd-analyze", "security", "--offline=yes", "--no-pager", str(UNIT)]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    found = re.search(r"Overall exposure level for \S+: ([\d.]+)", said)
    assert found is not None, said
    assert float(found[1]) == float(RECORDED.read_text(encoding="ascii"))
