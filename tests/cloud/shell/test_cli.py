"""The commands as an operator types them; those that serve run in processes of their own."""

import json
import signal
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from unittest.mock import patch

import pysqlite3
import pytest

from cloud import cli, verifying
from tests.cloud.shell.serving import CHAIN_FILE, RunningHub


@dataclass(frozen=True)
class Done:
    returncode: int
    stdout: str
    stderr: str


def run(*arguments: str, told: str = "") -> Done:
    """In this process: to start one for each command would be most of the time."""
    with (
        redirect_stdout(StringIO()) as said,
        redirect_stderr(StringIO()) as complained,
        patch("sys.stdin", StringIO(told)),
    ):
        try:
            code = cli.main(arguments)
        except SystemExit as ended:  # argparse, after --help
            code = int(ended.code or 0)
    return Done(code, said.getvalue(), complained.getvalue())


@pytest.fixture
def config(tmp_path: Path) -> str:
    path = tmp_path / "hub.toml"
    path.write_text('data = "data"\nport = 1\n', encoding="utf-8")
    return str(path)


def test_the_help_tells_a_stranger_how_to_begin() -> None:
    told = run("--help").stdout
    for word in ("init", "load", "serve", "pair", "token", "revoke", "erase", "audit", "secret"):
        assert word in told


def test_from_nothing_to_a_pairing_code(tmp_path: Path) -> None:
    config, file = str(tmp_path / "new" / "hub.toml"), tmp_path / "chain.json"
    file.write_text(json.dumps(CHAIN_FILE), encoding="utf-8")
    assert run("--config", config, "init").returncode == 0
    assert run("--config", config, "init").returncode == 0
    assert "loaded 2 stores, 2 products, 4 stock rows" in run("--config", config, "load", str(file)).stdout
    assert len(run("--config", config, "pair", "S1").stdout.strip()) == 19
    assert "no agent now" in run("--config", config, "revoke", "S1").stdout
    trails = "the trails of the orders are as their stores told them\n"
    proven = f"the audit is as it was written\n{trails}the stock is what its ledger and its orders say\n"
    assert run("--config", config, "audit", "verify").stdout == proven
    assert len(run("--config", config, "token").stdout.strip()) >= 24


def test_stock_that_its_ledger_does_not_know_is_found(tmp_path: Path) -> None:
    config, file = str(tmp_path / "hub.toml"), tmp_path / "chain.json"
    file.write_text(json.dumps(CHAIN_FILE), encoding="utf-8")
    run("--config", config, "init")
    run("--config", config, "load", str(file))
    with closing(pysqlite3.connect(str(next(tmp_path.rglob("hub.db"))))) as db, db:
        db.execute("UPDATE stock SET on_hand = on_hand + 1000 WHERE store = 'S1'")
    done = run("--config", config, "audit", "verify")
    assert done.returncode == 1
    assert "stock S1/" in done.stdout and "by the ledger" in done.stdout


def test_an_unknown_store_is_told(config: str) -> None:
    done = run("--config", config, "pair", "nobody")
    assert done.returncode == 1
    assert "nobody" in done.stderr
    assert "Traceback" not in done.stderr


def test_an_unknown_key_is_refused_with_the_nearest_name(tmp_path: Path) -> None:
    path = tmp_path / "hub.toml"
    path.write_text("prot = 8600\n", encoding="utf-8")
    done = run("--config", str(path), "serve")
    assert done.returncode == 2
    assert "unknown key prot" in done.stderr
    assert "did you mean port?" in done.stderr


@pytest.mark.parametrize(
    ("content", "said"),
    [('{"stores": [{"store": "S1"}]}', "name"), ("{", "chain.json"), ('{"shop": []}', "shop")],
)
def test_a_file_that_cannot_be_loaded_is_told_where(config: str, tmp_path: Path, content: str, said: str) -> None:
    file = tmp_path / "chain.json"
    file.write_text(content, encoding="utf-8")
    done = run("--config", config, "load", str(file))
    assert done.returncode == 1
    assert said in done.stderr


def test_secrets_are_set_by_name(config: str, tmp_path: Path) -> None:
    assert run("--config", config, "secret", "set", "meituan", told="s3cret\n").returncode == 0
    assert "s3cret" in (tmp_path / "data" / "secrets.toml").read_text(encoding="utf-8")
    assert run("--config", config, "secret", "set", "meitaun", told="x\n").returncode == 2


def test_a_port_in_use_is_said_in_one_sentence(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        path = tmp_path / "hub.toml"
        path.write_text(f"port = {port}\n", encoding="utf-8")
        done = run("--config", str(path), "serve")
    assert done.returncode == 2
    assert done.stderr.splitlines()[0] == f"yaolink-hub: port {port} on 127.0.0.1 is in use by another program"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_hub_whole(tmp_path: Path, number: signal.Signals) -> None:
    path = tmp_path / "hub.toml"
    path.write_text("port = 0\n", encoding="utf-8")
    with subprocess.Popen(
        [sys.executable, "-m", "cloud.cli", "--config", str(path), "serve"], stderr=subprocess.PIPE, text=True
    ) as hub:
        assert hub.stderr is not None
        while "is served at" not in hub.stderr.readline():
            assert hub.poll() is None
        hub.send_signal(number)
        said = hub.stderr.read()
        assert hub.wait(60) == 0
    assert "Traceback" not in said


def test_a_running_hub_hears_a_revocation_at_once(hub: RunningHub, tmp_path: Path) -> None:
    path = tmp_path / "hub.toml"
    path.write_text(f'data = "data"\nport = {hub.port}\n', encoding="utf-8")
    agent = hub.client(hub.pair())
    assert run("--config", str(path), "revoke", "S1", "--why", "sold").returncode == 0
    assert agent.post("/edge/operations", json=[]).json()["message"] == "sold"
    assert "nobody" in run("--config", str(path), "pair", "nobody").stderr


@pytest.mark.parametrize("runs", [True, False])
def test_a_store_is_unfrozen_be_there_a_running_hub_or_none(hub: RunningHub, tmp_path: Path, runs: bool) -> None:
    path = tmp_path / "hub.toml"
    path.write_text(f'data = "data"\nport = {hub.port}\n', encoding="utf-8")
    device, client = hub.paired(), hub.client()
    for run_of_it in (device, device.other_run("boot-2")):
        hub.speak(run_of_it)
    assert device.ask(client, device.nonce(client)).status_code == 403
    if not runs:
        hub.stop()
    assert run("--config", str(path), "unfreeze", "S1").returncode == 0
    if not runs:
        hub.start()
    assert device.session(client).token


def test_erasing_leaves_the_order_and_the_audit(hub: RunningHub, tmp_path: Path) -> None:
    path = tmp_path / "hub.toml"
    path.write_text(f'data = "data"\nport = {hub.port}\n', encoding="utf-8")
    order_id = hub.order("A1").json()["hub_order_id"]
    assert run("--config", str(path), "erase", order_id).returncode == 0
    view = hub.operator().get(f"/api/orders/{order_id}").json()
    assert view["person"] is None
    assert "order.erased" in [entry["action"] for entry in view["audit"]]
    assert run("--config", str(path), "audit", "verify").returncode == 0


def test_a_running_hub_writes_an_audit_file_that_a_stranger_verifies(hub: RunningHub, tmp_path: Path) -> None:
    path, as_json, as_pdf = tmp_path / "hub.toml", tmp_path / "order.json", tmp_path / "order.pdf"
    path.write_text(f'data = "data"\nport = {hub.port}\n', encoding="utf-8")
    order_id = hub.order("A1").json()["hub_order_id"]
    files = ("--json", str(as_json), "--pdf", str(as_pdf), "--reason", "inspection")
    done = run("--config", str(path), "audit", "order", order_id, *files)
    assert done.returncode == 0, done.stderr
    assert verifying.main([str(as_json)]) == verifying.main([str(as_pdf)]) == 0
    whole = as_json.read_bytes()
    as_json.write_bytes(whole.replace(b"inspection", b"inspectiom") if b"inspection" in whole else whole[:-2])
    assert verifying.main([str(as_json)]) != 0


def test_open_pulls_hear_at_once_what_is_loaded_beside_a_running_hub(hub: RunningHub, tmp_path: Path) -> None:
    path, file = tmp_path / "hub.toml", tmp_path / "chain.json"
    path.write_text(f'data = "data"\nport = {hub.port}\n', encoding="utf-8")
    file.write_text(json.dumps({"stock": [{"store": "S1", "sku": "M1", "on_hand": 3}]}), encoding="utf-8")
    agent = hub.client(hub.pair())
    head = agent.get("/edge/events", params={"after": "store:S1@:0"}).json()["head"]
    cursor = f"store:S1@{head['log_id']}:{head['seq']}"
    with ThreadPoolExecutor() as beside:
        pull = beside.submit(agent.get, "/edge/events", params={"after": cursor, "wait": 50}, timeout=60)
        assert "1 stock rows" in run("--config", str(path), "load", str(file)).stdout
        assert [event["kind"] for event in pull.result().json()["events"]] == ["stock.set"]


def test_a_file_the_running_hub_refuses_changes_nothing(hub: RunningHub, tmp_path: Path) -> None:
    path, file = tmp_path / "hub.toml", tmp_path / "chain.json"
    path.write_text(f'data = "data"\nport = {hub.port}\n', encoding="utf-8")
    file.write_text(json.dumps({"stock": [{"store": "nowhere", "sku": "M1", "on_hand": 3}]}), encoding="utf-8")
    done = run("--config", str(path), "load", str(file))
    assert (done.returncode, done.stdout) == (1, "")
    assert "nowhere" in done.stderr


def test_how_slips_look_is_printed_as_it_is_loaded(config: str, tmp_path: Path) -> None:
    file = tmp_path / "slips.json"
    file.write_text('{"customer": {"header": "康宁大药房"}}', encoding="utf-8")
    run("--config", config, "init")
    assert run("--config", config, "slips", str(file)).returncode == 0
    printed = run("--config", config, "slips").stdout
    assert json.loads(printed)["customer"]["header"] == "康宁大药房"
    assert "each store decides" in run("--config", config, "slips", "--clear").stdout
    assert json.loads(run("--config", config, "slips").stdout)["customer"]["header"] == ""


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ('{"custmer": {}}', "unknown key custmer"),
        ('{"stop": {"without": ["qr"]}}', "stop: qr cannot be left out"),
        ('{"picking": {"number_size": 9}}', "number_size"),
        ("[]", "not an object"),
        ("{", "slips.json"),
    ],
)
def test_a_look_that_cannot_be_is_told_where(config: str, tmp_path: Path, content: str, said: str) -> None:
    file = tmp_path / "slips.json"
    file.write_text(content, encoding="utf-8")
    run("--config", config, "init")
    done = run("--config", config, "slips", str(file))
    assert done.returncode == 1 and said in done.stderr


def test_a_logo_comes_from_a_file_of_its_own(config: str, tmp_path: Path) -> None:
    file, logo = tmp_path / "slips.json", tmp_path / "logo.png"
    file.write_text('{"picking": {"logo": true}}', encoding="utf-8")
    logo.write_bytes(b"GIF89a")
    run("--config", config, "init")
    refused = run("--config", config, "slips", str(file), "--logo", str(logo))
    assert refused.returncode == 1 and "not a PNG" in refused.stderr


def test_a_running_hub_tells_its_stores_how_slips_look(hub: RunningHub, tmp_path: Path) -> None:
    path, file = tmp_path / "hub.toml", tmp_path / "slips.json"
    path.write_text(f'data = "data"\nport = {hub.port}\n', encoding="utf-8")
    file.write_text('{"picking": {"footer": "谢谢"}}', encoding="utf-8")
    assert run("--config", str(path), "slips", str(file)).returncode == 0
    assert hub.operator().get("/api/slip-templates").json()["templates"]["picking"]["footer"] == "谢谢"
