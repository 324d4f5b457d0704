"""A clerk at the counter of a simulated store: accepts, picks by scanning, hands over, sells, counts, answers.

Every step is the agent's own (`agent.picking`, `agent.judging`, `agent.stock`) in a transaction of the work file. What
may not be now is left, and tried again later, as people do.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from random import Random
from typing import TypeVar

import msgspec

from agent import judging, picks, settling, stock, store
from agent.errors import StorageError, WorkRefused
from agent.line import LineState
from agent.picking import shortage, steps
from agent.picking.shortage import Short
from agent.transactions import Reading, Transaction
from domain.exceptions import Choice, ExceptionKind
from domain.operations import SaleLine, ShortChoice
from domain.orders import AcceptRule, OrderLine, OrderState
from domain.picks import PickState
from domain.quantity import ONE, units
from tests.simulation.agent_node import AgentNode, RunningAgent
from tests.simulation.goods import COMMON, PRODUCTS, RARE, Shelf
from tests.simulation.recording import Recorder

T = TypeVar("T")
STATION = "page:1"
GLANCES = (30.0, 120.0, 600.0)
"""Seconds between two looks at the screen: one for each store and seed."""
ABOUT_GOODS = (ExceptionKind.SHORT, ExceptionKind.OVERSOLD)


class Clerk:
    """Works at whatever agent runs in the store; while none does, waits."""

    def __init__(self, node: AgentNode, shelf: Shelf, random: Random, recorder: Recorder) -> None:
        self._node, self._shelf, self._random, self._recorder = node, shelf, random, recorder
        self._in_hand: dict[tuple[str, int], str] = {}
        """What was being scanned, for which line, when the computer went down."""
        self._glance = random.choice(GLANCES)
        self.hands_over = 0.4
        """So often, at a glance, a rider stands there for what is packed."""

    async def work(self) -> None:
        while True:
            await asyncio.sleep(self._random.uniform(0.5, 1.5) * self._glance)
            agent = self._node.running
            if agent is None or not agent.process.alive or self._waits_for_contact(agent):
                continue
            await self.look_round(agent)
            await self._at_the_counter(agent)

    async def _at_the_counter(self, agent: RunningAgent) -> None:
        """What happens beside the orders, as often wherever people look at the screen."""
        for _ in range(round(self._glance / GLANCES[0])):
            what = self._random.random()
            if what < 0.05:
                await self.sell(agent)
            elif what < 0.06:
                await self.count(agent)

    def _waits_for_contact(self, agent: RunningAgent) -> bool:
        """Whoever put a disk back says so: nobody picks what may lie in its bag already."""
        self._node.unsure = self._node.unsure and agent.line.view.state is not LineState.ONLINE
        return self._node.unsure

    async def look_round(self, agent: RunningAgent) -> None:
        """Does what there is to do; the computer may go down under the clerk's hands."""
        with suppress(StorageError):
            await self._see_to_all(agent)

    async def begin(self, agent: RunningAgent) -> None:
        """Opens what waits to be picked, and is called away."""
        for order_id, _, _ in await agent.work.aread(_to_do):
            await self._do(agent, partial(steps.start, order_id=order_id, lookup=agent.lookup))

    async def _see_to_all(self, agent: RunningAgent) -> None:
        for order_id, state, pick in await agent.work.aread(_to_do):
            await self._see_to(agent, order_id, state, pick)
        await self._answer(agent)

    async def _see_to(self, agent: RunningAgent, order_id: str, state: OrderState, pick: PickState) -> None:
        if state is OrderState.PLACED and await agent.work.aread(_accepts):
            await self._do(agent, partial(steps.accept, order_id=order_id))
        elif pick in (PickState.ASSIGNED, PickState.PICKING):
            await self._pick(agent, order_id)
        elif pick is PickState.PACKED and self._random.random() < self.hands_over:
            await self._do(agent, partial(steps.hand_over, order_id=order_id, lookup=agent.lookup))

    async def _do(self, agent: RunningAgent, step: Callable[[Transaction], T]) -> T | None:
        with suppress(WorkRefused, StorageError):
            return await agent.work.awrite(step)
        return None

    async def _pick(self, agent: RunningAgent, order_id: str) -> None:
        if await self._do(agent, lambda tx: steps.start(tx, order_id, agent.lookup)) is None:
            return
        pick = await agent.work.aread(lambda reading: picks.load(reading, order_id))
        for line in pick.lines:
            for _ in range(pick.missing(line) // ONE):
                if not await self._scan_one(agent, order_id, line):
                    return
            await asyncio.sleep(self._random.uniform(0.0, 10.0))

    async def _scan_one(self, agent: RunningAgent, order_id: str, line: OrderLine) -> bool:
        """False: nothing more can be done for this order now."""
        assert line.sku is not None
        in_hand = self._in_hand.pop((order_id, line.line_id), None)
        pack = in_hand or self._shelf.take(line.sku)
        if pack is None:
            await self._report_short(agent, order_id, line)
            return False
        raw = pack.encode()
        try:
            scanned = await agent.work.awrite(
                lambda tx: judging.scan(tx, raw, STATION, agent.lookup, order_id=order_id)
            )
        finally:
            if not agent.process.alive:  # nobody knows what was kept: the same pack is scanned again
                self._in_hand[order_id, line.line_id] = pack
        if not scanned.verdict.good and in_hand is None:  # else it lay in the bag already, and was kept
            self._shelf.put_back(line.sku, pack)
        return scanned.verdict.good

    async def _report_short(self, agent: RunningAgent, order_id: str, line: OrderLine) -> None:
        choice = self._random.choice((ShortChoice.PART_REFUND, ShortChoice.GIVE_BACK))
        actor = steps.AT_PAGE
        await self._do(
            agent,
            lambda tx: shortage.report(tx, order_id, Short(line.line_id, ONE, choice), actor, agent.lookup),
        )

    async def _answer(self, agent: RunningAgent) -> None:
        for exception_id, kind, lines in await agent.work.aread(_open_exceptions):
            choice, found = self._choice(kind, lines)
            settle = partial(settling.settle_exception, exception_id=exception_id, choice=choice, found=found)
            await self._do(agent, settle)
        for order_id, refund_id in await agent.work.aread(_open_refunds):
            agree = self._random.random() < 0.7
            answer = partial(
                settling.answer_refund, order_id=order_id, refund_id=refund_id, agree=agree, reason="已拆封"
            )
            await self._do(agent, answer)

    def _choice(self, kind: ExceptionKind, lines: tuple[int, ...]) -> tuple[Choice, dict[int, int]]:
        if kind not in ABOUT_GOODS:
            return Choice.SEEN, {}
        there = len(self._shelf.packs[RARE.sku])
        if there and self._random.random() < 0.8:
            return Choice.FOUND, {line: units(there) for line in lines}
        return self._random.choice((Choice.PART_REFUND, Choice.CANCEL)), {}

    async def sell(self, agent: RunningAgent, sku: str = "") -> None:
        sku = sku or (RARE.sku if self._random.random() < 0.3 else self._random.choice(PRODUCTS[:COMMON]).sku)
        pack = self._shelf.take(sku)
        if pack is None:
            return
        sale = await self._do(agent, lambda tx: stock.record_sale(tx, [SaleLine(sku, units(1), (pack,))]))
        self._recorder.record("counter_sale", store=self._node.name, sale=sale, sku=sku, code=pack)

    async def count(self, agent: RunningAgent) -> None:
        """A delivery of the rare goods came, and is counted."""
        self._shelf.fill(RARE, 2)
        there = units(len(self._shelf.packs[RARE.sku]))
        await self._do(agent, lambda tx: stock.count_stock(tx, RARE.sku, there, "到货"))


def _to_do(reading: Reading) -> list[tuple[str, OrderState, PickState]]:
    rows = reading.db.execute(
        "SELECT o.order_id, o.state, p.state AS pick FROM orders o JOIN picks p USING (order_id)"
        " WHERE o.closed_at IS NULL ORDER BY o.placed_at, o.order_id"
    )
    return [(row["order_id"], OrderState(row["state"]), PickState(row["pick"])) for row in rows]


def _accepts(reading: Reading) -> bool:
    return store.identity(reading).accept is AcceptRule.CLERK


def _open_exceptions(reading: Reading) -> list[tuple[str, ExceptionKind, tuple[int, ...]]]:
    rows = reading.db.execute(
        "SELECT exception_id, kind, lines FROM exceptions"
        " WHERE closed_at IS NULL AND choice IS NULL ORDER BY exception_id"
    )
    decode = msgspec.json.Decoder(tuple[int, ...]).decode
    return [(row["exception_id"], ExceptionKind(row["kind"]), decode(row["lines"])) for row in rows]


def _open_refunds(reading: Reading) -> list[tuple[str, str]]:
    rows = reading.db.execute(
        "SELECT order_id, refund_id FROM refunds WHERE state IN ('asked', 'appealed') AND answer IS NULL"
        " ORDER BY order_id, refund_id"
    )
    return [(row["order_id"], row["refund_id"]) for row in rows]
