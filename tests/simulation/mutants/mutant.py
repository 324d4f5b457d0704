"""One broken rule and the scene that shows it."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Any
from unittest.mock import patch

from tests.history.checks import Finding, check
from tests.simulation.stage import Scene, played


@dataclass(frozen=True, slots=True)
class Mutant:
    name: str
    broken: AbstractContextManager[Any]
    scene: Scene
    late: bool = False
    """Only once the world is set up."""

    def findings(self) -> list[Finding]:
        """What the checker says of the scene with the rule broken; nothing means that it survived."""
        if self.late:
            return check(played(self.scene, self.broken).end)
        with self.broken:
            return check(played(self.scene).end)


@contextmanager
def replaced(*patches: tuple[object, str, object]) -> Iterator[None]:
    """(owner, name, what it is instead)."""
    if not patches:
        yield
        return
    owner, name, instead = patches[0]
    with patch.object(owner, name, instead), replaced(*patches[1:]):
        yield
