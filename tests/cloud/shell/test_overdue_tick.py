"""The hub looks by itself for orders that nobody applied, and takes back what it said once an agent has them."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from cloud import app
from domain.times import HOUR
from tests.cloud.shell.serving import RunningHub
from tests.waiting import eventually


@pytest.fixture
def impatient(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[RunningHub]:
    monkeypatch.setattr(app, "OVERDUE_SECONDS", 0.1)
    running = RunningHub(tmp_path / "data", not_applied_after=3600).start()
    yield running
    running.close()


def open_kinds(operator: httpx.Client) -> list[str]:
    return [row["kind"] for row in operator.get("/api/exceptions").json()]


def until(operator: httpx.Client, wanted: list[str]) -> None:
    eventually(lambda: open_kinds(operator) == wanted, f"the open exceptions are {wanted}")


def test_an_order_without_an_agent_is_an_exception_until_one_applies_it(impatient: RunningHub) -> None:
    operator = impatient.operator()
    impatient.order("A1")
    assert open_kinds(operator) == []
    impatient.ahead = 2 * HOUR
    until(operator, ["not_applied"])
    agent = impatient.client(impatient.pair())
    head = agent.get("/edge/events", params={"after": "store:S1@:0"}).json()["head"]
    assert open_kinds(operator) == ["not_applied"]
    agent.get("/edge/events", params={"after": f"store:S1@{head['log_id']}:{head['seq']}"})
    until(operator, [])
