"""A store whose colleagues headquarters told: a picker with a PIN and a badge, a pharmacist with a PIN."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random

import pytest

from agent import store
from agent.apply import apply_page
from agent.files import WorkFile
from agent.staff import pins
from domain.events import EventBody, PolicySet, StaffSet
from domain.policy import ChainPolicy
from domain.protocol import Head, Page
from domain.staff import Role, Staff, badge_digest
from tests.agent.core.conftest import MASTER_KEY, VirtualClock
from tests.agent.core.hub import LOG, STORE, event

BADGE = "YB0123456789AB"
PIN, PHARMACIST_PIN = "273645", "918273"


@dataclass
class Store:
    """What `prove` asks of the agent's parts, and headquarters' word."""

    work: WorkFile
    clock: VirtualClock
    told: int = 0

    def tell(self, *bodies: EventBody) -> None:
        events = tuple(event(self.told + place, body) for place, body in enumerate(bodies, 1))
        self.told += len(bodies)
        applied = self.work.write(lambda tx: apply_page(tx, Page(Head(LOG, "first", self.told), events)))
        assert applied.applied == len(bodies), applied

    def policy(self, policy: ChainPolicy) -> None:
        self.tell(PolicySet(policy))

    def staff(self, *staff: Staff) -> None:
        self.tell(StaffSet(staff))


@pytest.fixture(scope="session")
def hashes() -> dict[str, str]:
    return {pin: asyncio.run(pins.hashed(pin)) for pin in (PIN, PHARMACIST_PIN)}


@pytest.fixture
def zhang(hashes: dict[str, str]) -> Staff:
    return Staff("zhang", "张三", (Role.PICKER,), hashes[PIN], badge_digest(BADGE))


@pytest.fixture
def wang(hashes: dict[str, str]) -> Staff:
    return Staff("wang", "王药师", (Role.PHARMACIST, Role.CHECKER), hashes[PHARMACIST_PIN], licence="ZY00123")


@pytest.fixture
def shop(tmp_path: Path, zhang: Staff, wang: Staff) -> Iterator[Store]:
    clock = VirtualClock()
    with WorkFile(tmp_path / "work.db", master_key=MASTER_KEY, clock=clock, randomness=Random(7).randbytes) as work:
        work.write(lambda tx: store.pair(tx, hub_url="http://hub", chain="c", store=STORE, name="一店"))
        made = Store(work, clock)
        made.staff(zhang, wang)
        yield made
