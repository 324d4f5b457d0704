"""What depends on the system stands in pairs, `NAME_linux.py` and `NAME_windows.py`, chosen in one `system.py`."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = ("agent", "drivers")
PAIRED = ("_linux.py", "_windows.py")
CHOOSER = "system.py"
ASKING = {"sys.platform", "os.name", "os.uname", "platform.system", "platform.platform", "sys.getwindowsversion"}
ONE_SYSTEM = {
    *("fcntl", "grp", "pty", "pwd", "resource", "termios"),
    *("msvcrt", "winreg", "winsound", "ntsecuritycon", "pythoncom", "pywintypes", "servicemanager", "winerror"),
}
"""Modules that exist on one system; pywin32's `win32…` besides."""
ALLOWED = {"drivers/virtual/pty_line.py"}
"""A pseudo terminal is what that device is made of; it serves demo and tests."""


def sources() -> Iterator[Path]:
    for package in PACKAGES:
        yield from (ROOT / package).rglob("*.py")


def named(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def asks(path: Path) -> set[str]:
    """How this file finds out which system it runs on."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    used = {ast.unparse(node) for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    taken = {
        f"{node.module}.{alias.name}"
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    return ASKING & (used | taken)


def imported(path: Path) -> set[str]:
    found = set[str]()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module is not None:
            found.update((node.module, *(f"{node.module}.{alias.name}" for alias in node.names)))
    return found


def test_only_a_chooser_asks_for_the_system() -> None:
    others = [path for path in sources() if path.name != CHOOSER and not path.name.endswith(PAIRED)]
    assert {named(path): asks(path) for path in others if asks(path)} == {}


def test_only_a_chooser_takes_one_of_a_pair() -> None:
    wrong = [
        f"{named(path)} imports {name}"
        for path in sources()
        for name in imported(path)
        if path.name != CHOOSER and f"{name}.py".endswith(PAIRED)
    ]
    assert wrong == []


def test_modules_of_one_system_stay_in_the_pairs() -> None:
    wrong = [
        f"{named(path)} imports {name}"
        for path in sources()
        for name in imported(path)
        if (name.partition(".")[0] in ONE_SYSTEM or name.startswith(("win32", "_win")))
        and not path.name.endswith(PAIRED)
        and named(path) not in ALLOWED
    ]
    assert wrong == []


def first_halves() -> list[Path]:
    return sorted(path for path in sources() if path.name.endswith("_linux.py"))


@pytest.mark.parametrize("linux", first_halves(), ids=named)
def test_both_halves_of_a_pair_offer_the_same(linux: Path) -> None:
    """What they define; each may have further parameters with defaults, so that a test can stand in for the system."""
    windows = linux.with_name(linux.name.replace("_linux", "_windows"))
    assert windows.exists()
    assert offered(linux) == offered(windows)


def test_no_half_is_alone() -> None:
    lonely = [
        named(path)
        for path in sources()
        if path.name.endswith("_windows.py") and not path.with_name(path.name.replace("_windows", "_linux")).exists()
    ]
    assert lonely == []


def offered(path: Path) -> dict[str, tuple[str, ...]]:
    """The public functions and classes with what must be given to them."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {
        node.name: () if isinstance(node, ast.ClassDef) else demanded(node.args)
        for node in tree.body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and not node.name.startswith("_")
    }


def demanded(arguments: ast.arguments) -> tuple[str, ...]:
    places = [argument.arg for argument in (*arguments.posonlyargs, *arguments.args)]
    by_name = [
        argument.arg
        for argument, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
        if default is None
    ]
    return (*places[: len(places) - len(arguments.defaults)], *by_name)
