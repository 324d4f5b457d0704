"""Writes the history: what was done and heard, one line of JSON each (tests/history)."""

import json
from collections.abc import Callable

Seconds = Callable[[], float]


class Recorder:
    def __init__(self, seconds: Seconds) -> None:
        self._seconds = seconds
        self.lines: list[str] = []

    def record(self, kind: str, **fields: object) -> None:
        self.lines.append(json.dumps({"kind": kind, "t": round(self._seconds(), 3), **fields}, ensure_ascii=False))
