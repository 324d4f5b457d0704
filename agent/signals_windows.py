"""Being told to stop: Ctrl-C and Ctrl-Break from a person. The service control manager speaks to the service's host."""

import asyncio
import signal

STOP = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGBREAK") if hasattr(signal, name))


def stop_on_signals(loop: asyncio.AbstractEventLoop, stop: asyncio.Event) -> None:
    """The loop has no signal handlers on Windows: Python's own run in the main thread and wake it."""
    for told in STOP:
        signal.signal(told, lambda *_: loop.call_soon_threadsafe(stop.set))
