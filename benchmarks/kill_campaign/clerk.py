"""The people of one store: they pick by scanner what lies on paper, hand over, sell over the counter, count, and look
after slips of unknown fate. Whatever the store's computer is doing, they go on as soon as it answers."""

import itertools
import random
import threading
from typing import Any

import httpx

from benchmarks.kill_campaign.chain import COUNTED, PREFIXES
from benchmarks.kill_campaign.ear import Ear
from benchmarks.kill_campaign.shop import Away, Shop
from benchmarks.print_faults.paper import Key
from domain.quantity import ONE

VERDICT_S = 1.0
"""How long somebody waits for the beep before scanning again."""
IDLE_S = 0.1
_TO_PICK = ("assigned", "picking")


class Clerk:
    def __init__(self, shop: Shop, ear: Ear, seed: int, *, place: int) -> None:
        self.sold: set[str] = set()
        """Sales that the page said it has."""
        self.counted: list[int] = []
        """Counts that it said it has, in their order."""
        self.handed_over: set[str] = set()
        self._shop, self._ear, self._dice = shop, ear, random.Random(seed)
        self._codes = (f"{place}{number:012d}" for number in itertools.count(1))
        self._in_hand: dict[tuple[str, int], str] = {}
        """The pack that somebody holds for a line, until its verdict is heard."""
        self._stopping, self._slack = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"clerk of {shop.name}")

    def start(self) -> None:
        self._thread.start()

    def only_finish(self) -> None:
        """Sells and counts no more; what was begun is done."""
        self._slack.set()

    def stop(self) -> None:
        self._stopping.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                if not self._work():
                    self._stopping.wait(IDLE_S)
            except Away:
                self._stopping.wait(IDLE_S)
            except httpx.HTTPStatusError as error:
                if error.response.status_code >= httpx.codes.INTERNAL_SERVER_ERROR:
                    raise RuntimeError(f"the page failed: {error.response.text}") from error
                # a step that is not possible any more: the order was cancelled meanwhile, or another did it

    def _work(self) -> bool:
        """One thing; False when there is nothing to do."""
        if not self._slack.is_set():
            self._maybe_sell_or_count()
        cards = self._shop.get("/api/board")["cards"]
        for card in cards:
            if card["unsure"]:
                self._look_for_paper(card)
        open_cards = [card for card in cards if card["state"] != "cancelled"]
        for card in open_cards:
            if card["pick"] == "packed":
                self._shop.post(f"/api/orders/{card['order_id']}/hand-over", boxed=False)
                self.handed_over.add(card["order_id"])
                return True
            if card["pick"] in _TO_PICK and card["slip"] == "printed":
                self._pick(card["order_id"])
                return True
        return False

    def _look_for_paper(self, card: dict[str, Any]) -> None:
        slip = card["unsure"]
        key = Key(card["shown_id"], slip["kind"], slip["issue"], slip["copy"])
        self._shop.post(f"/api/slips/{slip['slip_id']}/resolve", printed=self._shop.papers.lies_there(key))

    def _pick(self, order_id: str) -> None:
        view = self._shop.get(f"/api/orders/{order_id}")
        if self._scan(view["code"]) is None:
            return
        while not self._stopping.is_set():
            view = self._shop.get(f"/api/orders/{order_id}")
            line = next((line for line in view["lines"] if line["missing"] > 0), None)
            if line is None or view["card"]["pick"] != "picking":
                return
            self._take(order_id, line["line"]["line_id"], line["line"]["sku"])

    def _take(self, order_id: str, line_id: int, sku: str) -> None:
        """The same pack until something is heard about it."""
        place = order_id, line_id
        code = self._in_hand.setdefault(place, PREFIXES[sku] + next(self._codes))
        if self._scan(code) is not None:
            del self._in_hand[place]

    def _scan(self, code: str) -> object:
        before = len(self._ear.verdicts)
        self._shop.scanner.scan(code)
        return self._ear.wait_for(code, before, VERDICT_S)

    def _maybe_sell_or_count(self) -> None:
        chance = self._dice.random()
        if chance < 0.04:
            lines = [{"sku": self._dice.choice(sorted(PREFIXES)), "quantity": ONE}]
            self.sold.add(self._shop.post("/api/sales", lines=lines)["sale_id"])
        elif chance < 0.06:
            counted = self._dice.randint(1, 500) * ONE
            self._shop.post("/api/counts", sku=COUNTED, counted=counted, reason="盘点")
            self.counted.append(counted)
