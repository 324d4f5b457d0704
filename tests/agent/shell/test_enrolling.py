"""A store that pairs by itself: at once, after days, never by a code that was refused, and never twice."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from agent.config import Settings
from agent.status import in_words
from tests.agent.shell.conftest import Agent, running
from tests.agent.shell.fake_hub import FakeHub, problem
from tests.awaiting import seen, until

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.usefixtures("keyring_as_found")]
GOOD, WRONG = "ABCD0123EFGH4567", "0000000000000000"
BUSY = problem(503, "busy", "try again")


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """Where agent.toml would be; the settings themselves come from the fixture."""
    folder = tmp_path / "etc"
    folder.mkdir()
    return folder / "agent.toml"


def prepare(config: Path, url: str, code: str = GOOD) -> Path:
    path = config.with_name("pairing.toml")
    path.write_text(f'hub = "{url}"\ncode = "{code}"\n', encoding="utf-8")
    return path


def no_longer(path: Path) -> Callable[[], bool]:
    return lambda: not path.exists()


async def enrolling(agent: Agent, holds: Callable[[str], object]) -> str:
    async def look() -> str:
        return (await agent.state()).enrolling

    return await seen(look, holds)


async def test_it_pairs_and_the_file_goes(settings: Settings, config: Path, hub: FakeHub) -> None:
    path = prepare(config, hub.url)
    async with running(settings, config) as agent:
        await until(no_longer(path))
        await until(lambda: hub.streams == 1)
        state = await agent.state()
    assert (state.store, state.hub, state.enrolling) == ("S1", hub.url, "")
    assert len(hub.pair_requests) == 1


async def test_a_file_that_comes_after_the_start_is_found(settings: Settings, config: Path, hub: FakeHub) -> None:
    async with running(settings, config):
        path = prepare(config, hub.url)
        await until(no_longer(path))


async def test_a_hub_out_of_reach_is_asked_until_it_answers(settings: Settings, config: Path, hub: FakeHub) -> None:
    hub.not_pairing = BUSY
    path = prepare(config, hub.url)
    async with running(settings, config) as agent:
        said = await enrolling(agent, bool)
        await until(lambda: len(hub.pair_requests) >= 3)
        assert "not ready" in said and GOOD not in said
        assert "pairing  " in in_words(await agent.state())
        assert path.exists()
        hub.not_pairing = None
        await until(no_longer(path))
        await enrolling(agent, lambda now: now == "")


async def test_the_same_over_a_restart(settings: Settings, config: Path, hub: FakeHub) -> None:
    hub.not_pairing = BUSY
    path = prepare(config, hub.url)
    async with running(settings, config):
        await until(lambda: hub.pair_requests)
    hub.not_pairing = None
    async with running(settings, config):
        await until(no_longer(path))
    assert len({request.device for request in hub.pair_requests}) == 1


async def test_a_refused_code_is_set_aside_with_its_reason(settings: Settings, config: Path, hub: FakeHub) -> None:
    path = prepare(config, hub.url, WRONG)
    refused = config.with_name("pairing.refused")
    async with running(settings, config) as agent:
        await until(no_longer(path))
        said = await enrolling(agent, bool)
        await asyncio.sleep(0.1)
    assert said == "no such code" and len(hub.pair_requests) == 1
    assert refused.stat().st_mode & 0o777 == 0o600
    async with running(settings, config) as agent:
        assert await enrolling(agent, bool) == "no such code"
        path = prepare(config, hub.url)  # headquarters sent another
        await until(no_longer(path))
        assert await enrolling(agent, lambda now: now == "") == ""
        await until(no_longer(refused))


async def test_paired_by_hand_meanwhile_the_file_goes(settings: Settings, config: Path, hub: FakeHub) -> None:
    path = prepare(config, "http://127.0.0.1:9")
    async with running(settings, config) as agent:
        await enrolling(agent, bool)
        await agent.pair(hub)
        await until(no_longer(path))
        assert (await agent.state()).enrolling == ""


async def test_a_paired_store_does_not_use_another_code(settings: Settings, config: Path, hub: FakeHub) -> None:
    async with running(settings, config) as agent:
        await agent.pair(hub)
    path = prepare(config, hub.url)
    async with running(settings, config):
        await until(no_longer(path))
    assert len(hub.pair_requests) == 1


async def test_a_lost_answer_is_asked_for_again(settings: Settings, config: Path, hub: FakeHub) -> None:
    """The hub took the code; its answer never came. The same device asks again with the same code."""
    hub.not_pairing = ConnectionResetError()
    path = prepare(config, hub.url)
    async with running(settings, config):
        await until(lambda: hub.pair_requests)
        hub.not_pairing = None
        await until(no_longer(path))


async def test_a_file_that_cannot_be_read_is_told(settings: Settings, config: Path) -> None:
    path = config.with_name("pairing.toml")
    path.write_text('hub = "x', encoding="utf-8")
    async with running(settings, config) as agent:
        assert str(path) in await enrolling(agent, bool)


async def test_where_the_folder_is_not_ours_the_file_is_emptied(
    settings: Settings, config: Path, hub: FakeHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = prepare(config, hub.url)
    unlink = Path.unlink

    def forbidden(self: Path, missing_ok: bool = False) -> None:
        if self == path:
            raise PermissionError
        unlink(self, missing_ok=missing_ok)

    monkeypatch.setattr(Path, "unlink", forbidden)
    async with running(settings, config):
        await until(lambda: path.read_bytes() == b"")
