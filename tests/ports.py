"""Ports that a test names before anything listens there."""

import itertools
import os
import random
import socket

_FIRST, _EACH = 12_000, 1_000
"""Below what systems give out by themselves (from 32,768 on Linux, from 49,152 elsewhere): between the choice and its
use no other program is given this port. Each of pytest's processes has a thousand of its own."""
_worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % 20
_next = itertools.count(random.SystemRandom().randrange(_EACH))


def free_port() -> int:
    """Not the same again soon."""
    for _ in range(_EACH):
        port = _FIRST + _EACH * _worker + next(_next) % _EACH
        with socket.socket() as tried:
            try:
                tried.bind(("127.0.0.1", port))
            except OSError:
                continue  # of another test run on this machine
            return port
    raise OSError(f"none of {_EACH} ports is free")
