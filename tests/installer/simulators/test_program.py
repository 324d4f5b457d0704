"""The simulator as a process of its own."""

import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from installer.simulators.meituan.errors import ConfigError
from installer.simulators.meituan.settings import parse
from tests.installer.simulators.receiver import CONTROL

COMMAND = [sys.executable, "-W", "error", "-m", "installer.simulators.meituan"]
CONFIG = {
    "app_id": "4012",
    "secret": "s",
    "control_token": "control-token",
    "shops": {"1": {"name": "店", "medicines": [{"app_medicine_code": "M", "name": "药", "price_fen": 100}]}},
}


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_says_where_it_listens_and_stops_when_asked(number: signal.Signals) -> None:
    with subprocess.Popen(
        [*COMMAND, "--port", "0", "--config", "-"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as program:
        assert program.stdin and program.stdout and program.stderr
        program.stdin.write(json.dumps(CONFIG))
        program.stdin.close()
        url = json.loads(program.stdout.readline())["listening"]
        made = httpx.post(
            f"{url}/control/orders",
            json={"shop": "1", "lines": [{"app_medicine_code": "M"}]},
            headers=CONTROL,
            trust_env=False,
            timeout=30,
        )
        assert made.json()["day_seq"] == 1
        os.kill(program.pid, number)
        assert program.wait(60) == 0
        assert program.stderr.read() == ""


def test_a_port_in_use_is_said_in_one_sentence(tmp_path: Path) -> None:
    file = tmp_path / "config.json"
    file.write_text(json.dumps(CONFIG), encoding="utf-8")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = subprocess.run([*COMMAND, "--port", port, "--config", str(file)], capture_output=True, text=True)
    assert done.returncode == 2
    assert done.stderr == f"cannot listen on 127.0.0.1:{port}: Address already in use\n"


def test_help_tells_a_stranger_what_it_is() -> None:
    done = subprocess.run([*COMMAND, "--help"], capture_output=True, text=True, check=True)
    assert "Modelled on documented behaviour" in done.stdout
    assert '"callback_urls"' in done.stdout


def test_an_unknown_key_is_refused_with_the_nearest_name() -> None:
    with pytest.raises(ConfigError) as refused:
        parse(json.dumps(CONFIG | {"auto_acept": True}).encode(), where="here")
    assert "auto_acept" in str(refused.value)
    assert refused.value.hint == "did you mean `auto_accept`?"


NO_SECRET = json.dumps(CONFIG | {"secret": ""}).encode()
BAD_URL = json.dumps(CONFIG | {"callback_urls": {"paid": "hub.example.com/paid"}}).encode()


@pytest.mark.parametrize("raw", [b"", b"\xff", b"[]", b"{}", NO_SECRET, BAD_URL])
def test_a_config_that_is_none_is_refused(raw: bytes) -> None:
    with pytest.raises(ConfigError, match="^here: "):
        parse(raw, where="here")


def test_the_simulator_shares_no_code_with_the_product() -> None:
    code = "import sys, installer.simulators.meituan as m; print(*{n.split('.')[0] for n in sys.modules})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {"agent", "cloud", "domain", "drivers"} & set(done.stdout.split())
