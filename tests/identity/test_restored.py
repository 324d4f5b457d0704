"""Either side was put back from an older copy: noticed at the first contact, nothing lost, nothing twice."""

from pathlib import Path

import pytest

from agent.cursors import DOUBTED
from agent.line import LineState
from cloud.tokens import TOKEN_LIFE
from domain.events import CATALOGUE
from domain.protocol import SessionReply
from domain.times import SECOND
from tests.awaiting import seen, until
from tests.cloud.shell.serving import RunningHub
from tests.identity.computer import Computer, Run
from tests.identity.headquarters import copy_of, counted, keys_at, paired, put_back

pytestmark = pytest.mark.asyncio


async def anew(run: Run, log: str) -> None:
    """The log's snapshot was taken."""
    await seen(lambda: run.cursor(log), lambda cursor: cursor.log_id not in ("", DOUBTED), within=60)


async def test_a_restart_is_the_same_life(hub: RunningHub, computer: Computer) -> None:
    async with computer.running() as run:
        await paired(run, hub)
        keys, life = await counted(run, 3), await run.life()
    async with computer.running() as run:
        await run.becomes(LineState.ONLINE)
        keys += await counted(run, 2)
        assert await run.life() == life
    assert keys_at(hub) == sorted(keys)


@pytest.mark.parametrize("offline", [0, 2, 5], ids=["at once", "fewer meanwhile", "more meanwhile"])
async def test_an_older_copy_of_the_stores_data(
    hub: RunningHub, computer: Computer, tmp_path: Path, offline: int
) -> None:
    """However much the copy has done, offline, before it is heard of: the same numbers are then other work."""
    async with computer.running() as run:
        await paired(run, hub)
        keys, life = await counted(run, 2), await run.life()
    image = computer.copied_to(tmp_path / "image")
    async with computer.running() as run:
        await run.becomes(LineState.ONLINE)
        keys += await counted(run, 3)
    computer.put_back(image)
    hub.stop()
    async with computer.running() as run:
        keys += [await run.count(number) for number in range(offline)]
        hub.start()
        await run.becomes(LineState.ONLINE)
        assert await run.life() != life
        await run.delivered()
        keys += await counted(run, 1)
        await anew(run, "store:S1")
        await anew(run, CATALOGUE)
    assert keys_at(hub) == sorted(keys)


async def test_a_crash_in_the_midst_of_noticing_is_made_good(
    hub: RunningHub, computer: Computer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the two files: the cache doubts its cursors already, the work file has its old life."""
    async with computer.running() as run:
        await paired(run, hub)
        life = await run.life()
    image = computer.copied_to(tmp_path / "image")
    async with computer.running() as run:
        await run.becomes(LineState.ONLINE)
        await counted(run, 2)
    computer.put_back(image)

    def dies(tx: object) -> None:
        raise OSError("power cut")

    with monkeypatch.context() as broken:
        broken.setattr("agent.incarnation.begin_anew", dies)
        async with computer.running() as run:
            await seen(lambda: run.cursor(CATALOGUE), lambda cursor: cursor.log_id == DOUBTED)
            assert await run.life() == life
    async with computer.running() as run:
        await run.becomes(LineState.ONLINE)
        assert await run.life() != life
        await anew(run, CATALOGUE)


async def test_a_hub_that_was_put_back_hears_it_all_again(hub: RunningHub, computer: Computer, tmp_path: Path) -> None:
    """Though no log tells of it: since the backup there was another session, as after half an hour there is."""
    async with computer.running() as run:
        await paired(run, hub)
        keys = await counted(run, 3)
        backup = copy_of(hub, tmp_path / "backup.db")
        hub.ahead = TOKEN_LIFE + SECOND
        keys += await counted(run, 4)
        hub.ahead = 2 * TOKEN_LIFE
        assert keys_at(hub) == sorted(keys)
        put_back(hub, backup)
        assert len(keys_at(hub)) == 3
        await run.becomes(LineState.ONLINE)
        await until(lambda: keys_at(hub) == sorted(keys), within=60)
        await run.delivered()
        life = await run.life()
    assert keys_at(hub) == sorted(keys)
    async with computer.running() as run:
        await run.becomes(LineState.ONLINE)
        assert await run.waiting() == 0 and await run.life() == life, "once is enough"


async def test_a_hub_from_before_the_pairing_does_not_know_us_and_pairing_heals_it(
    hub: RunningHub, computer: Computer, tmp_path: Path
) -> None:
    backup = copy_of(hub, tmp_path / "backup.db")
    async with computer.running() as run:
        await paired(run, hub)
        keys = await counted(run, 3)
        put_back(hub, backup)
        await run.becomes(LineState.STRANGER)
        await paired(run, hub)
        await until(lambda: keys_at(hub) == sorted(keys), within=60)


async def test_what_is_confirmed_while_a_session_begins_is_not_sent_again(hub: RunningHub, computer: Computer) -> None:
    """The hub wrote its answer before that operation came; ours came to hear of both in the other order."""
    async with computer.running() as run:
        await paired(run, hub)
        await counted(run, 1)
        before = await run.myself.introduce(b"", "")
        await counted(run, 1)
        (first, _) = keys_at(hub)
        late = SessionReply("", 1.0, ("store:S1", CATALOGUE), before.number, first, 0)
        assert not await run.myself.told(late)
        assert await run.waiting() == 0
        await run.myself.introduce(b"", "")
        await run.following.stop()
        assert not await run.myself.told(late)
        assert await run.waiting() == 1
