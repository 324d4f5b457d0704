"""Whether everything of ours that the agent may need is in the frozen program."""

from pathlib import Path

from installer.papers.bundled import sources
from installer.reproducible import ROOT

OURS = ("agent", "domain", "drivers", "erp")
NOT_THE_AGENTS = (
    "agent/tray/",  # a program of its own
    "drivers/virtual/",  # practice needs some of it, and tests the rest
    *("domain/dossier.py", "domain/rules/table.py"),  # what headquarters and documents alone ask
)


def modules_left_out(work: Path) -> list[str]:
    """Such as are imported by a name that PyInstaller cannot see. `work` is its folder of that build."""
    taken = {source.replace("\\", "/").rpartition(f"{ROOT.as_posix()}/")[2] for source in sources(work)}
    return sorted(_ours(".py") - taken)


def files_left_out(inside: Path) -> list[str]:
    """Pages, words, lists, clips: all that is no module. `inside` is the program's `_internal`."""
    return sorted(name for name in _ours("") - _ours(".py") if not (inside / name).is_file())


def _ours(ending: str) -> set[str]:
    found = (path for folder in OURS for path in (ROOT / folder).rglob(f"*{ending}") if path.is_file())
    names = {path.relative_to(ROOT).as_posix() for path in found if path.suffix != ".pyc"}
    return {name for name in names if not name.startswith(NOT_THE_AGENTS)}
