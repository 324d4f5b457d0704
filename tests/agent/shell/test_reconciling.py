"""What this agent has, held against what the hub says: what stands still without knowing it is begun anew, and only
that."""

from collections.abc import AsyncIterator, Iterator, Sequence
from functools import partial
from pathlib import Path

import msgspec
import pytest
import pytest_asyncio

from agent import set_aside
from agent.blobs.carrier import Carrier
from agent.file_logs import FileLog
from agent.files import CacheFile, WorkFile
from agent.follower import FollowedLog
from agent.following import Following
from agent.hub import Hub
from agent.line import Line, LineState
from agent.reconciling import Reconciling, StoodStill
from domain.events import CATALOGUE, Event, OrderUrged, store_log
from domain.protocol import Report
from tests.agent.shell.conftest import HURRIED
from tests.agent.shell.fake_hub import NOW, FakeHub
from tests.agent.shell.speaking import speaking
from tests.agent.shell.test_sending import MemoryOutbox
from tests.awaiting import until

pytestmark = pytest.mark.asyncio(loop_scope="module")
LOG = store_log("S1")
SILENT = msgspec.structs.replace(HURRIED, silence=600.0)
"""A stream that nothing comes through any more is not noticed: only a look can tell."""


@pytest.fixture
def work(tmp_path: Path) -> Iterator[WorkFile]:
    with WorkFile(tmp_path / "work.db", master_key=bytes(32)) as file:
        yield file


@pytest.fixture
def cache(tmp_path: Path) -> Iterator[CacheFile]:
    with CacheFile(tmp_path / "cache.db") as file:
        yield file


class Agent:
    """Follows its two logs, each over its real file."""

    def __init__(self, work: WorkFile, cache: CacheFile) -> None:
        self._work, self._cache = work, cache
        self.store, self.catalogue = FileLog(LOG, work), FileLog(CATALOGUE, cache)
        self.line = Line(work.now)
        self.following = Following(
            hub_at=Hub, session=speaking, logs=self._logs, outbox=MemoryOutbox(), report=self._report, line=self.line,
            carrier_of=partial(Carrier, work=work, patience=SILENT, spread=min), patience=SILENT, spread=min,
        )  # fmt: skip
        self.look = Reconciling(self.following, self._logs, self.line, work=work, cache=cache)

    async def _logs(self) -> Sequence[FollowedLog]:
        return self.store, self.catalogue

    async def _report(self) -> Report:
        return Report("", "boot", "1", NOW, (), 0, None)

    async def stopped(self) -> list[str]:
        return [each.log for each in (await set_aside.counts(self._work, self._cache)).stopped]


@pytest_asyncio.fixture(loop_scope="module")
async def agent(work: WorkFile, cache: CacheFile, hub: FakeHub) -> AsyncIterator[Agent]:
    """Up, and nothing that happens from now on comes through its stream."""
    hub.quiet = True
    await hub.tell(LOG, OrderUrged("o1", NOW))
    tell_unknown(hub)
    made = Agent(work, cache)
    await made.following.start(hub.url)
    await until(lambda: hub.streams == 1 and made.line.view.state is LineState.ONLINE)
    yield made
    await made.following.stop()


def tell_unknown(hub: FakeHub) -> None:
    """A stop-sale of a kind that only a newer program knows."""
    log = hub.log(CATALOGUE)
    seq = len(log.events) + 1
    log.events.append(Event(CATALOGUE, seq, "stop_sale.put", 1, NOW, msgspec.Raw(b"{}"), must_understand=True))


async def test_a_log_that_stands_for_a_known_reason_is_left_alone(agent: Agent, hub: FakeHub) -> None:
    assert await agent.stopped() == [CATALOGUE]
    assert [await agent.look() for _ in range(4)] == ["1 events behind"] * 4
    assert hub.opened == 1


async def test_one_that_stands_for_none_is_begun_anew_beside_it(agent: Agent, hub: FakeHub) -> None:
    await hub.tell(LOG, *[OrderUrged("o1", NOW)] * 2)
    assert await agent.look() == "3 events behind"
    with pytest.raises(StoodStill, match=f"^{LOG} did not move"):
        await agent.look()
    await until(lambda: hub.opened == 2 and agent.line.view.state is LineState.ONLINE)
    assert (await agent.store.cursor()).seq == 3
    assert [await agent.look() for _ in range(2)] == ["1 events behind"] * 2
