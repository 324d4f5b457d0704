"""One broken rule and the scene that shows it."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from inspect import signature
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


def replaced(*patches: tuple[object, str, Callable[..., Any]]) -> AbstractContextManager[None]:
    """(owner, name, what it is instead): what is called as the original is. Else what the checker notices would be a
    `TypeError`, not the broken rule."""
    for owner, name, instead in patches:
        _check_same_call(getattr(owner, name), instead)
    return _replaced(*patches)


def _check_same_call(original: Callable[..., Any], instead: Callable[..., Any]) -> None:
    parameters = signature(original).parameters.values()
    by_place = [each.name for each in parameters if each.kind in (each.POSITIONAL_ONLY, each.POSITIONAL_OR_KEYWORD)]
    by_name = {each.name: None for each in parameters if each.kind is each.KEYWORD_ONLY}
    signature(instead).bind(*by_place, **by_name)


@contextmanager
def _replaced(*patches: tuple[object, str, Callable[..., Any]]) -> Iterator[None]:
    if not patches:
        yield
        return
    owner, name, instead = patches[0]
    with patch.object(owner, name, instead), _replaced(*patches[1:]):
        yield
