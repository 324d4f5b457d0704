"""What is heard in one store: each verdict as the page tells it, from one life of the agent to the next."""

import threading
import time
from collections.abc import Callable
from urllib.request import ProxyHandler, Request, build_opener

import msgspec

from benchmarks.kill_campaign.shop import Shop

_DIRECT = build_opener(ProxyHandler({}))
_SILENT_S = 3.0
"""The page says that it lives more rarely than this: a frozen agent's ear is opened anew, and so is a quiet one's."""


class Heard(msgspec.Struct, frozen=True):
    code: str
    rule: str
    good: bool
    order_id: str | None = None
    did: str = ""


class Ear:
    def __init__(self, shop: Shop) -> None:
        self.verdicts: list[Heard] = []
        self._shop, self._news, self._stopping = shop, threading.Condition(), False
        self._thread = threading.Thread(target=self._run, name=f"ear of {shop.name}", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopping = True

    def wait_for(self, code: str, after: int, within: float) -> Heard | None:
        """The first verdict about this code beyond the `after` first ones, if it comes."""
        found: list[Heard] = []

        def is_there() -> bool:
            found[:] = [verdict for verdict in self.verdicts[after:] if verdict.code == code]
            return bool(found)

        with self._news:
            self._news.wait_for(is_there, within)
        return found[0] if found else None

    def _run(self) -> None:
        while not self._stopping:
            try:
                self._listen(self._hear)
            except (OSError, ValueError):
                time.sleep(0.05)  # dead, frozen, or on its way up

    def _listen(self, hear: Callable[[bytes], None]) -> None:
        headers = {"Authorization": f"Bearer {self._shop.token}"}
        event = b""
        with _DIRECT.open(Request(f"{self._shop.address}/api/changes", headers=headers), timeout=_SILENT_S) as stream:
            for line in stream:
                if line.startswith(b"event: "):
                    event = line[7:].strip()
                elif line.startswith(b"data: ") and event == b"verdict":
                    hear(line[6:])

    def _hear(self, data: bytes) -> None:
        verdict = msgspec.json.decode(data, type=Heard)
        with self._news:
            self.verdicts.append(verdict)
            self._news.notify_all()
