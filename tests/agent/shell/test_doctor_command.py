"""`doctor`, `bundle` and `log-level` as processes of their own, with an agent that runs, or does not, or cannot."""

import asyncio
import json
import os
import pty
import socket
import stat
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.agent.shell.fake_hub import TOKEN, FakeHub
from tests.agent.shell.test_command import Command, Running, agent, command, port

__all__ = ["agent", "command", "port"]
pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_a_running_agent_examines_itself(agent: Running, command: Command, hub: FakeHub) -> None:
    await command("pair", "--hub", hub.url, "--code", "ABCD-0123-EFGH-4567")
    code, out, err = await command("doctor", "--json")
    findings = {finding["id"]: finding for finding in json.loads(out)["findings"]}
    assert {"service.runs", "credential.ok", "answer.ok", "database.ok"} <= set(findings), err
    assert findings["printer.none"]["level"] == "look" and code == 1
    code, out, err = await command("doctor")
    assert code == 1 and "[ ! ] 没有设置打印机" in out and "[ok]  总部服务正常回答" in out and err == ""
    assert TOKEN not in out


async def test_where_none_runs_it_looks_by_itself(command: Command) -> None:
    code, out, _ = await command("doctor")
    assert code == 2 and "[ x ] 服务没有运行" in out and "yaolink-agent run" in out


async def test_broken_settings_are_the_finding(command: Command, tmp_path: Path) -> None:
    (tmp_path / "agent.toml").write_text("page_prot = 1")
    code, out, err = await command("doctor", "--json")
    told = json.loads(out)
    assert (code, told["level"], told["findings"][0]["id"], err) == (2, "bad", "settings.bad", "")
    assert "page_port" in told["findings"][0]["do"]["zh"]


async def test_a_stranger_on_the_port_is_named(command: Command, port: int) -> None:
    with socket.create_server(("127.0.0.1", port)):
        code, out, _ = await command("doctor")
    assert code == 2 and f"(pid {os.getpid()})" in out


async def test_a_check_that_hangs_does_not_hold_up_the_end_of_the_program() -> None:
    """An executor's threads are waited for when a program ends; a resolver may hang for minutes."""
    program = (
        "import asyncio, time; from pathlib import Path\n"
        "from agent.config import Settings; from agent.doctor.case import standing_alone\n"
        "from agent.doctor.examination import examine\n"
        "def hangs(case): time.sleep(60)\n"
        "case = standing_alone(Settings(), Path('agent.toml'), '0.1.0', unanswered=None)\n"
        "print(asyncio.run(examine(case, [hangs], limit_seconds=0.2))[0].id)\n"
    )
    ended = await asyncio.to_thread(
        subprocess.run, [sys.executable, "-c", program], capture_output=True, text=True, timeout=20, check=True
    )
    assert ended.stdout == "doctor.slow\n"


async def test_an_old_console_shows_what_it_can(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONIOENCODING", "ascii")
    code, out, err = await command("doctor")
    assert code == 2 and "[ x ]" in out and "Traceback" not in err


async def test_the_level_changes_for_a_while(agent: Running, command: Command, tmp_path: Path) -> None:
    assert await command("log-level", "debug", "--minutes", "5") == (0, "the log level is debug for 5 minutes\n", "")
    assert "the log level is debug for 5 minutes" in (tmp_path / "data/logs/agent.log").read_text()
    assert await command("log-level", "info") == (0, "the log level is info, as in agent.toml\n", "")
    code, _, err = await command("log-level", "debug", "--minutes", "100000")
    assert code == 1 and "1440" in err


async def test_a_bundle_is_seen_before_it_is_saved(agent: Running, command: Command, tmp_path: Path) -> None:
    code, out, _ = await command("bundle", "--show", "about.json")
    assert code == 0 and json.loads(out)["packages"]["yaolink"] != "?"
    code, _, err = await command("bundle", "--show", "secrets.json")
    assert code == 1 and "doctor.json" in err
    saved = tmp_path / "store.zip"
    code, out, _ = await command("bundle", "--out", str(saved), "--yes")
    assert code == 0 and "logs/agent.log" in out
    assert stat.S_IMODE(saved.stat().st_mode) == 0o600
    with zipfile.ZipFile(saved) as archive:
        assert "work.json" in archive.namelist()
    code, _, err = await command("bundle", "--out", str(saved), "--yes")
    assert code == 1 and "exists already" in err


@pytest.mark.parametrize(("answer", "code"), [(b"n\n", 1), (b"\n", 1), (b"y\n", 0)])
async def test_it_asks_at_a_terminal(command: Command, tmp_path: Path, answer: bytes, code: int) -> None:
    """No agent runs: the bundle says what the files hold."""
    out = tmp_path / "asked.zip"
    asked = await asyncio.to_thread(_at_a_terminal, answer, tmp_path / "agent.toml", out)
    assert (asked, out.exists()) == (code, code == 0)


def _at_a_terminal(answer: bytes, config: Path, out: Path) -> int:
    ours, theirs = pty.openpty()
    os.write(ours, answer)
    line = [sys.executable, "-m", "agent.cli", "--config", str(config), "bundle", "--out", str(out)]
    done = subprocess.run(line, stdin=theirs, capture_output=True, timeout=40, check=False)
    os.close(ours)
    os.close(theirs)
    return done.returncode
