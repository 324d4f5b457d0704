"""The virtual devices catch errors of our drivers only as long as they share no code with them."""

import ast
from pathlib import Path

import drivers

ROOT = Path(drivers.__file__).parent


def imports(folder: str) -> set[str]:
    found = set()
    for file in (ROOT / folder).rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module:
                found.add(node.module)
            elif isinstance(node, ast.Import):
                found.update(name.name for name in node.names)
    return found


def test_virtual_devices_share_nothing_with_drivers() -> None:
    ours = {module for module in imports("virtual") if module.startswith("drivers")}
    assert ours
    assert all(module.startswith("drivers.virtual") for module in ours)
    assert "escpos" not in {module.split(".")[0] for module in imports("virtual")}


def test_drivers_know_nothing_of_virtual_devices() -> None:
    assert not [module for module in imports("printers") | imports("scanners") if "virtual" in module]
