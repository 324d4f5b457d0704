"""What the unit must say for the service to come back by itself."""

from pathlib import Path

import installer.linux

UNIT = Path(installer.linux.__file__).with_name("yaolink-agent.service")


def test_the_watchdog_and_the_restart_are_on() -> None:
    lines = UNIT.read_text(encoding="utf-8").splitlines()
    assert {"Type=notify", "Restart=always", "StartLimitIntervalSec=0", "User=yaolink"} <= set(lines)
    assert any(line.startswith("WatchdogSec=") for line in lines)
    assert not any("network-online" in line for line in lines if not line.startswith("#"))


def test_devices_and_networks_are_within_reach() -> None:
    """lp: /dev/usb/lp*, /dev/lp* and bare USB printers; dialout: serial ports. A device policy would be resolved at the
    start, and what is plugged in later stay shut."""
    settings = dict(line.split("=", 1) for line in UNIT.read_text(encoding="utf-8").splitlines() if "=" in line)
    assert {"lp", "dialout"} <= set(settings["SupplementaryGroups"].split())
    assert {"AF_UNIX", "AF_NETLINK"} <= set(settings["RestrictAddressFamilies"].split()), "CUPS; interfaces, libusb"
    assert settings.keys().isdisjoint({"PrivateDevices", "DevicePolicy", "DeviceAllow", "ProtectClock"})
