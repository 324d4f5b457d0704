"""A damaged file is set aside whole, with its WAL, and never deleted by the rebuilding (design.md §9)."""

import re
from datetime import UTC, datetime
from pathlib import Path

from agent.system import renaming
from domain.times import DAY, SECOND, Millis

KEPT_FOR: Millis = 90 * DAY
STAMP = "%Y%m%dT%H%M%SZ"
_STAMPED = re.compile(r"\d{8}T\d{6}Z")
PARTS = ("", "-wal", "-shm")
"""A data file lies in up to three; a WAL beside another main file would be read into it."""


def stamp(now: Millis) -> str:
    return datetime.fromtimestamp(now / SECOND, UTC).strftime(STAMP)


def stamped(name: str) -> Millis:
    """The moment that a file's name says."""
    found = _STAMPED.search(name)
    if found is None:
        return 0
    return int(datetime.strptime(found[0], STAMP).replace(tzinfo=UTC).timestamp() * SECOND)


def aside_of(path: Path, now: Millis) -> Path:
    """Where it goes: WORK.db.damaged.UTC. Never a name that is taken."""
    name = f"{path.name}.damaged.{stamp(now)}"
    taken = sum(1 for other in path.parent.glob(f"{name}*") if not other.name.endswith(PARTS[1:]))
    return path.with_name(f"{name}.{taken}" if taken else name)


def set_aside(path: Path, aside: Path) -> None:
    """What of it is there. May be called again after a power cut in its midst: what has moved stays."""
    for part in PARTS:
        source, target = path.with_name(path.name + part), aside.with_name(aside.name + part)
        if source.exists() and not target.exists():
            source.rename(target)
    renaming.settle(path.parent)


def all_aside(path: Path) -> list[Path]:
    """Main files set aside so far, the oldest first."""
    found = path.parent.glob(f"{path.name}.damaged.*")
    return sorted(one for one in found if not one.name.endswith(PARTS[1:]))


def forget_old(folder: Path, now: Millis) -> int:
    """Those of three months ago: whoever wanted help with one has a copy of it. Returns how many."""
    old = [path for path in folder.glob("*.db.damaged.*") if now - stamped(path.name) > KEPT_FOR]
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)
