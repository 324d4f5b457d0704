"""Settings changed over the local API and on the page: what counts at once does, the file says the same."""

from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from agent.config import Language, Settings, load
from agent.settings_now import Changed
from tests.agent.browsing import browser, clean_page
from tests.agent.shell.conftest import Agent, running

__all__ = ["browser"]
pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]


@pytest.fixture
def config(tmp_path: Path, settings: Settings) -> Path:
    """What a person wrote for this store."""
    path = tmp_path / "agent.toml"
    printer, scanner = settings.printers[0], settings.scanners[0]
    path.write_text(
        f'# the till\'s own agent\nsecrets = "file"\npage_port = {settings.page_port}  # not 8640: taken\n'
        f'[[printers]]\nname = "{printer.name}"\naddress = "{printer.address}"\n'
        f'[[scanners]]\npath = "{scanner.path}"\n',
        "utf-8",
    )
    return path


@pytest_asyncio.fixture(loop_scope="module")
async def agent(config: Path, keyring_as_found: None) -> AsyncIterator[Agent]:
    async with running(load(config), config) as made:
        yield made


@pytest_asyncio.fixture(loop_scope="module")
async def page(browser: Browser, agent: Agent) -> AsyncIterator[Page]:
    async with clean_page(browser) as made:
        await made.goto(await agent.link())
        yield made


def text_of(config: Path) -> str:
    return config.read_text("utf-8")


def forbid_writing(config: Path) -> None:
    config.chmod(0o444)


async def test_what_is_changed_counts_at_once_and_stands_in_the_file(agent: Agent, config: Path) -> None:
    answer = await agent.post("/api/settings", {"changes": {"language": "en", "log_level": "debug"}})
    assert answer.status_code == 200, answer.text
    assert msgspec.json.decode(answer.content, type=Changed).at_once == ("language", "log_level")
    assert (await agent.get("/api/settings", Settings)).language is Language.ENGLISH
    text = text_of(config)
    assert "# not 8640: taken" in text and 'language = "en"' in text
    assert load(config).language is Language.ENGLISH


@pytest.mark.parametrize(
    ("changes", "status", "says"),
    [
        ({"language": "fr"}, 400, "one of zh, en"),
        ({"proxy": "http://evil.example:3128"}, 400, "not to be changed from the page"),
        ({"printers.address": "tcp://evil.example"}, 400, "not to be changed from the page"),
        ({"secrets": "keyring"}, 400, "not to be changed from the page"),
        ({"language.zh": "en"}, 400, "language"),
        ({"languages": "en"}, 400, "not to be changed from the page"),
    ],
)
async def test_what_may_not_be_is_refused_whole(
    agent: Agent, config: Path, changes: dict[str, str], status: int, says: str
) -> None:
    before = text_of(config)
    answer = await agent.post("/api/settings", {"changes": {"log_level": "debug", **changes}})
    assert (answer.status_code, says in answer.text) == (status, True), answer.text
    assert text_of(config) == before
    assert (await agent.get("/api/settings", Settings)).log_level == "info"


async def test_an_agent_without_a_file_says_so(settings: Settings, keyring_as_found: None) -> None:
    async with running(settings) as agent:
        answer = await agent.post("/api/settings", {"changes": {"language": "en"}})
        assert answer.status_code == 400 and "config file" in answer.text


async def test_the_clerk_changes_the_language_on_the_page(page: Page, agent: Agent, config: Path) -> None:
    await page.locator("#language").click()  # this browser speaks English already, the store does not
    await page.wait_for_load_state("load")
    await page.goto(f"{agent.url}/settings")
    await expect(page.locator("nav [aria-current]")).to_have_text("Settings")
    await page.locator("#save").click()
    await expect(page.locator("#saved")).to_have_text("Nothing was changed")
    await page.locator("#set-log_level").select_option("debug")
    await page.locator("#save").click()
    await expect(page.locator("#saved")).to_contain_text("In force now: How much the log says")
    assert load(config).log_level == "debug"
    await page.locator("#set-language").select_option("en")
    await page.locator("#save").click()
    await expect(page.locator("#saved")).to_have_text("")  # the page was loaded anew
    await expect(page.locator("#set-language")).to_have_value("en")
    assert not [cookie for cookie in await page.context.cookies() if cookie.get("name") == "language"]
    assert load(config).language is Language.ENGLISH


async def test_the_voice_is_set_on_the_page(page: Page, agent: Agent, config: Path) -> None:
    await page.goto(f"{agent.url}/settings")
    for key, value in (("volume", "35"), ("repeat_seconds", "60"), ("quiet", "22:00-07:00，12:30-13:30")):
        await page.locator(f'[id="set-voice.{key}"]').fill(value)
    await page.locator('[id="set-voice.player"]').select_option("off")
    await page.locator("#save").click()
    await expect(page.locator("#saved")).to_contain_text("已生效")
    voice = load(config).voice
    assert (voice.volume, voice.repeat_seconds, voice.player) == (35, 60, "off")
    assert voice.quiet == ("22:00-07:00", "12:30-13:30")
    assert "# not 8640: taken" in text_of(config)
    await page.locator('[id="set-voice.quiet"]').fill("night")
    await page.locator("#save").click()
    await expect(page.locator("#saved.problem")).to_contain_text("voice.quiet")
    assert load(config).voice == voice


async def test_a_file_that_may_not_be_written_says_so_on_the_page(page: Page, agent: Agent, config: Path) -> None:
    forbid_writing(config)
    await page.goto(f"{agent.url}/settings")
    await page.locator("#set-log_level").select_option("debug")
    await page.locator("#save").click()
    await expect(page.locator("#saved.problem")).to_contain_text("read-only")
