"""What the agent tells systemd, and how often it must prove that it still works.

Outside a service there is nobody to tell, and every function here does nothing.
"""

import asyncio
from collections.abc import Callable

from agent.errors import AgentError

StopHook = Callable[[asyncio.AbstractEventLoop, asyncio.Event], None]


def host(run: Callable[[StopHook], None]) -> None:
    """systemd hosts by itself: it starts `run` as it is."""
    raise AgentError("only Windows starts the agent this way", hint="systemd, and a person, start `yaolink-agent run`")


def tell_administrator(text: str) -> None:
    """systemd's journal has what we write on standard error."""


def announce_ready() -> None:
    """The local server answers."""


def announce_status(text: str) -> None:
    """One line for whoever asks how the service is."""


def announce_stopping() -> None:
    """The agent was told to stop and is on its way."""


def watchdog_seconds() -> float | None:
    """Within which time `pet` must be called again, or the service is started anew. None: nobody watches."""
    return None


def pet() -> None:
    """A sign of life for whoever watches."""
