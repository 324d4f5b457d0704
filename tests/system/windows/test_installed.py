"""Installed with one silent command, the agent is a service that pairs, prints, stops and starts by itself."""

import time
from pathlib import Path

import pytest

from drivers.virtual.printer import VirtualPrinter
from installer.windows.build import version
from installer.windows.wine import services
from tests.system.windows.store import SERVICE, WindowsStore
from tests.waiting import eventually

pytestmark = [pytest.mark.system, pytest.mark.timeout(600)]


def test_from_one_silent_command_to_the_first_slip(
    store: WindowsStore, setup: Path, printer: VirtualPrinter, tmp_path: Path
) -> None:
    began = time.monotonic()
    assert store.install(setup, store.prepared(tmp_path)) == 0
    assert services.state(store.wine, SERVICE) == "RUNNING"
    assert store.answers(), "the installer came back before the page answers"
    assert store.version == version()
    eventually(store.paired, "pairing by the prepared file", within=60)
    assert not (store.data / "pairing.toml").exists()
    store.order(801)
    eventually(lambda: printer.slips, "the slip on the counter", within=60)
    assert "小程序 #801" in printer.slips[0].text
    assert time.monotonic() - began < 300
    assert (store.data / "data" / "secrets.json").exists()


def test_it_stops_promptly_and_starts_with_everything_it_knew(
    store: WindowsStore, setup: Path, printer: VirtualPrinter, tmp_path: Path
) -> None:
    assert store.install(setup, store.prepared(tmp_path)) == 0
    eventually(store.paired, "pairing by the prepared file", within=60)
    began = time.monotonic()
    store.wine.tell("net", "stop", SERVICE)
    services.wait_for_state(store.wine, SERVICE, "STOPPED")
    assert time.monotonic() - began < 20
    assert not store.answers()
    assert not (store.data / "run" / "tray.json").exists(), "a token that opens nothing is left behind"
    store.wine.tell("net", "start", SERVICE)
    services.wait_for_state(store.wine, SERVICE, "RUNNING")
    assert store.answers(), "it says that it runs before its page answers"
    assert store.paired()
    store.order(802)
    eventually(lambda: printer.slips, "a slip after the restart", within=60)


def test_the_service_is_what_the_documentation_says(store: WindowsStore, setup: Path, tmp_path: Path) -> None:
    assert store.install(setup, store.prepared(tmp_path)) == 0
    key = rf"HKLM\System\CurrentControlSet\Services\{SERVICE}"
    _, registered = store.wine.ask("reg", "query", key)
    assert r"NT SERVICE\YaolinkAgent" in registered
    assert r'"C:\Program Files\Yaolink\yaolink-agent.exe" service' in registered
    started = [line.split()[-1] for line in registered.splitlines() if line.split()[:1] == ["Start"]]
    assert started == ["0x2"], "it is to start with Windows"
    _, at_log_on = store.wine.ask("reg", "query", r"HKLM\Software\Microsoft\Windows\CurrentVersion\Run")
    assert "yaolink-tray.exe" in at_log_on


def test_a_start_that_fails_ends_as_stopped(store: WindowsStore, setup: Path, tmp_path: Path) -> None:
    assert store.install(setup, store.prepared(tmp_path)) == 0
    store.wine.tell("net", "stop", SERVICE)
    services.wait_for_state(store.wine, SERVICE, "STOPPED")
    with (store.data / "agent.toml").open("a", encoding="utf-8") as settings:
        settings.write("\n[[printers]]\nname = 'X'\naddress = 'carrier-pigeon://loft'\n")
    store.wine.ask("net", "start", SERVICE)
    services.wait_for_state(store.wine, SERVICE, "STOPPED")
    assert not store.answers()
