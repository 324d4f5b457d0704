"""The arrows of design.md §3: who may import whom, and which third parties have one home."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
OURS = {"agent", "cloud", "domain", "drivers", "erp", "installer"}
MAY_IMPORT = {
    "domain": {"domain"},
    "drivers": {"drivers"},
    "erp": {"erp", "domain"},
    "agent": {"agent", "domain", "drivers", "erp"},
    "cloud": {"cloud", "domain", "erp"},
    "installer": OURS,
}
HOMES = {
    "argon2": {"agent/staff/pins.py", "cloud/people/pins.py"},
    "keyring": {"agent/secrets.py"},
    "apscheduler": {"agent/schedule.py"},
    "pystray": {"agent/tray/app.py"},
    "pylopdf_fonts_zh_cn": {
        "drivers/printers/glyphs.py",
        "drivers/virtual/picture.py",
        "installer/simulators/meituan/prescription.py",
    },
    "fpdf": {"cloud/dossier_pdf.py"},
    "qrcode": {"cloud/pages/symbols.py", "drivers/printers/qr.py", "drivers/virtual/qr_symbol.py"},
    "usb": {"drivers/printers/finding/usb_windows.py", "drivers/printers/transports/usb.py"},
    "win32print": {"drivers/printers/finding/queues_windows.py", "drivers/printers/transports/spool_windows.py"},
    "zeroconf": {"drivers/printers/finding/mdns.py"},
    "sqlalchemy": {
        "erp/sql/database.py",
        "erp/sql/hand_over.py",
        "erp/sql/views.py",
        "erp/sql/trying.py",
        *(f"cloud/{path.relative_to(ROOT / 'cloud')}" for path in (ROOT / "cloud").rglob("*.py")),
    },
    "ifaddr": {"drivers/printers/finding/interfaces.py"},
    "serial": {
        "drivers/scanners/ports.py",
        "drivers/scanners/serial.py",
        "drivers/printers/finding/serial.py",
        "drivers/printers/transports/serial.py",
    },
}
"""Vendors that only one file may import (style.md)."""


def sources(package: str) -> Iterator[Path]:
    return (ROOT / package).rglob("*.py")


@cache
def imported(path: Path) -> frozenset[str]:
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module is not None:
            assert node.level == 0, f"{path}: relative import"
            names.add(node.module)
    return frozenset(names)


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


TRAY = {"PIL", "agent", "pystray"}
TRAY_ON_WINDOWS = {"pywintypes", "win32api", "win32event", "winerror"}


def test_the_tray_runs_on_the_systems_own_python() -> None:
    """The standard library, pystray and Pillow (facts/packaging.md §2); what it needs of us lies in its folder."""
    wrong = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in (ROOT / "agent" / "tray").rglob("*.py")
        for name in imported(path)
        if name.partition(".")[0] not in sys.stdlib_module_names | TRAY
        and not (path.name.endswith("_windows.py") and name in TRAY_ON_WINDOWS)
        or name.partition(".")[0] == "agent"
        and not f"{name}.".startswith("agent.tray.")
    ]
    assert wrong == []


def test_no_other_program_imports_the_tray() -> None:
    """pystray opens the display when it is imported."""
    wrong = [
        f"{path.relative_to(ROOT)} imports {name}"
        for package in OURS
        for path in sources(package)
        for name in imported(path)
        if f"{name}.".startswith("agent.tray.") and path.parent != ROOT / "agent" / "tray"
    ]
    assert wrong == []


def test_importing_the_tray_opens_no_display() -> None:
    code = "import sys, agent.tray.__main__; sys.exit('pystray' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env={"DISPLAY": ":nowhere"}, check=False)
    assert done.returncode == 0
