from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from agent.catalogue import Lookup, lookup_in
from agent.files import CacheFile, WorkFile
from domain.times import Millis
from tests.agent.core.hub import AMOXICILLIN, IBUPROFEN, NOON, Hub

MASTER_KEY = bytes(range(32))


class VirtualClock:
    def __init__(self, at: Millis = NOON) -> None:
        self.at = at

    def __call__(self) -> Millis:
        return self.at

    def advance(self, by: Millis) -> None:
        self.at += by


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock()


@pytest.fixture
def work(tmp_path: Path, clock: VirtualClock) -> Iterator[WorkFile]:
    with WorkFile(tmp_path / "work.db", master_key=MASTER_KEY, clock=clock, randomness=Random(7).randbytes) as file:
        yield file


@pytest.fixture
def cache(tmp_path: Path, clock: VirtualClock) -> Iterator[CacheFile]:
    with CacheFile(tmp_path / "cache.db", clock=clock) as file:
        yield file


@pytest.fixture
def hub(work: WorkFile, cache: CacheFile) -> Hub:
    hub = Hub(work, cache)
    hub.teach(AMOXICILLIN, IBUPROFEN)
    return hub


@pytest.fixture
def lookup(cache: CacheFile) -> Lookup:
    return lookup_in(cache)
