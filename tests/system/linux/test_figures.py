"""What is promised of the installed product: five minutes to the first slip, thirty seconds from boot to ready."""

import json
import subprocess
import sys

import pytest

pytestmark = [pytest.mark.system, pytest.mark.timeout(400)]


def test_first_slip_and_boot_are_within_what_is_promised() -> None:
    command = [sys.executable, "-m", "benchmarks.installed", "--short", "--json"]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    figures = json.loads(said.splitlines()[-1])
    assert figures["install_to_first_slip_s"] < 300
    assert figures["boot_to_ready_s"] < 30
    assert figures["rss_mb"] > 20
    assert figures["deb_mb"] > 10
