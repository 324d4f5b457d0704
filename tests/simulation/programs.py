"""Programs of several ages in one process: what an older one does not know, it knows in none of its steps.

An older agent was built before some kinds of events existed, an older hub before some kinds of operations. Whatever
asks the tables of kinds while such a program runs is given the tables of its time.
"""

from collections.abc import Collection, Coroutine, Generator, Mapping
from types import ModuleType, TracebackType
from typing import Any, Generic, TypeVar

from agent import introducing
from agent.snapshots import left_out, reading
from cloud import operations as hub_operations
from cloud.set_aside import entries, rerunning
from domain import events, operations

T = TypeVar("T")
Name = tuple[ModuleType, str, object]
"""Where a table is asked for, and what stands there instead."""


class Program:
    """Of one version; around each of its steps."""

    def __init__(self, version: str, tables: Collection[Name] = ()) -> None:
        self.version, self._tables = version, tables
        self._others: list[Name] = []
        """What stands there while it rests."""

    @property
    def is_older(self) -> bool:
        return bool(self._tables)

    def __enter__(self) -> None:
        self._others = [(module, name, getattr(module, name)) for module, name, _ in self._tables]
        for module, name, table in self._tables:
            setattr(module, name, table)

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        for module, name, table in self._others:
            setattr(module, name, table)


NEWEST = Program("1")


def older_agent(unknown: Collection[str]) -> Program:
    """Does not know these kinds of events, nor say that it accepts them."""
    known = _but(events.BODIES, unknown)
    logs = {
        log: kept
        for log, bodies in events.CHAIN_LOGS.items()
        if (kept := tuple(body for body in bodies if body.kind not in unknown))
    }
    of_chain = {body.kind for bodies in logs.values() for body in bodies}
    return Program(
        "0",
        [
            (events, "BODIES", known),
            (reading, "BODIES", known),
            (introducing, "ACCEPTS", _but(introducing.ACCEPTS, unknown)),
            (introducing, "CHAIN_LOGS", logs),
            (left_out, "CHAIN_LOGS", logs),
            (left_out, "_OF_CHAIN", of_chain),
        ],
    )


def older_hub(unknown: Collection[str]) -> Program:
    """Does not know these kinds of operations."""
    known = _but(operations.BODIES, unknown)
    return Program(
        "0",
        [
            (operations, "BODIES", known),
            (hub_operations, "BODIES", known),
            (entries, "VERSION", "0"),
            (rerunning, "VERSION", "0"),
        ],
    )


def _but(table: Mapping[str, T], unknown: Collection[str]) -> dict[str, T]:
    strangers = set(unknown) - table.keys()
    if strangers:
        raise ValueError(f"no program knows {', '.join(sorted(strangers))}")
    return {kind: value for kind, value in table.items() if kind not in unknown}


class Stepped(Coroutine[Any, Any, T], Generic[T]):
    """A task of an older program: between its steps others run, which may know more."""

    def __init__(self, work: Coroutine[Any, Any, T] | Generator[Any, None, T], program: Program) -> None:
        self._work, self._program = work, program

    def send(self, value: Any, /) -> Any:
        with self._program:
            return self._work.send(value)

    def throw(self, *error: Any) -> Any:
        with self._program:
            return self._work.throw(*error)

    def close(self) -> None:
        with self._program:
            self._work.close()

    def __await__(self) -> Generator[Any, Any, T]:
        raise TypeError("a task awaits it, nobody else")
