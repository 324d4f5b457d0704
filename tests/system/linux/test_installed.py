"""The deb on a booted Debian: it starts, pairs and prints by itself, and is back whatever happens to it."""

import json
import multiprocessing
import os
import socket
from pathlib import Path

import pytest

from installer.linux.trial.store_pc import UNIT, StorePC

pytestmark = [pytest.mark.system, pytest.mark.timeout(300)]

NOBODY, CLERK = 65534, 4321


def test_it_is_paired_and_prints_with_no_question_asked(installed: StorePC) -> None:
    assert installed.active
    assert installed.headquarters.answers()
    assert not installed.container.path("/etc/yaolink/pairing.toml").exists()
    installed.print_one()


def test_its_files_are_its_own(installed: StorePC) -> None:
    said = installed.container.run("stat", "--format=%U %a %n", "/var/lib/yaolink-agent", "/etc/yaolink/agent.toml")
    assert said.splitlines() == ["yaolink 700 /var/lib/yaolink-agent", "yaolink 644 /etc/yaolink/agent.toml"]
    secrets = installed.container.run("stat", "--format=%U %a", "/var/lib/yaolink-agent/secrets.json")
    assert secrets == "yaolink 600"


def test_systemd_finds_nothing_wrong_with_the_unit(installed: StorePC) -> None:
    unit = f"/usr/lib/systemd/system/{UNIT}"
    assert installed.container.run("systemd-analyze", "verify", "--man=no", "--recursive-errors=yes", unit) == ""


def test_the_doctor_finds_the_installed_agent_well(installed: StorePC) -> None:
    """Of what a container has; it has no loudspeaker and no Chinese time."""
    found = json.loads(installed.container.run("/usr/bin/yaolink-agent", "doctor", "--json", check=False))["findings"]
    levels = {finding["check"]: finding["level"] for finding in found}
    for check in ("service", "settings", "port", "reach", "credential", "version"):
        assert levels[check] == "ok", found


def test_killed_it_is_back(installed: StorePC) -> None:
    before = installed.restarts
    installed.container.run("systemctl", "kill", "--signal=KILL", "--kill-who=main", UNIT)
    installed.wait(lambda: installed.restarts > before and installed.active, "started again")
    installed.print_one()


def test_hung_it_is_started_again(installed: StorePC) -> None:
    """With a shorter patience than the package's half minute."""
    quick = installed.container.path(f"/run/systemd/system/{UNIT}.d/quick.conf")
    quick.parent.mkdir(parents=True)
    quick.write_text("[Service]\nWatchdogSec=2\nTimeoutAbortSec=1\nRestartSec=100ms\n", encoding="utf-8")
    try:
        installed.container.run("systemctl", "daemon-reload")
        installed.container.run("systemctl", "restart", UNIT)
        before = installed.restarts
        installed.container.run("systemctl", "kill", "--signal=STOP", "--kill-who=main", UNIT)
        installed.wait(lambda: installed.restarts > before and installed.active, "the watchdog's restart")
        said = installed.container.run("journalctl", "--unit", UNIT, "--no-pager")
        assert "Watchdog timeout" in said
        installed.print_one()
    finally:
        quick.unlink()
        installed.container.run("systemctl", "daemon-reload")
        installed.container.run("systemctl", "restart", UNIT)


def test_after_a_reboot_it_is_ready_with_nobody_logged_in(installed: StorePC) -> None:
    installed.container.halt()
    assert not installed.headquarters.answers()
    installed.container.boot()
    installed.wait(installed.headquarters.answers, "the page after a reboot")
    assert installed.container.run("loginctl", "list-users", "--no-legend", check=False) == ""
    installed.print_one()


def test_settings_are_written_back_from_the_sandbox(installed: StorePC) -> None:
    for level in ("debug", "info"):
        installed.api("POST", "/api/settings", {"changes": {"log_level": level}})
        text = installed.container.path("/etc/yaolink/agent.toml").read_text(encoding="utf-8")
        assert f'log_level = "{level}"' in text


def test_the_tray_of_whoever_sits_there_is_told_and_nobody_else(installed: StorePC) -> None:
    """As handing_linux.py promises, inside the unit's sandbox."""
    seats = installed.container.path("/run/systemd/seats")
    seats.mkdir(exist_ok=True)
    (seats / "seat-of-the-test").write_text(f"IS_SEAT0=1\nACTIVE_UID={CLERK}\n", encoding="utf-8")
    folder = installed.container.path("/run/yaolink-agent")
    assert asked(folder, NOBODY) == b""
    for user in (0, CLERK):
        told = json.loads(asked(folder, user))
        assert told["url"].rstrip("/") == installed.headquarters.page_url
        assert len(told["token"]) > 20


def asked(folder: Path, user: int) -> bytes:
    """What the socket tells a process of this user."""
    with multiprocessing.get_context("fork").Pool(1) as pool:
        return pool.apply(_ask, (str(folder), user))


def _ask(folder: str, user: int) -> bytes:
    os.chdir(folder)
    os.setuid(user)
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as link:
        link.settimeout(10)
        link.connect("tray.sock")
        return link.makefile("rb").read()
