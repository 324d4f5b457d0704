"""A counter of a store: scans, steps and what is kept of them."""

from collections.abc import Callable
from typing import TypeVar

import msgspec
import pytest

from agent import judging, outbox, picks, trail
from agent.catalogue import Lookup
from agent.files import WorkFile
from agent.judging import Scanned
from agent.picking import standing, steps
from agent.picking.standing import Standing
from agent.staff import stations
from agent.transactions import Transaction
from domain.events import PolicySet, StaffSet
from domain.operations import OperationBody, decode_body
from domain.picks import Pick
from domain.policy import ChainPolicy
from domain.staff import Role, Staff, badge_digest
from domain.trail import Step, StepKind, flaws
from tests.agent.core.conftest import VirtualClock, cache, clock, hub, lookup, work
from tests.agent.core.hub import Hub

__all__ = ["VirtualClock", "cache", "clock", "hub", "lookup", "work"]
T = TypeVar("T")
B = TypeVar("B", bound=OperationBody)

GUN = "usb-gun"
BADGES = {name: f"YB{name.upper():0>12}" for name in ("zhang", "wang", "chen")}
PICKER = Staff("k1", "小张", (Role.PICKER,), badge=badge_digest(BADGES["zhang"]))
CHECKER = Staff("c1", "老王", (Role.PICKER, Role.CHECKER), badge=badge_digest(BADGES["wang"]))
MANAGER = Staff("m1", "陈店长", (Role.MANAGER,), badge=badge_digest(BADGES["chen"]))


def pack(number: int, prefix: str = "8123456") -> str:
    return f"{prefix}{number:013d}"


class Counter:
    def __init__(self, work: WorkFile, hub: Hub, lookup: Lookup, clock: VirtualClock) -> None:
        self.work, self.hub, self.lookup, self.clock = work, hub, lookup, clock

    def scan(self, text: str, device: str = GUN, *, order_id: str | None = None, typed: bool = False) -> Scanned:
        self.clock.advance(1)
        return self.do(lambda tx: judging.scan(tx, text.encode(), device, self.lookup, order_id=order_id, typed=typed))

    def do(self, step: Callable[[Transaction], T]) -> T:
        return self.work.write(step)

    def start(self, order_id: str = "o1", station: str = "page:1") -> Pick:
        return self.do(lambda tx: steps.start(tx, order_id, self.lookup, stations.worker(tx, station)))

    def pick(self, order_id: str = "o1") -> Pick:
        return self.work.read(lambda reading: picks.load(reading, order_id))

    def standing(self, order_id: str = "o1", station: str = "page:1") -> Standing:
        return self.work.read(lambda reading: standing.standing(reading, order_id, station, self.lookup))

    def policy(self, **fields: object) -> None:
        self.hub.tell(PolicySet(msgspec.structs.replace(ChainPolicy(), **fields)))

    def employ(self, *staff: Staff) -> None:
        self.hub.tell(StaffSet(staff))

    def steps(self, order_id: str = "o1") -> list[Step]:
        """Its trail, which must hold."""
        found = list(self.work.read(lambda reading: trail.steps(reading, order_id)))
        assert flaws(found) == []
        return found

    def said(self, kind: StepKind, order_id: str = "o1") -> list[dict[str, object]]:
        """The details of its steps of this kind."""
        return [msgspec.json.decode(step.detail) for step in self.steps(order_id) if step.kind is kind]

    def told(self, kind: type[B]) -> list[B]:
        """What headquarters will hear, of one kind."""
        bodies = map(decode_body, self.work.read(lambda reading: outbox.pending(reading)))
        return [body for body in bodies if isinstance(body, kind)]


@pytest.fixture
def counter(work: WorkFile, hub: Hub, lookup: Lookup, clock: VirtualClock) -> Counter:
    return Counter(work, hub, lookup, clock)
