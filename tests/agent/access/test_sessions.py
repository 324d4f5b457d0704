"""What a browser holds: how long it opens the page, what becomes of it, what a thief of our files has of it."""

import asyncio
import json
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx
import pytest

from agent.access.sessions import FILE, IDLE, MOST, Sessions
from agent.config import SecretsPlace, Settings
from domain.times import DAY, HOUR
from tests.agent.shell.conftest import Agent, running
from tests.contents import contents
from tests.ports import free_port

pytestmark = pytest.mark.asyncio(loop_scope="module")

NOON = 1_790_000_000_000


class Clock:
    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> int:
        return self.now


def cookie_of(browser: httpx.AsyncClient, agent: Agent) -> str:
    return browser.cookies[f"yaolink_{agent.settings.page_port}"]


async def test_a_cookie_acts_and_reads(browser: httpx.AsyncClient) -> None:
    assert (await browser.get("/api/state")).status_code == 200
    assert (await browser.post("/api/scan", json={"text": "x"})).status_code == 200


async def test_only_its_hash_is_kept(agent: Agent, browser: httpx.AsyncClient) -> None:
    secret = cookie_of(browser, agent)
    files = contents(agent.settings.folder)
    assert (agent.settings.folder / FILE) in files
    assert [path for path, content in files.items() if secret.encode() in content] == []
    assert stat.S_IMODE((agent.settings.folder / FILE).stat().st_mode) == 0o600


async def test_what_a_thief_reads_in_the_file_opens_nothing(agent: Agent, browser: httpx.AsyncClient) -> None:
    name = f"yaolink_{agent.settings.page_port}"
    kept = json.loads((agent.settings.folder / FILE).read_bytes())
    async with httpx.AsyncClient(base_url=agent.url, timeout=30) as thief:
        for session in kept:
            for proof in ({"Cookie": f"{name}={session['digest']}"}, {"Authorization": f"Bearer {session['digest']}"}):
                assert (await thief.get("/api/state", headers=proof)).status_code in (401, 429)


async def test_the_cookie_of_another_port_opens_nothing(
    agent: Agent, browser: httpx.AsyncClient, tmp_path: Path
) -> None:
    """Two agents of one computer: browsers send all cookies of 127.0.0.1 to both."""
    settings = Settings(data=str(tmp_path / "other"), page_port=free_port(), secrets=SecretsPlace.FILE)
    async with running(settings) as other, httpx.AsyncClient(base_url=other.url, timeout=30) as visitor:
        secret = cookie_of(browser, agent)
        for port in (agent.settings.page_port, settings.page_port):
            answer = await visitor.get("/api/state", headers={"Cookie": f"yaolink_{port}={secret}"})
            assert answer.status_code == 401
    assert (await browser.get("/api/state")).status_code == 200


@pytest.mark.parametrize(
    "planted",
    [
        "yaolink_{port}=garbage; yaolink_{port}={ours}",
        "yaolink_{port}={ours}; yaolink_{port}=garbage",
        'odd={{"a":[1]}}; broken; =; "; yaolink_{port}={ours}',
        "a=b;yaolink_{port}={ours};c=d",
    ],
)
async def test_a_cookie_that_others_plant_does_not_hide_ours(
    agent: Agent, browser: httpx.AsyncClient, stranger: httpx.AsyncClient, planted: str
) -> None:
    """Any page of this computer may set cookies that we are sent too."""
    cookie = planted.format(port=agent.settings.page_port, ours=cookie_of(browser, agent))
    assert (await stranger.get("/api/state", headers={"Cookie": cookie})).status_code == 200


async def test_a_cookie_is_no_token_and_a_token_no_cookie(
    agent: Agent, browser: httpx.AsyncClient, stranger: httpx.AsyncClient
) -> None:
    as_token = {"Authorization": f"Bearer {cookie_of(browser, agent)}"}
    as_cookie = {"Cookie": f"yaolink_{agent.settings.page_port}={agent.token}"}
    for headers in (as_token, as_cookie):
        assert (await stranger.get("/api/state", headers=headers)).status_code in (401, 429)


async def test_after_signing_out_the_cookie_opens_nothing_and_streams_end(
    agent: Agent, browser: httpx.AsyncClient
) -> None:
    async with browser.stream("GET", "/api/changes") as stream:
        lines = stream.aiter_lines()
        assert await anext(lines) == "event: alive"
        assert (await browser.post("/api/sign-out", json={})).json()["browsers"] >= 1
        rest = [line async for line in lines]
    assert "event: verdict" not in rest
    assert (await browser.get("/api/state")).status_code == 401
    assert (await agent.client.get("/api/state")).status_code == 200


async def test_signing_out_from_another_site_is_refused(agent: Agent, browser: httpx.AsyncClient) -> None:
    answer = await browser.post("/api/sign-out", json={}, headers={"Origin": "https://attacker.example"})
    assert answer.status_code == 403
    assert (await browser.get("/api/state")).status_code == 200


async def test_a_session_outlives_the_agent_and_the_token_does_not(tmp_path: Path) -> None:
    settings = Settings(data=str(tmp_path / "data"), page_port=free_port(), secrets=SecretsPlace.FILE)
    async with httpx.AsyncClient(timeout=30) as browser:
        async with running(settings) as first:
            assert (await browser.get(await first.link())).status_code == 303
            token, unused = first.token, await first.link()
        assert not (settings.folder / "page.token").exists()
        async with running(settings) as second:
            assert (await browser.get(f"{second.url}/api/state")).status_code == 200
            assert second.token != token
            old = {"Authorization": f"Bearer {token}"}
            async with httpx.AsyncClient(timeout=30) as late:
                assert (await late.get(f"{second.url}/api/state", headers=old)).status_code == 401
                assert (await late.get(unused)).status_code == 401


async def test_a_session_is_kept_before_its_cookie_is_given(tmp_path: Path) -> None:
    """So that a power cut a moment later signs nobody out."""
    settings = Settings(data=str(tmp_path / "data"), page_port=free_port(), secrets=SecretsPlace.FILE)
    async with running(settings) as agent, httpx.AsyncClient(timeout=30) as browser:
        await browser.get(await agent.link())
        kept = Sessions(settings.folder / FILE, lambda: NOON)
        assert kept.find(browser.cookies[f"yaolink_{settings.page_port}"]) is not None


async def test_a_session_ends_after_a_week_without_use(tmp_path: Path) -> None:
    clock = Clock()
    sessions = Sessions(tmp_path / FILE, clock)
    used, unused = sessions.begin(), sessions.begin()
    ending = sessions.find(unused)
    assert ending is not None
    clock.now += 5 * DAY
    assert sessions.find(used) is not None
    clock.now += IDLE - 5 * DAY + HOUR
    assert sessions.find(unused) is None and ending.ended.is_set()
    assert sessions.find(used) is not None


async def test_the_week_goes_on_while_the_agent_is_off(tmp_path: Path) -> None:
    clock = Clock()
    sessions = Sessions(tmp_path / FILE, clock)
    secret = sessions.begin()
    await sessions.save()
    clock.now += IDLE - HOUR
    assert Sessions(tmp_path / FILE, clock).find(secret) is not None
    clock.now += 2 * HOUR
    assert Sessions(tmp_path / FILE, clock).find(secret) is None


async def test_a_clock_that_was_ahead_gives_no_longer_life(tmp_path: Path) -> None:
    clock = Clock()
    clock.now += 400 * DAY
    sessions = Sessions(tmp_path / FILE, clock)
    secret = sessions.begin()
    await sessions.save()
    clock.now = NOON
    later = Sessions(tmp_path / FILE, clock)
    clock.now += IDLE + HOUR
    assert later.find(secret) is None


@pytest.mark.parametrize("damage", [b"", b"{", b'{"a": 1}', b'[{"digest": 7}]', b"\xff\xfe"])
async def test_a_damaged_file_signs_out_and_nothing_else(tmp_path: Path, damage: bytes) -> None:
    (tmp_path / FILE).write_bytes(damage)
    sessions = Sessions(tmp_path / FILE, Clock())
    assert sessions.find("anything") is None
    secret = sessions.begin()
    await sessions.save()
    assert Sessions(tmp_path / FILE, Clock()).find(secret) is not None


async def test_sessions_do_not_pile_up(tmp_path: Path) -> None:
    clock = Clock()
    sessions = Sessions(tmp_path / FILE, clock)
    secrets = []
    for _ in range(MOST + 1):
        clock.now += 1
        secrets.append(sessions.begin())
    assert sessions.find(secrets[0]) is None
    assert sessions.find(secrets[1]) is not None and sessions.find(secrets[-1]) is not None


async def test_a_full_disk_signs_nobody_out(tmp_path: Path) -> None:
    sessions = Sessions(tmp_path / "nowhere" / FILE, Clock())
    secret = sessions.begin()
    await sessions.save()
    assert sessions.find(secret) is not None


async def test_the_token_is_for_our_account_only(agent: Agent) -> None:
    assert stat.S_IMODE((agent.settings.folder / "page.token").stat().st_mode) == 0o600
    assert len(agent.token) >= 43


@pytest.mark.skipif(os.getuid() != 0, reason="only the superuser can play another account")
async def test_another_account_cannot_read_token_or_sessions(open_folder: Path) -> None:
    settings = Settings(data=str(open_folder), page_port=free_port(), secrets=SecretsPlace.FILE)
    async with running(settings) as agent, httpx.AsyncClient(timeout=30) as browser:
        await browser.get(await agent.link())
        (open_folder / "open").write_text("to all")
        assert await read_as_nobody(open_folder / "open") == b"to all"
        for kept in ("page.token", FILE, "secrets.json"):
            assert await read_as_nobody(open_folder / kept) == b"", kept


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """So that nothing but the files' own permissions protects them."""
    with TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        yield Path(name)


async def read_as_nobody(path: Path) -> bytes:
    reading = await asyncio.create_subprocess_exec(
        "cat", str(path), user=65534, group=65534, extra_groups=[], stdout=asyncio.subprocess.PIPE, stderr=-1
    )
    return (await reading.communicate())[0]
