"""How often somebody may ask, and whom a noisy neighbour can keep out: nobody."""

import asyncio
from pathlib import Path

import httpx
import pytest

from agent.access import access, sessions
from agent.access.limits import STRANGERS, Bucket, Rate
from agent.config import SecretsPlace, Settings
from tests.agent.shell.conftest import Agent, running
from tests.ports import free_port

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_a_bucket_gives_so_many_at_once_and_so_many_a_second() -> None:
    now = [0.0]
    bucket = Bucket(Rate(10.0, 3.0), lambda: now[0])
    assert [bucket.take() for _ in range(4)] == [True, True, True, False]
    now[0] += 0.1
    assert [bucket.take() for _ in range(2)] == [True, False]
    now[0] += 3600
    assert [bucket.take() for _ in range(4)] == [True, True, True, False]


async def test_guessing_is_slowed_and_the_clerk_is_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(access, "STRANGERS", Rate(0.1, STRANGERS.at_once))  # a slow machine gives time to fill up
    settings = Settings(data=str(tmp_path / "data"), page_port=free_port(), secrets=SecretsPlace.FILE)
    async with (
        running(settings) as agent,
        httpx.AsyncClient(base_url=agent.url, follow_redirects=True, timeout=30) as browser,
        httpx.AsyncClient(base_url=agent.url, timeout=30) as guesser,
    ):
        assert (await browser.get(await agent.link())).status_code == 200
        answers = [
            await guesser.get("/api/state", headers={"Authorization": f"Bearer guess{number}"})
            for number in range(int(STRANGERS.at_once) + 60)
        ]
        statuses = [answer.status_code for answer in answers]
        assert set(statuses) == {401, 429}
        assert answers[statuses.index(429)].headers["retry-after"] == "1"
        assert (await guesser.get("/?link=guess")).status_code == 429
        assert (await browser.get("/")).status_code == 200
        assert (await agent.client.get("/api/state")).status_code == 200
        assert (await guesser.get(await agent.link())).status_code == 303
        assert (await guesser.get("/health")).status_code == 200


async def test_a_noisy_holder_of_the_token_slows_himself_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sessions, "KNOWN", Rate(5.0, 20.0))
    settings = Settings(data=str(tmp_path / "data"), page_port=free_port(), secrets=SecretsPlace.FILE)
    async with running(settings) as agent, httpx.AsyncClient(base_url=agent.url, timeout=30) as browser:
        assert (await browser.get(await agent.link())).status_code == 303
        several = await asyncio.gather(*(agent.client.get("/page.css") for _ in range(60)))
        assert {answer.status_code for answer in several} == {200, 429}
        assert (await browser.get("/api/state")).status_code == 200
        await asyncio.sleep(1.0)
        assert (await agent.client.get("/api/state")).status_code == 200


async def test_the_log_is_not_filled_by_strangers(
    agent: Agent, stranger: httpx.AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(30):
        await stranger.get("/api/state", headers={"Host": "attacker.example\\evil"})
        await stranger.get("/api/state", headers={"Authorization": "Bearer guessed-by-a-stranger"})
    said = [record.getMessage() for record in caplog.records if record.name.startswith("agent.access")]
    assert len(said) <= 3
    assert not [line for line in said if "guessed" in line or "evil" in line]
