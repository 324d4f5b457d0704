"""Property: no honest computer is ever frozen, wherever it is restarted and however late its packets come; two that are
one always are, at the latest when both have asked twice."""

from collections import deque
from dataclasses import dataclass
from random import Random

import pytest

from cloud import agents, clones, sessions
from cloud.clones import Boots
from cloud.errors import Frozen, HubError
from cloud.sessions import Begun
from cloud.tokens import Nonce
from domain.protocol import Known, SessionRequest
from tests.cloud.hub import CHAIN, STORE, Hub

DEVICE = "device-1"


def paired(hub: Hub) -> None:
    with hub.transaction() as tx:
        code = agents.new_code(tx, STORE).code
    hub.pair(code, DEVICE)


@dataclass
class Asked:
    """A request on its way: written by a run with the newest nonce it had heard of."""

    boot: str
    nonce: Nonce


class Network:
    """Delivers late, out of order, twice or never."""

    def __init__(self, hub: Hub, random: Random) -> None:
        self.hub, self.random = hub, random
        self.under_way: deque[Asked] = deque()

    def nonce(self) -> Nonce:
        with self.hub.database.read() as connection:
            return sessions.admitted(connection, CHAIN, Known(DEVICE, DEVICE.encode()))

    def send(self, boot: str, nonce: Nonce) -> None:
        self.under_way.append(Asked(boot, nonce))

    def deliver(self) -> Begun | Frozen | None:
        """One of those under way, perhaps to come again."""
        if not self.under_way:
            return None
        self.under_way.rotate(self.random.randrange(len(self.under_way)))
        asked = self.under_way[0] if self.random.random() < 0.2 else self.under_way.popleft()
        return self.take(asked)

    def take(self, asked: Asked) -> Begun | Frozen | None:
        request = SessionRequest(DEVICE, DEVICE.encode(), "", "life", asked.boot, "1")
        try:
            with self.hub.transaction() as tx:
                return sessions.begin(tx, request, asked.nonce)
        except Frozen as error:
            return error
        except HubError:
            return None


def honest_life(hub: Hub, random: Random, steps: int) -> None:
    """Its runs follow each other. What a run knows dies with it; what it sent may come at any time."""
    network, run, nonce = Network(hub, random), 1, None
    for _ in range(steps):
        match random.choice(("challenge", "ask", "ask", "deliver", "deliver", "lose", "restart")):
            case "challenge":
                nonce = network.nonce()
            case "ask" if nonce is not None:
                network.send(f"run-{run}", nonce)
            case "deliver":
                assert not isinstance(network.deliver(), Frozen)
            case "lose" if network.under_way:
                network.under_way.popleft()
            case "restart":
                run, nonce = run + 1, None
    while network.under_way:
        assert not isinstance(network.deliver(), Frozen)


@pytest.mark.parametrize("seed", range(12))
def test_no_honest_computer_is_frozen(hub: Hub, seed: int) -> None:
    paired(hub)
    honest_life(hub, Random(seed), 120)


@pytest.mark.parametrize("seed", range(12))
def test_two_that_are_one_are_frozen(hub: Hub, seed: int) -> None:
    """Each asks again and again, as agents do; each is restarted at times, but not before every single question."""
    paired(hub)
    random = Random(seed)
    network, runs = Network(hub, random), [1, 1]
    asked_twice = [0, 0]
    for _ in range(200):
        who = random.randrange(2)
        if random.random() < 0.1:
            runs[who] += 1
            asked_twice[who] = 0
        answer = network.take(Asked(f"{who}-{runs[who]}", network.nonce()))
        if isinstance(answer, Frozen):
            return
        asked_twice[who] += 1
        assert min(asked_twice) < 3, "both have asked thrice, one after the other"
    raise AssertionError("never noticed")


def test_the_rule_itself() -> None:
    first = clones.spoke(Boots(), "a")
    assert first == Boots("a") and clones.spoke(Boots("a"), "a") == first
    second = clones.spoke(Boots("a"), "b")
    assert second == Boots("b", ("a",))
    assert clones.spoke(Boots("b", ("a",)), "a") is None


def test_the_remembered_runs_have_an_end() -> None:
    boots = Boots()
    for run in range(100):
        heard = clones.spoke(boots, f"run-{run}")
        assert heard is not None
        boots = heard
    assert len(boots.before) == clones.REMEMBERED and boots.before[0] == "run-98"
