"""What the doctor asks the system around the agent; `surroundings_linux.py` and `surroundings_windows.py` know how.

Every question is asked of the system's own tools, waits at most some seconds, and may stay without an answer.
"""

import subprocess
from dataclasses import dataclass

PATIENCE_SECONDS = 8.0


@dataclass(frozen=True, slots=True)
class ServiceState:
    """The installed service as the system sees it. `how` is the system's own word, `start` and `enable` commands."""

    running: bool
    automatic: bool
    how: str
    start: str
    enable: str
    restarts: int = 0


@dataclass(frozen=True, slots=True)
class FirewallState:
    """`strict` is the rule that forbids outgoing connections by default, where there is one."""

    known: bool
    strict: str = ""


def said(*command: str, encoding: str = "utf-8") -> str | None:
    """What a tool of the system says; None where it is missing, refuses or takes too long."""
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding=encoding,
            errors="replace",
            timeout=PATIENCE_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout if done.returncode == 0 else None
