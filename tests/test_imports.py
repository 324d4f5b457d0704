"""The arrows of design.md §3: who may import whom, and which third parties have one home."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
OURS = {"agent", "cloud", "domain", "drivers", "installer"}
MAY_IMPORT = {
    "domain": {"domain"},
    "drivers": {"drivers"},
    "agent": {"agent", "domain", "drivers"},
    "cloud": {"cloud", "domain"},
    "installer": OURS,
}
HOMES = {
    "keyring": {"agent/secrets.py"},
    "apscheduler": {"agent/schedule.py"},
    "pystray": {"agent/tray.py"},
    "serial": {"drivers/scanners/serial.py"},
}
"""Vendors that only one file may import (style.md)."""


def sources(package: str) -> Iterator[Path]:
    return (ROOT / package).rglob("*.py")


def imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module is not None:
            assert node.level == 0, f"{path}: relative import"
            yield node.module


@pytest.mark.parametrize("package", sorted(OURS))
def test_arrows_point_one_way(package: str) -> None:
    wrong = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in sources(package)
        for name in imported(path)
        if name.partition(".")[0] in OURS - MAY_IMPORT[package]
    ]
    assert wrong == []


def test_the_domain_knows_two_third_parties_only() -> None:
    known = sys.stdlib_module_names | {"domain", "msgspec", "biip"}
    strangers = {name for path in sources("domain") for name in imported(path) if name.partition(".")[0] not in known}
    assert strangers == set()


@pytest.mark.parametrize("vendor", sorted(HOMES))
def test_a_vendor_has_one_home(vendor: str) -> None:
    at = {
        str(path.relative_to(ROOT))
        for package in OURS
        for path in sources(package)
        if vendor in {name.partition(".")[0] for name in imported(path)}
    }
    assert at <= HOMES[vendor]


@pytest.mark.parametrize("simulator", ["installer/simulators"])
def test_a_simulator_shares_no_code_with_what_it_checks(simulator: str) -> None:
    wrong = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in (ROOT / simulator).rglob("*.py")
        for name in imported(path)
        if name.partition(".")[0] in OURS and not name.startswith("installer.simulators")
    ]
    assert wrong == []
