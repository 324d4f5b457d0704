"""Handing the tray of whoever sits at this computer its way into the local API: a Unix socket that asks the kernel who
calls.

Everybody may connect to `RUN/tray.sock`. A caller is told one line of JSON if the kernel says it is the superuser, our
own account or the user in front of a screen; anybody else is told nothing.
"""

import asyncio
import logging
import os
import socket
import struct
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

log = logging.getLogger(__name__)

NAME = "tray.sock"
SEATS = Path("/run/systemd/seats")
"""Kept by logind: one file per seat, naming the account of the session in its foreground. A session over ssh, or of a
user who is switched away, is in front of no seat."""

_PEER = struct.Struct("=iII")
"""struct ucred of <sys/socket.h>: process, user, group."""


@asynccontextmanager
async def handed(line: bytes, run_folder: Path | None, seats: Path = SEATS) -> AsyncIterator[None]:
    """While it lasts, the socket answers. Without a run folder, or where there can be no socket, nothing is handed:
    the store works without its tray."""
    if run_folder is None:
        yield
        return
    path = run_folder / NAME
    try:
        server = await asyncio.start_unix_server(_Doorman(line, seats).called, sock=_bound(path))
    except OSError as error:
        log.error("the tray cannot be handed its token at %s: %s", path, error)
        yield
        return
    try:
        yield
    finally:
        server.close()
        path.unlink(missing_ok=True)


def _bound(path: Path) -> socket.socket:
    path.unlink(missing_ok=True)
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        listening.bind(str(path))
        path.chmod(0o666)
    except OSError:
        listening.close()
        raise
    return listening


class _Doorman:
    def __init__(self, line: bytes, seats: Path) -> None:
        self._line, self._seats = line, seats
        self._turned_away = set[int]()

    async def called(self, _: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Nothing is read from the caller, and nobody is waited for."""
        user = _caller(writer.get_extra_info("socket"))
        if user in (0, os.getuid()) or user in _at_a_screen(self._seats):
            writer.write(self._line)
        elif user not in self._turned_away:
            self._turned_away.add(user)
            log.warning("user %d asked for the tray's token, but does not sit at this computer", user)
        writer.close()


def _caller(connection: socket.socket) -> int:
    _, user, _ = _PEER.unpack(connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _PEER.size))
    return int(user)


def _at_a_screen(seats: Path) -> set[int]:
    """Nobody where there is no logind."""
    settings = (line.partition("=") for seat in seats.glob("*") for line in _lines(seat))
    return {int(value) for key, _, value in settings if key == "ACTIVE_UID" and value.isdecimal()}


def _lines(seat: Path) -> Iterator[str]:
    with suppress(OSError):  # the screen was unplugged a moment ago
        yield from seat.read_text(encoding="utf-8").splitlines()
