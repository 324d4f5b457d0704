"""Killed in the midst of practice: the next start knows nothing of it, and the real data are as they were."""

import signal
from pathlib import Path

import httpx
import pytest

from agent.access.token import TOKEN_FILE
from agent.training.sandbox import FOLDER
from tests.agent.shell.test_command import Command, Running
from tests.ports import free_port


@pytest.fixture
def port() -> int:
    return free_port()


def client(folder: Path, url: str) -> httpx.Client:
    token = (folder / TOKEN_FILE).read_text()
    return httpx.Client(base_url=url, headers={"Authorization": f"Bearer {token}"}, trust_env=False, timeout=30)


def test_killed_in_practice(tmp_path: Path, port: int) -> None:
    config = tmp_path / "agent.toml"
    config.write_text(f'data = "data"\npage_port = {port}\nsecrets = "file"\n[voice]\nplayer = "off"\n')
    data, real = tmp_path / "data", f"http://127.0.0.1:{port}"
    running = Running(Command(config), port)
    with client(data, real) as page:
        url = page.post("/api/training", json={"on": True}).raise_for_status().json()["url"]
    with client(data / FOLDER, url.partition("?")[0]) as practice:
        for _ in range(3):
            practice.post("/api/practice/next", json={}).raise_for_status()
    running.end(signal.SIGKILL)
    assert (data / FOLDER / "work.db").exists(), "or nothing was left behind and this proves nothing"

    running = Running(Command(config), port)
    assert not (data / FOLDER).exists()
    with client(data, real) as page:
        state = page.get("/api/state").raise_for_status().json()
        assert (state["training"], state["store"], state["outbox"]["depth"]) == (False, "", 0)
        assert page.get("/api/board").json()["cards"] == []
        page.post("/api/training", json={"on": True}).raise_for_status()
    code, said = running.end(signal.SIGTERM)
    assert code == 0 and "Traceback" not in said
    assert not (data / FOLDER).exists(), "ended with the service"
