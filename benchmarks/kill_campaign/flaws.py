"""No flaws yet."""

from collections.abc import Callable
from pathlib import Path

FLAWS: dict[str, Callable[[Path], None]] = {}
