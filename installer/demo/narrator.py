"""One line on the terminal for each thing that happens to an order."""

import logging
import threading
import time
from collections.abc import Callable

import httpx
import msgspec
from httpx_sse import SSEError, connect_sse

from domain.times import shown

log = logging.getLogger(__name__)

COME_BACK_AFTER = 1.0
"""Seconds; the hub may have been killed to see what happens."""
CHANNELS = {"meituan": "美团", "own": "小程序"}


class Entry(msgspec.Struct, frozen=True):
    """One entry of the hub's activity. `subject` is an order's id in most of them."""

    at: int
    store: str
    action: str
    subject: str
    detail: str


class OrderRow(msgspec.Struct, frozen=True):
    channel: str
    day_number: int


class OrderSeen(msgspec.Struct, frozen=True):
    order: OrderRow


class Narrator:
    """Follows the hub's activity in a thread of its own and says each entry once."""

    def __init__(self, hub_url: str, operator_token: str, say: Callable[[str], None]) -> None:
        self._client = httpx.Client(
            base_url=hub_url,
            headers={"Authorization": f"Bearer {operator_token}"},
            timeout=httpx.Timeout(5.0, read=60.0),
            trust_env=False,
        )
        self._say = say
        self._names: dict[str, str] = {}
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="narrator", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                self._follow()
            except (httpx.HTTPError, SSEError, msgspec.MsgspecError) as error:
                log.info("the hub's activity broke off: %s", error)
            self._stop.wait(COME_BACK_AFTER)

    def _follow(self) -> None:
        with connect_sse(self._client, "GET", "/api/activity") as source:
            for message in source.iter_sse():
                if self._stop.is_set():
                    return
                if message.event == "activity":
                    entry = msgspec.json.decode(message.data, type=Entry)
                    self._say(line(entry.at, entry.store, self._name(entry.subject), entry.action, entry.detail))

    def _name(self, subject: str) -> str:
        """What people call the order: 美团 #12. Empty for what is no order."""
        if subject not in self._names:
            answer = self._client.get(f"/api/orders/{subject}")
            seen = msgspec.json.decode(answer.content, type=OrderSeen).order if answer.is_success else None
            self._names[subject] = f"{CHANNELS.get(seen.channel, seen.channel)} #{seen.day_number}" if seen else ""
        return self._names[subject]


def line(at: int, store: str, order: str, what: str, detail: str) -> str:
    """As it stands on the terminal; Chinese characters take two cells there."""
    wide = sum(ord(character) > 0x7F for character in order)
    return f"{shown(at, '%H:%M:%S')}  {store:<5} {order:<{12 - wide}} {what:<18} {detail}"


def now_line(store: str, what: str) -> str:
    """For what the demo sees with its own eyes: paper."""
    return line(int(time.time() * 1000), store, "", "paper", what)
