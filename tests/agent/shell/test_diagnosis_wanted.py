"""Headquarters asks a store to examine itself: it does, and reports what it found."""

import pytest

from domain.events import DiagnosisWanted, store_log
from tests.agent.shell.conftest import Agent
from tests.agent.shell.fake_hub import FakeHub
from tests.awaiting import until

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_asked_examined_and_reported(paired: Agent, hub: FakeHub) -> None:
    await until(lambda: hub.reports)
    assert hub.reports[-1].diagnosed_at is None, "the first diagnosis by itself comes two minutes after the start"
    await hub.tell(store_log("S1"), DiagnosisWanted())
    await until(lambda: hub.reports[-1].diagnosed_at is not None, within=60)
    await until(lambda: any(job.name == "doctor" and job.outcome == "ok" for job in hub.reports[-1].jobs), within=60)
