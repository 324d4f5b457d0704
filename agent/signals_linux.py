"""Being told to stop: SIGTERM from systemd, Ctrl-C from a person."""

import asyncio
import signal

STOP = (signal.SIGINT, signal.SIGTERM)


def stop_on_signals(loop: asyncio.AbstractEventLoop, stop: asyncio.Event) -> None:
    for told in STOP:
        loop.add_signal_handler(told, stop.set)
