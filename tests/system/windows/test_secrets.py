"""Windows' own vault, for an agent that a person starts: what is kept in it is there at the next start."""

import subprocess
import threading
from pathlib import Path

import pytest

from installer.windows.wine.prefix import Wine
from tests.end_to_end.waiting import eventually
from tests.system.windows.store import answers, free_port

pytestmark = [pytest.mark.system, pytest.mark.timeout(300)]


def test_the_vault_gives_the_key_back(pc: Wine, frozen: Path, tmp_path: Path) -> None:
    port, config = free_port(), tmp_path / "agent.toml"
    config.write_text(f'data = "data"\npage_port = {port}\nsecrets = "keyring"\n[voice]\nplayer = "off"\n')
    for _ in range(2):  # a work file without its key would be an error the second time
        said = run_until_it_answers(pc, frozen / "yaolink-agent.exe", config, port)
        assert "ready" in said or "the page is at" in said, said
    assert not (tmp_path / "data" / "secrets.json").exists()


def run_until_it_answers(pc: Wine, program: Path, config: Path, port: int) -> str:
    process = pc.start(program, "--config", config, "run")
    words: list[bytes] = []
    listening = threading.Thread(target=_listen, args=(process, words))
    listening.start()
    try:
        eventually(lambda: answers(port) or process.poll() is not None, "an answer", within=60)
    finally:
        process.kill()
        process.wait()
        listening.join()
    return b"".join(words).decode("utf-8", "replace")


def _listen(process: "subprocess.Popen[bytes]", words: list[bytes]) -> None:
    assert process.stdout is not None
    words.extend(process.stdout)
