"""The scheduled jobs and the data files, over the local API and on the diagnosis page; a file damaged at work."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random

import pytest
from playwright.async_api import Browser, expect

from agent.config import SecretsPlace, Settings
from agent.engine import sqlite3
from agent.errors import AgentError
from agent.jobs.api import HealthView
from agent.jobs.job import Outcome
from agent.local_api import Done
from agent.local_client import LocalClient
from agent.storage.story import Kind
from tests.agent.browsing import browser, clean_page
from tests.agent.shell.conftest import Agent, running
from tests.agent.storage import store_files
from tests.agent.storage.conftest import made
from tests.awaiting import seen
from tests.ports import free_port
from tests.waiting import until

__all__ = ["browser", "made"]


@pytest.mark.asyncio(loop_scope="module")
async def test_a_job_runs_on_request_and_is_told(agent: Agent) -> None:
    before = await agent.get("/api/health", HealthView)
    assert {job.name for job in before.jobs} >= {"report", "reconcile", "backup", "check", "retention", "doctor"}
    assert all(job.next_at is not None for job in before.jobs) and before.data.backups == ()
    assert (await agent.post("/api/jobs/backup/run", {})).status_code == 200

    async def health() -> HealthView:
        return await agent.get("/api/health", HealthView)

    after = await seen(health, lambda view: _outcome(view, "backup") is Outcome.OK)
    assert len(after.data.backups) == 1 and after.data.free > 0
    assert (await agent.post("/api/jobs/nothing/run", {})).status_code == 404


def _outcome(view: HealthView, name: str) -> Outcome:
    return next(job.outcome for job in view.jobs if job.name == name)


@pytest.mark.browser
@pytest.mark.asyncio(loop_scope="module")
async def test_what_befell_the_files_stands_on_the_page_until_it_was_seen(
    made: Path, tmp_path: Path, browser: Browser, keyring_as_found: None
) -> None:
    data = _unpaired(made, tmp_path)
    store_files.first_page(data / "cache.db", Random(1))
    settings = Settings(data=str(data), page_port=free_port(), secrets=SecretsPlace.FILE)
    async with running(settings) as agent, clean_page(browser) as page:
        await page.goto(await agent.link("/doctor"))
        await expect(page.locator("#status")).to_contain_text("商品资料文件曾损坏")
        await page.locator("[data-run=retention]").click()
        await expect(page.locator(".job", has_text="清理过期数据")).to_contain_text("成功")
        await page.locator("[data-seen]").click()
        await expect(page.locator("#status")).not_to_contain_text("商品资料文件曾损坏")
        assert (await agent.state()).happened == ()


def _unpaired(made: Path, tmp_path: Path) -> Path:
    path = store_files.copy(made, tmp_path / "data")
    with sqlite3.connect(path) as db:
        db.execute("DELETE FROM facts WHERE name = 'hub_url'")
        db.execute("UPDATE slips SET state = 'printed'")
    db.close()
    secrets = path.with_name("secrets.json")
    secrets.write_text(json.dumps({"yaolink-agent": {"master-key": store_files.MASTER_KEY.hex()}}), encoding="utf-8")
    secrets.chmod(0o600)
    return path.parent


def test_a_file_damaged_at_work_is_rebuilt_by_the_same_process(made: Path, tmp_path: Path) -> None:
    data, config = _unpaired(made, tmp_path), tmp_path / "agent.toml"
    settings = Settings(data=str(data), page_port=free_port(), secrets=SecretsPlace.FILE)
    config.write_text(f'data = "data"\nsecrets = "file"\npage_port = {settings.page_port}\n', encoding="utf-8")
    before = store_files.pending(data / "work.db")
    with _agent(config) as process:
        client = LocalClient(settings)
        _told(client)
        _overwrite_root(data / "work.db", "papers")
        client.post("/api/jobs/check/run", {}, Done)
        health = _told(client, Kind.WORK_REBUILT)
        assert health.data.aside and process.poll() is None
    assert before.keys() <= store_files.pending(data / "work.db").keys()


@contextmanager
def _agent(config: Path) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-m", "agent.cli", "--config", str(config), "run"]
    with subprocess.Popen(command) as process:
        try:
            yield process
        finally:
            process.send_signal(signal.SIGTERM)


def _told(client: LocalClient, kind: Kind | None = None) -> HealthView:
    """Once the agent answers, and, if a kind is named, has told it."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            health = client.get("/api/health", HealthView)
            if kind is None or kind in {told.what.kind for told in health.data.told}:
                return health
        except AgentError:  # it does not answer at this moment
            time.sleep(0.1)
    raise AssertionError("the agent did not tell it")


def _overwrite_root(path: Path, table: str) -> None:
    db = sqlite3.connect(path)
    until(lambda: db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0] == 0)  # all is there, nobody reads
    root = db.execute("SELECT rootpage FROM sqlite_schema WHERE name = ?", (table,)).fetchone()[0]
    db.close()
    with path.open("rb+") as file:
        file.seek((root - 1) * store_files.PAGE)
        file.write(Random(1).randbytes(store_files.PAGE))
