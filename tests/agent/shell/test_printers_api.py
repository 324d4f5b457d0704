"""Printers over the local API: the real server, virtual printers, an agent.toml as a person wrote it."""

import asyncio
import logging
import tomllib
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from urllib.parse import quote

import httpx
import msgspec
import pytest
import pytest_asyncio

from agent.config import Settings, load
from agent.printing.listing import PrinterNow, PrintersNow, SlipNow
from agent.printing.trying import Heard
from domain.slips import SlipKind
from drivers.printers.base import Use
from drivers.printers.capability import Capabilities
from drivers.virtual.printer import VirtualPrinter
from tests.agent.shell.conftest import Agent, running
from tests.awaiting import seen, until
from tests.ports import free_port

pytestmark = pytest.mark.asyncio(loop_scope="module")

NOBODY = "tcp://127.0.0.1:9"


@pytest.fixture
def config(tmp_path: Path, settings: Settings, printer: VirtualPrinter) -> Path:
    path = tmp_path / "agent.toml"
    path.write_text(
        f'secrets = "file"\npage_port = {settings.page_port}\n[voice]\nplayer = "page"\n\n'
        f'# at the counter\n[[printers]]\nname = "前台"\naddress = "{printer.address}"\npaper = 80   # wide\n',
        "utf-8",
    )
    return path


@pytest.fixture
def other() -> Iterator[VirtualPrinter]:
    with VirtualPrinter() as made:
        yield made


@pytest_asyncio.fixture(loop_scope="module")
async def agent(config: Path, keyring_as_found: None) -> AsyncIterator[Agent]:
    async with running(load(config), config) as made:
        yield made


async def listed(agent: Agent) -> PrintersNow:
    return await agent.get("/api/printers", PrintersNow)


async def one(agent: Agent, name: str) -> PrinterNow | None:
    return next((each for each in (await listed(agent)).printers if each.settings.name == name), None)


async def well(agent: Agent, name: str) -> PrinterNow:
    found = await seen(lambda: one(agent, name), lambda now: now is not None and now.state == "ready")
    assert found is not None
    return found


async def do(agent: Agent, name: str, what: str, body: object = None) -> httpx.Response:
    return await agent.post(f"/api/printers/{quote(name)}/{what}", body)


def text_of(config: Path) -> str:
    return config.read_text("utf-8")


def add_by_hand(config: Path, text: str) -> None:
    config.write_text(text_of(config) + text, "utf-8")


def forbid_writing(config: Path) -> None:
    config.chmod(0o444)


def names(config: Path) -> list[str]:
    return [printer.name for printer in load(config).printers]


async def test_each_printer_is_listed_with_settings_and_state(agent: Agent, printer: VirtualPrinter) -> None:
    now = await well(agent, "前台")
    assert (now.settings.name, now.address, now.settings.use) == ("前台", printer.address, Use.SHARED)
    assert (now.cause, now.paused, (await listed(agent)).can_change) == ("", False, True)


async def test_the_last_slips_are_none_at_first(agent: Agent) -> None:
    assert await agent.get("/api/slips?limit=5", tuple[SlipNow, ...]) == ()
    assert await agent.get("/api/slips?limit=-1&printer=nobody", tuple[SlipNow, ...]) == ()


async def test_a_printer_is_tried_before_it_is_added(agent: Agent, other: VirtualPrinter, config: Path) -> None:
    before = text_of(config)
    answer = await agent.post("/api/printers/try", {"address": other.address})
    heard = msgspec.json.decode(answer.content, type=Heard)
    assert (heard.reachable, heard.state, heard.address) == (True, "ready", other.address)
    assert heard.capabilities is not None and heard.capabilities.process_id and heard.capabilities.real_time
    other.fault("cover_open")
    answer = await agent.post("/api/printers/try", {"address": other.address})
    assert msgspec.json.decode(answer.content, type=Heard).cause == "cover_open"
    answer = await agent.post("/api/printers/try", {"address": NOBODY})
    heard = msgspec.json.decode(answer.content, type=Heard)
    assert (heard.reachable, heard.cause, bool(heard.message), bool(heard.hint)) == (False, "unreachable", True, True)
    assert other.slips == [] and text_of(config) == before


async def test_what_is_ours_is_not_tried_as_a_stranger(agent: Agent, printer: VirtualPrinter) -> None:
    answer = await agent.post("/api/printers/try", {"address": printer.address})
    assert answer.status_code == 409 and answer.json()["error"] == "already_ours" and "前台" in answer.text
    answer = await agent.post("/api/printers/try", {"address": "printer at the till"})
    assert answer.status_code == 400 and answer.json()["error"] == "bad_address" and answer.json()["hint"]


async def test_one_that_is_added_works_at_once_and_stands_in_the_file(
    agent: Agent, other: VirtualPrinter, config: Path
) -> None:
    body = {"name": "收银", "address": other.address, "paper": 58, "prints": ["customer"], "backup": "前台"}
    answer = await agent.post("/api/printers", body)
    assert answer.status_code == 200, answer.text
    now = await well(agent, "收银")
    assert now.capabilities is not None and now.capabilities.in_order and now.probed_at
    assert tomllib.loads(text_of(config))["printers"][1] == body
    assert "# at the counter" in text_of(config) and "# wide" in text_of(config)
    assert [view.name for view in (await agent.state()).printers] == ["前台", "收银"]


NEVER: list[tuple[dict[str, object], int, str, str]] = [
    ({"name": "前台", "address": NOBODY}, 400, "bad_config", "'前台' is there twice"),
    ({"name": "收银", "address": NOBODY}, 409, "not_reached", "连不上打印机 tcp://127.0.0.1:9"),
    ({"name": "收银", "address": "lpt1"}, 400, "bad_address", "no printer address"),
    ({"name": "收银", "address": NOBODY, "backup": "无"}, 400, "bad_config", "there is no printer '无'"),
    ({"name": "a/b", "address": NOBODY}, 400, "bad_config", "cannot be a name"),
    ({"name": "收银", "address": NOBODY, "paper": 58, "columns": 48}, 400, "bad_config", "do not fit"),
    ({"name": "收银", "address": NOBODY, "paper": 76}, 400, "bad_request", ""),
    ({"name": "收银", "address": NOBODY, "adress": "x"}, 400, "bad_request", ""),
]


async def test_what_cannot_be_is_not_added(agent: Agent, config: Path) -> None:
    before = text_of(config)
    for body, status, error, says in NEVER:
        answer = await agent.post("/api/printers", body)
        assert (answer.status_code, answer.json()["error"]) == (status, error), answer.text
        assert says in answer.json()["message"]
    assert text_of(config) == before and len((await listed(agent)).printers) == 1


async def test_one_that_is_switched_off_may_be_added_anyway(agent: Agent, config: Path) -> None:
    port = free_port()
    answer = await agent.post("/api/printers", {"name": "收银", "address": f"tcp://127.0.0.1:{port}", "anyway": True})
    assert answer.status_code == 200 and not answer.json()["reachable"]
    now = await seen(lambda: one(agent, "收银"), lambda now: now is not None and now.cause == "unreachable")
    assert now is not None and now.capabilities is None
    with VirtualPrinter(port=port):
        await well(agent, "收银")


async def test_a_change_is_followed_at_once_and_the_others_do_not_notice(
    agent: Agent, printer: VirtualPrinter, other: VirtualPrinter, config: Path
) -> None:
    await agent.post("/api/printers", {"name": "收银", "address": other.address})
    await well(agent, "收银")
    with VirtualPrinter() as moved:
        answer = await do(agent, "收银", "change", {"changes": {"address": moved.address, "paper": 58}})
        assert answer.status_code == 200, answer.text
        now = await well(agent, "收银")
        assert (now.address, now.settings.paper) == (moved.address, 58)
        answer = await do(agent, "前台", "change", {"changes": {"prints": ["picking"], "backup": "收银"}})
        assert answer.status_code == 200, answer.text
        first = (await listed(agent)).printers[0]
        assert first.settings.prints == (SlipKind.PICKING,) and first.at, "the same thread, which had seen it"
    assert load(config).printers[0].backup == "收银" and "# wide" in text_of(config)


async def test_the_test_slip_says_what_was_set_after_the_last_one(agent: Agent, printer: VirtualPrinter) -> None:
    await well(agent, "前台")
    changes = {"changes": {"font": "gb2312", "qr": "drawn"}}
    assert (await do(agent, "前台", "change", changes)).status_code < 300
    assert (await do(agent, "前台", "test")).status_code < 300
    (slip,) = await asyncio.to_thread(printer.wait_for_slips, 1)
    for said in (printer.address, "48列 576点", "GB2312", "点阵 drawn"):
        assert said in slip.text
    assert slip.codes == ["01234567890123456789"]  # the QR code is a picture


UNCHANGED: list[tuple[dict[str, object], int, str]] = [
    ({"address": NOBODY}, 409, "连不上"),
    ({"address": None}, 400, "missing its key"),
    ({"paper": 76}, 400, "printers.paper"),
    ({"prints": ["pikking"]}, 400, "pikking"),
    ({"paper_url": "http://elsewhere.example/"}, 400, "not to be changed here"),
    ({"backup": "前台"}, 400, "cannot stand in for itself"),
]


async def test_what_cannot_be_changed_stays(agent: Agent, config: Path) -> None:
    before = text_of(config)
    for changes, status, says in UNCHANGED:
        answer = await do(agent, "前台", "change", {"changes": changes})
        assert (answer.status_code, says in answer.text) == (status, True), answer.text
    assert text_of(config) == before
    await well(agent, "前台")


async def test_a_wrong_address_by_hand_is_that_printers_trouble_only(agent: Agent, config: Path) -> None:
    add_by_hand(config, '[[printers]]\nname = "收银"\naddress = "lpt1"\n')
    assert (await do(agent, "前台", "change", {"changes": {"paper": 58}})).status_code == 200
    await well(agent, "前台")
    now = await seen(lambda: one(agent, "收银"), lambda now: now is not None and now.cause == "unreachable")
    assert now is not None and now.address == "lpt1"
    told = (await agent.client.post("/api/doctor", json={}, timeout=40)).text
    assert "printer.bad_address" in told


async def test_a_new_name_keeps_what_is_known(agent: Agent, other: VirtualPrinter, config: Path) -> None:
    await agent.post("/api/printers", {"name": "收银", "address": other.address, "backup": "前台"})
    await do(agent, "前台", "pause")
    await do(agent, "前台", "probe")
    assert (await do(agent, "前台", "change", {"changes": {"name": "大厅"}})).status_code == 200
    now = await seen(lambda: one(agent, "大厅"), lambda now: now is not None and now.state == "ready")
    assert now is not None and now.paused and now.capabilities is not None and now.capabilities.process_id
    assert load(config).printers[1].backup == "大厅"


async def test_one_that_is_removed_is_gone(agent: Agent, other: VirtualPrinter, config: Path) -> None:
    await agent.post("/api/printers", {"name": "收银", "address": other.address})
    await do(agent, "前台", "change", {"changes": {"backup": "收银"}})
    assert (await do(agent, "收银", "remove")).status_code == 200
    assert names(config) == ["前台"] and load(config).printers[0].backup is None
    assert [now.settings.name for now in (await listed(agent)).printers] == ["前台"]
    assert (await do(agent, "收银", "remove")).status_code == 404
    assert (await do(agent, "前台", "remove")).status_code == 200
    assert (await listed(agent)).printers == ()


async def test_a_file_that_may_not_be_written_changes_nothing(
    agent: Agent, other: VirtualPrinter, config: Path
) -> None:
    forbid_writing(config)
    for answer in (
        await agent.post("/api/printers", {"name": "收银", "address": other.address}),
        await do(agent, "前台", "change", {"changes": {"paper": 58}}),
        await do(agent, "前台", "remove"),
    ):
        assert (answer.status_code, answer.json()["error"]) == (409, "not_writable"), answer.text
    [now] = (await listed(agent)).printers
    assert (now.settings.name, now.settings.paper) == ("前台", 80)


async def test_pause_and_what_is_known_outlast_a_restart(config: Path, keyring_as_found: None) -> None:
    async with running(load(config), config) as agent:
        assert (await do(agent, "前台", "probe")).json()["process_id"] is True
        assert (await do(agent, "前台", "pause")).status_code == 200
        assert (await do(agent, "前台", "test")).status_code == 409
    async with running(load(config), config) as agent:
        [now] = (await listed(agent)).printers
        assert now.paused and now.capabilities is not None and now.capabilities.process_id and now.probed_at
        assert not (await do(agent, "前台", "resume")).json()["printers"][0]["paused"]


async def test_one_that_is_held_by_another_program_at_start_is_busy_not_mute(
    config: Path, printer: VirtualPrinter, keyring_as_found: None
) -> None:
    async with running(load(config), config) as agent:
        await well(agent, "前台")
    printer.mute = True
    async with running(load(config), config) as agent:
        now = await seen(lambda: one(agent, "前台"), lambda now: now is not None and now.at)
        assert now is not None and (now.state, now.cause) == ("blocked", "busy")


async def test_a_test_slip_is_for_this_printer(agent: Agent, printer: VirtualPrinter, other: VirtualPrinter) -> None:
    await agent.post("/api/printers", {"name": "收银", "address": other.address})
    await well(agent, "收银")
    slip_id = (await do(agent, "收银", "test")).json()["slip_id"]
    await asyncio.to_thread(other.wait_for_slips, 1)
    [slip] = await seen(
        lambda: agent.get("/api/slips?printer=收银", tuple[SlipNow, ...]),
        lambda slips: slips and slips[0].slip.state == "printed",
    )
    assert (slip.slip.slip_id, slip.slip.kind, slip.slip.evidence, slip.order) == (slip_id, "test", "A", "")
    assert printer.slips == []
    assert (await do(agent, "无", "test")).status_code == 404


async def test_the_drawer_opens_once_at_a_wish_and_never_on_get(
    agent: Agent, printer: VirtualPrinter, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        assert (await do(agent, "前台", "drawer")).status_code == 200
        assert (await do(agent, "前台", "buzz", {"times": 3})).status_code == 200
    await until(lambda: (printer.drawer_kicks, printer.beeps) == (1, 3))
    assert "the drawer at printer 前台 is opened, asked by the token" in caplog.text
    assert (await agent.client.get(f"/api/printers/{quote('前台')}/drawer")).status_code == 405
    assert (await do(agent, "前台", "drawer", {"pin": 3})).status_code == 400
    no_json = await agent.client.post(f"/api/printers/{quote('前台')}/drawer", content=b"{}")
    assert no_json.status_code == 415
    await asyncio.sleep(0.2)
    assert printer.drawer_kicks == 1


async def test_the_drawer_of_a_browser_is_told_apart(
    agent: Agent, printer: VirtualPrinter, caplog: pytest.LogCaptureFixture
) -> None:
    async with httpx.AsyncClient(base_url=agent.url, follow_redirects=True, timeout=30) as browser:
        await browser.get((await agent.link()).removeprefix(agent.url))
        with caplog.at_level(logging.INFO):
            answer = await browser.post(f"/api/printers/{quote('前台')}/drawer", json={})
    assert answer.status_code == 200, answer.text
    assert "asked by a browser" in caplog.text


async def test_a_blocked_printer_opens_no_drawer_later(agent: Agent, printer: VirtualPrinter) -> None:
    printer.fault("paper_out")
    answer = await do(agent, "前台", "drawer")
    assert (answer.status_code, answer.json()["error"]) == (409, "printer_cannot"), answer.text
    assert answer.json()["message"] == "打印机“前台”缺纸"
    printer.fault(None)
    await well(agent, "前台")
    await asyncio.sleep(0.3)
    assert printer.drawer_kicks == 0


async def test_a_drawer_that_must_wait_stays_shut(
    agent: Agent, printer: VirtualPrinter, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The printer is in the middle of a slip, without paper."""
    monkeypatch.setattr("agent.printing.asking.PATIENCE_S", 0.3)
    printer.fault("paper_out", after_lines=5)
    await do(agent, "前台", "test")
    await seen(lambda: agent.get("/api/slips", tuple[SlipNow, ...]), lambda slips: slips[0].slip.state == "confirming")
    answer = await do(agent, "前台", "drawer")
    assert (answer.status_code, answer.json()["error"]) == (409, "printer_busy"), answer.text
    printer.fault(None)
    await asyncio.to_thread(printer.wait_for_slips, 1)
    await well(agent, "前台")
    await asyncio.sleep(0.3)
    assert printer.drawer_kicks == 0


async def test_printers_of_ours_are_asked_in_between_too(agent: Agent, printer: VirtualPrinter) -> None:
    await do(agent, "前台", "change", {"changes": {"use": "ours"}})
    await well(agent, "前台")
    assert (await do(agent, "前台", "drawer")).status_code == 200
    await until(lambda: printer.drawer_kicks == 1)
    told = msgspec.json.decode((await do(agent, "前台", "probe")).content, type=Capabilities)
    assert told.process_id


async def test_strangers_ask_for_nothing(agent: Agent, printer: VirtualPrinter) -> None:
    async with httpx.AsyncClient(base_url=agent.url, timeout=30) as stranger:
        for path in ("", "/try", f"/{quote('前台')}/drawer", f"/{quote('前台')}/remove"):
            assert (await stranger.post(f"/api/printers{path}", json={})).status_code == 401
    await asyncio.sleep(0.1)
    assert printer.drawer_kicks == 0
