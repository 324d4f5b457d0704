"""One line on the terminal for each thing that happens to an order."""

import json
import logging
import threading
import time
from collections.abc import Callable

import httpx
from httpx_sse import SSEError, connect_sse

from domain.times import shown

log = logging.getLogger(__name__)

COME_BACK_AFTER = 1.0
"""Seconds; the hub may have been killed to see what happens."""


class Narrator:
    """Follows the hub's activity in a thread of its own and says each entry once."""

    def __init__(self, hub_url: str, operator_token: str, say: Callable[[str], None]) -> None:
        self._url = f"{hub_url}/api/activity"
        self._headers = {"Authorization": f"Bearer {operator_token}"}
        self._say = say
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="narrator", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()

    def _run(self) -> None:
        with httpx.Client(timeout=httpx.Timeout(5.0, read=60.0), trust_env=False) as client:
            while not self._stop.is_set():
                try:
                    self._follow(client)
                except (httpx.HTTPError, SSEError) as error:
                    log.info("the hub's activity broke off: %s", error)
                self._stop.wait(COME_BACK_AFTER)

    def _follow(self, client: httpx.Client) -> None:
        with connect_sse(client, "GET", self._url, headers=self._headers) as source:
            for message in source.iter_sse():
                if self._stop.is_set():
                    return
                if message.event == "activity":
                    self._say(line(json.loads(message.data)))


def line(entry: dict[str, str | int]) -> str:
    """As it stands on the terminal."""
    clock = shown(int(entry["at"]), "%H:%M:%S")
    return f"{clock}  {entry['store']:<5} {entry['action']:<18} {entry['detail']}"


def now_line(store: str, what: str) -> str:
    """For what the demo sees with its own eyes: paper."""
    return f"{shown(int(time.time() * 1000), '%H:%M:%S')}  {store:<5} {'paper':<18} {what}"
