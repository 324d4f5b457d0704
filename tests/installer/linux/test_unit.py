"""What the unit must say for the service to come back by itself."""

from pathlib import Path

import installer.linux

UNIT = Path(installer.linux.__file__).with_name("yaolink-agent.service")


def test_the_watchdog_and_the_restart_are_on() -> None:
    lines = UNIT.read_text(encoding="utf-8").splitlines()
    assert {"Type=notify", "Restart=always", "StartLimitIntervalSec=0", "User=yaolink"} <= set(lines)
    assert any(line.startswith("WatchdogSec=") for line in lines)
    assert not any("network-online" in line for line in lines if not line.startswith("#"))
