"""The doctor over a real store that runs: all well, and each fault made on purpose found with what to do about it."""

from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from agent.config import ScannerSettings, Settings, VoicePlayer, VoiceSettings
from agent.doctor.case import Running
from agent.doctor.checks.sound import sound
from agent.doctor.findings import Level
from agent.line import LineState, LineView
from agent.voice.voice import VoiceView
from domain.codes import Part
from domain.events import OrderPlaced, store_log
from domain.scanner_sheet import CONTENTS
from drivers.virtual.printer import VirtualPrinter
from drivers.virtual.scanner import VirtualScanner
from tests.agent.core.hub import order
from tests.agent.shell.conftest import Agent, running
from tests.agent.shell.doctoring import case_of, examined, is_bad
from tests.agent.shell.fake_hub import REVOKED, TOKEN, FakeHub, problem
from tests.awaiting import seen
from tests.ports import free_port

pytestmark = pytest.mark.asyncio(loop_scope="module")

LOG = store_log("S1")

# ---- all is well


async def test_a_healthy_store_is_all_green(paired: Agent, hub: FakeHub, china: None) -> None:
    await hub.tell(LOG, OrderPlaced(order("o1")))
    await seen(paired.order, lambda view: view is not None and view.card.slip == "printed")
    findings = await examined(paired)
    assert {id for id, finding in findings.items() if finding.level is not Level.OK} == set()
    assert {
        *("service.runs", "port.ok", "settings.ok", "names.ok", "reach.ok", "answer.ok", "clock.ok", "version.ok"),
        *("credential.ok", "line.ok", "orders.ok", "outbox.ok", "quarantine.ok", "printer.ready", "scanner.ready"),
        *("database.ok", "disk.ok", "sqlite.ok", "time_zone.ok", "power.ok"),
    } <= set(findings)


async def test_it_changes_nothing(paired: Agent, hub: FakeHub) -> None:
    before = (len(hub.done), await paired.state())
    await examined(paired)
    after = await paired.state()
    assert len(hub.done) == before[0]
    assert (after.outbox, after.line.state, after.printers) == (
        before[1].outbox,
        before[1].line.state,
        before[1].printers,
    )


async def test_no_finding_tells_a_secret(paired: Agent, hub: FakeHub) -> None:
    told = str(await examined(paired))
    assert paired.token not in told and TOKEN not in told


# ---- faults of a running agent


async def test_an_unpaired_store_is_told_what_to_do(agent: Agent) -> None:
    findings = await examined(agent)
    assert findings["hub.unpaired"].level is Level.LOOK and "配对码" in findings["hub.unpaired"].do.zh
    assert not {"credential.ok", "credential.missing", "line.offline"} & set(findings)


async def test_a_revoked_credential(paired: Agent, hub: FakeHub) -> None:
    hub.refuse = REVOKED
    findings = await examined(paired)
    assert is_bad(findings["credential.revoked"]) and "本店已换新机" in findings["credential.revoked"].what.zh


async def test_a_credential_nobody_knows(paired: Agent, hub: FakeHub) -> None:
    hub.refuse = problem(401, "unknown_key", "who are you")
    assert is_bad((await examined(paired))["credential.unknown"])


async def test_a_frozen_computer(paired: Agent, hub: FakeHub) -> None:
    hub.refuse = problem(403, "frozen", "两台电脑在用同一个身份")
    findings = await examined(paired)
    assert is_bad(findings["credential.frozen"]) and "两台电脑" in findings["credential.frozen"].what.zh
    hub.cut()
    findings = await seen(lambda: examined(paired), lambda findings: "line.frozen" in findings)
    assert "关掉另一台" in findings["line.frozen"].do.zh
    assert (await paired.state()).line.state == "frozen"


async def test_paper_out(paired: Agent, printer: VirtualPrinter, hub: FakeHub) -> None:
    printer.fault("paper_out")
    await hub.tell(LOG, OrderPlaced(order("o1")))
    await seen(paired.order, lambda view: view is not None and view.card.slip == "held")
    finding = (await examined(paired))["printer.blocked"]
    assert is_bad(finding) and "缺纸" in finding.what.zh and "换一卷纸" in finding.do.zh and "new roll" in finding.do.en


async def test_offline(paired: Agent, hub: FakeHub) -> None:
    hub.refuse = problem(503, "busy", "not now")
    hub.cut()
    await seen(paired.state, lambda state: state.line.state == "offline")
    findings = await examined(paired)
    assert findings["line.offline"].level is Level.LOOK and "credential.unasked" in findings
    assert is_bad(findings["answer.not_ready"])


async def test_an_unplugged_scanner(settings: Settings, keyring_as_found: None) -> None:
    without = msgspec.structs.replace(settings, scanners=(ScannerSettings("/dev/ttyNONE0"),))
    async with running(without) as agent:
        assert is_bad((await examined(agent))["scanner.missing"])


async def test_a_scanner_that_the_sheet_found_wanting(paired: Agent, scanner: VirtualScanner) -> None:
    for part in Part:
        scanner.scan("90000001002000" if part is Part.DIGITS else CONTENTS[part])  # zeros were swallowed
    findings = await seen(lambda: examined(paired), lambda findings: "scanner.not_usable" in findings)
    assert is_bad(findings["scanner.not_usable"]) and "scanner.ready" in findings


async def test_a_prepared_pairing_that_does_not_succeed(
    settings: Settings, tmp_path: Path, keyring_as_found: None
) -> None:
    (tmp_path / "agent.toml").write_text("")
    prepared = f'hub = "http://127.0.0.1:{free_port()}"\ncode = "ABCD-0123-EFGH-4567"\n'
    (tmp_path / "pairing.toml").write_text(prepared)
    (tmp_path / "pairing.toml").chmod(0o600)
    async with running(settings, tmp_path / "agent.toml") as agent:
        await seen(agent.state, lambda state: state.enrolling)
        findings = await examined(agent)
    finding = findings["hub.enrolling"]
    assert finding.level is Level.LOOK and "cannot be reached" in finding.what.zh
    assert is_bad(findings["reach.failed"])  # the step that fails has a name before pairing too
    assert "0123" not in str(findings)


def _heard(chosen: VoicePlayer, speaks: VoicePlayer, *, can: bool, trouble: str = "", speech: str = "") -> list[str]:
    settings = Settings(voice=VoiceSettings(player=chosen))
    view = VoiceView(speaks, can, trouble, speech, None, None)
    case = case_of(settings)
    running = Running(LineView(LineState.ONLINE, 0), (), (), view, "")
    return [finding.id for finding in sound(replace(case, running=running))]


async def test_who_speaks_and_whether_it_can() -> None:
    auto, service, tray, page = VoicePlayer.AUTO, VoicePlayer.SERVICE, VoicePlayer.TRAY, VoicePlayer.PAGE
    assert _heard(auto, service, can=True) == ["sound.ok"]
    assert _heard(auto, tray, can=True, speech="no voice") == ["sound.ok", "sound.no_speech"]
    assert _heard(page, page, can=False) == ["sound.ok"]
    assert _heard(VoicePlayer.OFF, VoicePlayer.OFF, can=False) == ["sound.off"]
    assert _heard(service, service, can=False, trouble="no device") == ["sound.cannot"]
    assert _heard(tray, tray, can=False) == ["sound.no_tray"]
    assert _heard(auto, page, can=False, trouble="no device") == ["sound.page_only"]


async def test_a_printer_that_is_paused(agent: Agent) -> None:
    await agent.post("/api/printers/前台/pause")
    found = await seen(lambda: examined(agent), lambda found: "printer.paused" in found)
    assert found["printer.paused"].level is Level.LOOK and "0 张" in found["printer.paused"].what.zh
