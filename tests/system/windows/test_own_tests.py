"""The agent's own tests that make sense on Windows, run there."""

import re
from pathlib import Path

import pytest

from installer.freeze.freezing import ROOT
from installer.windows.build import BUILD
from installer.windows.freezing import LOCK, windows_python
from installer.windows.python.packages import excerpt
from installer.windows.wine.prefix import Wine

PATIENCE = 3000.0
"""Seconds; wine takes several times what Linux takes."""

pytestmark = [pytest.mark.system, pytest.mark.timeout(3600)]

TOOLS = (
    *("pytest", "pytest-asyncio", "pytest-randomly", "pytest-timeout", "iniconfig"),
    *("hypothesis", "sortedcontainers", "zxing-cpp"),
)
FOLDERS = ("tests/domain", "tests/drivers/printers", "tests/drivers/virtual/test_printer.py", "tests/agent/core")
NOT_THERE = (
    *(
        f"tests/agent/core/test_{name}.py" for name in ("scanning", "scanner_set")
    ),  # their scanners are pseudo terminals
    "tests/agent/core/test_held_printer.py",  # and so are these printers
    "tests/drivers/printers/test_evidence.py",
    "tests/drivers/printers/finding/test_attached.py",  # what Linux tells of what hangs on it
    *(f"tests/drivers/printers/transports/test_{way}.py" for way in ("contract", "cups", "node", "serial")),
)
NOT_MEANT = (
    "tests/agent/core/test_files.py::test_full_durability_and_owner_only",  # by mode 0600; Windows has access lists
)
FEWEST = 2000
"""Fewer would mean that they were not found, not that there are no more."""


def test_the_agents_own_tests_pass_on_windows(pc: Wine, tmp_path: Path) -> None:
    tools = tmp_path / "tools.txt"
    tools.write_text(excerpt(ROOT / "locks" / "development.txt", TOOLS), encoding="utf-8")
    python = windows_python(BUILD / "python-with-tests", (LOCK, tools))
    left_out = [f"--ignore={path}" for path in NOT_THERE] + [f"--deselect={test}" for test in NOT_MEANT]
    command = ("-m", "pytest", "-q", "-p", "no:cacheprovider", *left_out, *FOLDERS)
    said = pc.run(python, *command, cwd=ROOT, check=False, patience=PATIENCE)
    passed = re.search(r"(\d+) passed", said)
    assert passed is not None, said[-3000:]
    assert not re.search(r"\d+ (failed|error)", said), said[-6000:]
    assert int(passed[1]) >= FEWEST
