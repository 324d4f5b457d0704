"""What this process has done since it started, for GET /metrics."""

import msgspec


class Counters(msgspec.Struct):
    pushes: int = 0
    pushes_rejected: int = 0
    """Bad signature."""
    pushes_not_understood: int = 0
    requests_refused: int = 0
    """Too long, too slow, wrong method."""
    operations: int = 0
    calls_done: int = 0
    calls_refused: int = 0
    calls_postponed: int = 0
    sweeps: int = 0
    sweeps_failed: int = 0
