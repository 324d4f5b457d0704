"""Sessions and keys as a real agent has them with a real hub."""

import json
from pathlib import Path

import pytest

from agent.hub_errors import HubError
from agent.line import LineState
from agent.secrets import FILE
from cloud.tokens import TOKEN_LIFE
from domain import protocol
from domain.times import DAY, SECOND
from tests.cloud.shell.serving import RunningHub
from tests.identity.computer import Computer, Lossy
from tests.identity.headquarters import copy_of, counted, keys_at, paired, put_back

pytestmark = pytest.mark.asyncio
IN_1970, IN_2099 = 3 * DAY, 4_070_908_800_000


def kept_keys(computer: Computer) -> list[str]:
    secrets = json.loads((computer.folder / FILE).read_text())
    return str(secrets["yaolink-agent"]["device-keys"]).split()


async def test_a_session_that_is_over_is_begun_again_unseen(hub: RunningHub, computer: Computer) -> None:
    async with computer.running() as run:
        await paired(run, hub)
        seen: list[LineState] = []
        run.line.on_change(lambda: seen.append(run.line.view.state))
        hub.ahead = TOKEN_LIFE + SECOND
        await counted(run, 1)
        assert seen == []


async def test_the_hub_restarts_and_tokens_go_on(hub: RunningHub, computer: Computer) -> None:
    async with computer.running() as run:
        await paired(run, hub)
        hub.stop()
        hub.start()
        await counted(run, 1)


@pytest.mark.parametrize("now", [IN_1970, IN_2099], ids=["1970", "2099"])
async def test_the_stores_clock_does_not_count(hub: RunningHub, computer: Computer, now: int) -> None:
    wrong = Computer(computer.folder, clock=lambda: now)
    async with wrong.running() as run:
        await paired(run, hub)
        keys = await counted(run, 2)
        hub.ahead = TOKEN_LIFE + SECOND
        keys += await counted(run, 1)
        await run.pairing.change_key()
        keys += await counted(run, 1)
    async with wrong.running() as run:
        await run.becomes(LineState.ONLINE)
    assert keys_at(hub) == sorted(keys)


async def test_another_key(hub: RunningHub, computer: Computer) -> None:
    async with computer.running() as run:
        await paired(run, hub)
        (before,) = kept_keys(computer)
        changed = await run.pairing.change_key()
        newest, older = kept_keys(computer)
        assert older == before and newest != before and len(changed.public_key) == 64
        await counted(run, 1)


@pytest.mark.parametrize("path", [protocol.KEY, protocol.CHALLENGE, protocol.SESSION])
async def test_a_lost_answer_leaves_a_key_that_works(hub: RunningHub, computer: Computer, path: str) -> None:
    lossy = Lossy(path, times=0)
    async with computer.running(lossy) as run:
        await paired(run, hub)
        lossy.left = 1
        with pytest.raises(HubError):
            await run.pairing.change_key()
        await counted(run, 1)
    async with computer.running() as run:
        await run.becomes(LineState.ONLINE)
        await counted(run, 1)
        await run.pairing.change_key()
        await counted(run, 1)


async def test_a_hub_from_before_the_change_is_told_again(hub: RunningHub, computer: Computer, tmp_path: Path) -> None:
    async with computer.running() as run:
        await paired(run, hub)
        backup = copy_of(hub, tmp_path / "backup.db")
        await run.pairing.change_key()
        put_back(hub, backup)
        await run.becomes(LineState.ONLINE)
        await counted(run, 1)
        await run.pairing.change_key()


async def test_a_key_is_old_after_a_year_of_the_hubs_clock(hub: RunningHub, computer: Computer) -> None:
    async with computer.running() as run:
        await paired(run, hub)
        assert not await run.myself.has_old_key()
    hub.ahead = 366 * DAY
    async with computer.running() as run:
        await run.becomes(LineState.ONLINE)
        assert await run.myself.has_old_key()
        await run.pairing.change_key()
        assert not await run.myself.has_old_key()


async def test_a_pairing_whose_answer_was_lost_is_asked_again(hub: RunningHub, computer: Computer) -> None:
    lossy, code = Lossy(protocol.PAIR), hub.code()
    async with computer.running(lossy) as run:
        with pytest.raises(HubError):
            await run.pairing.pair(hub.url, code)
        await run.pairing.pair(hub.url, code)
        await run.becomes(LineState.ONLINE)
        await counted(run, 1)


async def test_revoked_is_said_and_the_data_stay(hub: RunningHub, computer: Computer) -> None:
    async with computer.running() as run:
        await paired(run, hub)
        hub.operator().post("/api/stores/S1/revoke", json={"why": "电脑被盗"}).raise_for_status()
        await run.becomes(LineState.REVOKED)
        assert "电脑被盗" in run.line.view.reason
        await run.count(1)
        assert await run.waiting() == 1
        await paired(run, hub)
        await run.delivered()
