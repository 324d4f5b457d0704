"""Bodies of one version of a kind, written as another version has them: what lets programs of different ages talk.

A kind whose fields change in more than additions gets a new version, and here two plain functions between it and the
one before. The hub writes events down for agents up to two minor versions older, and reads operations of older agents
up; an agent reads events up that an older hub wrote. A cast may lose what the older version cannot say, never invent.
"""

from collections.abc import Callable, Mapping
from typing import Final

import msgspec

Body = dict[str, object]
"""A body as JSON has it."""
Cast = Callable[[Body], Body]


class Casts:
    """Of all kinds of one direction of the conversation. None exists yet that was shipped."""

    def __init__(self) -> None:
        self._up: dict[tuple[str, int], Cast] = {}
        self._down: dict[tuple[str, int], Cast] = {}

    def add(self, kind: str, v: int, *, up: Cast, down: Cast) -> None:
        """Between version `v` and the one before it."""
        self._up[kind, v], self._down[kind, v] = up, down

    def cast(self, kind: str, v: int, body: msgspec.Raw, wanted: int) -> msgspec.Raw | None:
        """The body as version `wanted` has it; None where no way leads there. Raises msgspec.MsgspecError for a body
        that is not what its version says."""
        if v == wanted:
            return body
        steps = self._steps(kind, v, wanted)
        if steps is None:
            return None
        content = msgspec.json.decode(body, type=Body)
        try:
            for step in steps:
                content = step(content)
        except Exception as error:  # a cast may stumble over a strange body in any way
            raise msgspec.ValidationError(f"{kind} v{v} is not what it says: {error!r}") from error
        return msgspec.Raw(msgspec.json.encode(content))

    def knows(self, kind: str, v: int) -> bool:
        return (kind, v) in self._up

    def _steps(self, kind: str, v: int, wanted: int) -> list[Cast] | None:
        """None at the first version that nobody wrote a cast for, however far away the other may be."""
        by = self._up if v < wanted else self._down
        steps = []
        for version in range(v + 1, wanted + 1) if v < wanted else range(v, wanted, -1):
            if (kind, version) not in by:
                return None
            steps.append(by[kind, version])
        return steps


EVENTS: Final = Casts()
OPERATIONS: Final = Casts()


def accepted(kind: str, v: int, accepts: Mapping[str, int]) -> int:
    """The version that whoever accepts these is given of a body of version `v`; an unknown kind goes as it is."""
    return min(v, accepts.get(kind, v))
