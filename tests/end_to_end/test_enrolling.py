"""A store brought in with no questions: from headquarters' list to a paired agent, each step the command people run."""

import json
import subprocess
import sys
from pathlib import Path

from installer.demo.processes import Program
from installer.demo.world import World, command
from tests.end_to_end.store_page import HubDesk
from tests.ports import free_port
from tests.waiting import eventually


def status(config: Path) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "agent.cli", "--config", str(config), "status"],
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout


def test_from_the_list_to_a_paired_store(world: World, desk: HubDesk, tmp_path: Path) -> None:
    chain, template, folder = tmp_path / "chain.json", tmp_path / "template.toml", tmp_path / "configs"
    chain.write_text(json.dumps({"stores": [{"store": "S900", "name": "新店"}]}), encoding="utf-8")
    port = free_port()
    template.write_text(f'page_port = {port}\nsecrets = "file"\n', encoding="utf-8")
    world.load(chain)
    asked = ["--stores", "S900", "--out", str(tmp_path / "list.csv"), "--configs", str(folder)]
    command("cloud.cli", [*world.hub_config, "pair", *asked, "--template", str(template)])

    config = tmp_path / "pc" / "agent.toml"
    command("agent.cli", ["--config", str(config), "configure", "--from", str(folder / "S900.toml")])
    assert sorted(path.name for path in config.parent.iterdir()) == ["agent.toml", "pairing.toml"]
    agent = Program(
        "agent S900",
        "agent.cli",
        ["--config", str(config), "run"],
        tmp_path / "agent.log",
        f"http://127.0.0.1:{port}/health",
    )
    agent.start()
    try:
        agent.wait_ready()
        eventually(lambda: not (config.parent / "pairing.toml").exists(), "paired by itself")
        assert "新店 (S900)" in status(config)
        rows = {one["store"]["store"]: one["store"] for one in desk.get("/api/stores")}
        assert rows["S900"]["paired_at"] is not None and rows["S900"]["paired_version"]
    finally:
        agent.stop()
    code = (folder / "S900.toml").read_text(encoding="utf-8").partition('code = "')[2].partition('"')[0]
    assert code and code.replace("-", "") not in (tmp_path / "agent.log").read_text(encoding="utf-8")
