"""What systemd is told of us (Type=notify): sd_notify(3) is one datagram, so no library is needed.

Started by hand there is nobody to tell, and nothing happens.
"""

import asyncio
import logging
import os
import socket
from collections.abc import Callable

from agent.errors import AgentError

log = logging.getLogger(__name__)

StopHook = Callable[[asyncio.AbstractEventLoop, asyncio.Event], None]


def host(run: Callable[[StopHook], None]) -> None:
    """systemd hosts by itself: it starts `run` as it is."""
    raise AgentError("only Windows starts the agent this way", hint="systemd, and a person, start `yaolink-agent run`")


def tell_administrator(text: str) -> None:
    """systemd's journal has what we write on standard error."""


def announce_ready() -> None:
    _tell("READY=1")


def announce_stopping() -> None:
    _tell("STOPPING=1")


def announce_status(text: str) -> None:
    """One line, as `systemctl status` shows it."""
    _tell("STATUS=" + " ".join(text.split()))


def watchdog_seconds() -> float | None:
    """Who has not been petted for so long is restarted; None when nobody watches us (sd_watchdog_enabled(3))."""
    microseconds, meant_for = os.environ.get("WATCHDOG_USEC"), os.environ.get("WATCHDOG_PID")
    if microseconds is None or meant_for not in (None, str(os.getpid())):
        return None
    return int(microseconds) / 1_000_000


def pet() -> None:
    _tell("WATCHDOG=1")


def _tell(message: str) -> None:
    """Never waits and never fails: an agent that cannot be heard still prints."""
    address = os.environ.get("NOTIFY_SOCKET")
    if address is None:
        return
    if address.startswith("@"):
        address = "\0" + address[1:]
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as to_systemd:
            to_systemd.setblocking(False)
            to_systemd.sendto(message.encode(), address)
    except OSError as error:
        log.warning("systemd cannot be told %s: %s", message.partition("=")[0], error)
