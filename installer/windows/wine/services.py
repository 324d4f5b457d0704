"""Services under wine, and what keeps them alive."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from installer.windows.wine.prefix import Wine


@contextmanager
def somebody_signed_in(wine: Wine) -> Iterator[None]:
    """wine ends all services with the last program that is not one."""
    with wine.start("ping", "-n", "7200", "127.0.0.1") as idle:
        try:
            yield
        finally:
            idle.kill()


def state(wine: Wine, name: str) -> str:
    """RUNNING, STOPPED, START_PENDING, STOP_PENDING; "" for a service that does not exist."""
    _, said = wine.ask("sc", "query", name)
    words = [line.split() for line in said.splitlines() if "STATE" in line]
    return words[0][-1] if words else ""


def wait_for_state(wine: Wine, name: str, wanted: str, within: float = 60.0) -> None:
    deadline = time.monotonic() + within
    while (now := state(wine, name)) != wanted:
        if time.monotonic() > deadline:
            raise TimeoutError(f"{name} is {now or 'not there'}, not {wanted}, after {within:.0f} s")
        time.sleep(0.3)
