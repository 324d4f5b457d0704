"""The chain's mini-program: orders at a steady rate, each sent again until the hub has answered it, some cancelled.

What was answered is what must be found in the end; what was not may be there or not, and never twice.
"""

import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx

from benchmarks.kill_campaign.chain import KEY, PREFIXES, Chain

ANSWER_S, TRY_AGAIN_S = 3.0, 0.1
BUYERS, _LOOK_S = 4, 0.1
CANCELLED, TWICE = 0.06, 0.1
"""Shares of orders that are cancelled soon after, and that are sent a second time although they were answered."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """One order. `lines` are packs by SKU."""

    number: int
    store: str
    lines: dict[str, int]

    @property
    def theirs(self) -> str:
        return f"WX-{self.number:06d}"

    @property
    def shown_id(self) -> str:
        return f"2706{self.number:08d}"

    def body(self) -> dict[str, Any]:
        return {
            "order_id": self.theirs, "shop": self.store, "shown_id": self.shown_id, "day_number": self.number,
            "placed_at": "2026-11-21T08:00:00+08:00", "total": 1000 * sum(self.lines.values()),
            "lines": [
                {"sku": sku, "name": f"药品{sku}", "quantity": packs, "price": 1000}
                for sku, packs in self.lines.items()
            ],
            "recipient": {"name": "测试", "phone": "13800000000", "address": "测试小区"},
        }  # fmt: skip


@dataclass(slots=True)
class Ledger:
    """What the buyers know. `answered` are the hub's ids by their own."""

    asked: set[str] = field(default_factory=set)
    answered: dict[str, str] = field(default_factory=dict)
    cancelled: set[str] = field(default_factory=set)
    """Answered as cancelled, too."""
    doomed: set[str] = field(default_factory=set)
    """Somebody asked to cancel them; whether it was heard is another matter."""


def orders(count: int, stores: tuple[str, ...], seed: int) -> list[Wanted]:
    dice = random.Random(seed)
    return [
        Wanted(number, dice.choice(stores), {sku: dice.randint(1, 2) for sku in _few(dice)})
        for number in range(1, count + 1)
    ]


def _few(dice: random.Random) -> list[str]:
    return dice.sample(sorted(PREFIXES), dice.choice((1, 1, 2)))


class Buyers:
    """Several at once, as long as the stores keep up. `start`, then `stop`: who waits for an answer gets it first."""

    def __init__(
        self, hub: Chain, wanted: list[Wanted], per_second: float, seed: int, *, keep_up: Callable[[], bool]
    ) -> None:
        self.ledger, self._keep_up = Ledger(), keep_up
        self._hub, self._waiting, self._pause, self._dice = hub, iter(wanted), 1 / per_second, random.Random(seed)
        self._lock, self._stopping = threading.Lock(), threading.Event()
        self._next_at = time.monotonic()
        self._threads = [threading.Thread(target=self._buy, name=f"buyer {number}") for number in range(BUYERS)]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def wait(self) -> None:
        """Until every order that is wanted has been answered."""
        for thread in self._threads:
            thread.join()

    def stop(self) -> None:
        """No new orders; returns once everything that was asked is answered."""
        self._stopping.set()
        self.wait()

    def _buy(self) -> None:
        headers = {"Authorization": f"Bearer {KEY}"}
        with httpx.Client(base_url=self._hub.url, headers=headers, timeout=ANSWER_S, trust_env=False) as client:
            while (wanted := self._next()) is not None:
                self._order(client, wanted)

    def _next(self) -> Wanted | None:
        with self._lock:
            self._next_at = max(self._next_at + self._pause, time.monotonic() - 1.0)
            wait, wanted = self._next_at - time.monotonic(), next(self._waiting, None)
        stopped = self._stopping.wait(max(0.0, wait))
        while not stopped and not self._keep_up():
            stopped = self._stopping.wait(_LOOK_S)
        return None if stopped else wanted

    def _order(self, client: httpx.Client, wanted: Wanted) -> None:
        theirs = wanted.theirs
        self.ledger.asked.add(theirs)
        answer = self._until_answered(client, "/channels/own/orders", wanted.body())
        self.ledger.answered[theirs] = answer["hub_order_id"]
        if self._dice.random() < TWICE:
            self._until_answered(client, "/channels/own/orders", wanted.body())
        if self._dice.random() < CANCELLED:
            self.ledger.doomed.add(theirs)
            self._stopping.wait(self._dice.uniform(0.0, 2.0))
            self._until_answered(client, f"/channels/own/orders/{theirs}/cancel", {"by": "customer"})
            self.ledger.cancelled.add(theirs)

    def _until_answered(self, client: httpx.Client, path: str, body: dict[str, Any]) -> Any:
        """A timeout is unknown: the same again, until the hub says that it has it."""
        while True:
            try:
                answer = client.post(path, json=body)
            except httpx.HTTPError:
                time.sleep(TRY_AGAIN_S)
                continue
            if answer.is_success:
                return answer.json()
            if answer.status_code < httpx.codes.INTERNAL_SERVER_ERROR:
                raise RuntimeError(f"the hub refused {path}: {answer.status_code} {answer.text}")
            time.sleep(TRY_AGAIN_S)
