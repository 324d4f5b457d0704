"""Windows' own vault, for an agent that a person starts: what is kept in it is there at the next start."""

from pathlib import Path

import pytest

from installer.windows.wine.prefix import Wine
from tests.system.windows.store import answers, free_port
from tests.waiting import eventually

pytestmark = [pytest.mark.system, pytest.mark.timeout(300)]


def test_the_vault_gives_the_key_back(pc: Wine, frozen: Path, tmp_path: Path) -> None:
    port, config = free_port(), tmp_path / "agent.toml"
    config.write_text(f'data = "data"\npage_port = {port}\nsecrets = "keyring"\n[voice]\nplayer = "off"\n')
    for _ in range(2):  # a work file without its key would be refused the second time
        with pc.start(frozen / "yaolink-agent.exe", "--config", config, "run") as process:
            try:
                eventually(lambda: answers(port) or process.poll() is not None, "an answer", within=60)
                assert process.poll() is None
            finally:
                process.kill()
        eventually(lambda: not answers(port), "its end")
    assert (tmp_path / "data" / "work.db").exists()
    assert not (tmp_path / "data" / "secrets.json").exists()
