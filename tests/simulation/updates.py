"""Who runs an older program at first, and when that is updated: in the middle of a day like any other."""

from collections.abc import Collection
from functools import partial
from random import Random
from typing import TYPE_CHECKING

from domain import operations
from domain.events import (
    CodesListed,
    CodesUnlisted,
    ExceptionClosed,
    ExceptionOpened,
    OrderAdvanced,
    OrderCancelled,
    OrderChanged,
    OrderUrged,
    RefundChanged,
    StockSet,
)
from tests.simulation.agent_node import AgentNode
from tests.simulation.hub_node import HubNode
from tests.simulation.programs import NEWEST, Program, older_agent, older_hub

if TYPE_CHECKING:
    from tests.simulation.world import World

EVENTS = tuple(
    body.kind
    for body in (
        OrderChanged, OrderAdvanced, OrderCancelled, OrderUrged, RefundChanged, ExceptionOpened, ExceptionClosed,
        StockSet, CodesListed, CodesUnlisted,
    )
)  # fmt: skip
"""Of which an older agent does not know one or two. `CodesListed` must be understood."""
OPERATIONS = tuple(
    body.kind
    for body in (
        operations.AcceptOrder, operations.AnswerRefund, operations.OrderHandedOver, operations.PickCompleted,
        operations.PickStarted, operations.ReportShort, operations.SaleRecorded, operations.SettleException,
        operations.SlipChanged, operations.StockCounted, operations.TrailGrown,
    )
)  # fmt: skip
"""Of which an older hub does not know one or two: all that a simulated store says."""


class Updates:
    def __init__(self, world: "World") -> None:
        self._world = world
        self._dice = world.random("programs")

    def install(self) -> None:
        """Before anybody starts for the first time."""
        world, weather = self._world, self._world.weather
        for store, agent in world.agents.items():
            if self._dice.random() < weather.older_agents:
                unknown = some(EVENTS, self._dice)
                self._is_older(agent, store, older_agent(unknown), unknown)
        if self._dice.random() < weather.older_hub:
            unknown = some(OPERATIONS, self._dice)
            self._is_older(world.hub, "hub", older_hub(unknown), unknown)

    def _is_older(self, node: AgentNode | HubNode, name: str, program: Program, unknown: Collection[str]) -> None:
        node.program = program
        self._world.recorder.record("older", node=name, unknown=unknown)
        self._world.happened["older_hub" if name == "hub" else "older_agent"] += 1

    def begin(self, hours: float) -> None:
        """Before so much time is over, everybody is up to date."""
        nodes: list[AgentNode | HubNode] = [self._world.hub, *self._world.agents.values()]
        for node in nodes:
            if node.program.is_older:
                self._world.loop.call_later(self._dice.uniform(0.0, hours * 3600), partial(update, node))


def update(node: AgentNode | HubNode) -> None:
    """Its watchdog starts what is installed now."""
    node.program = NEWEST
    node.crash()


def some(kinds: Collection[str], dice: Random) -> list[str]:
    return sorted(dice.sample(sorted(kinds), dice.choice((1, 2))))
