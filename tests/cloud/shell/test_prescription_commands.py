"""Prescriptions as a command, beside a running hub and with the data alone."""

from pathlib import Path

import httpx

from tests.cloud.shell.serving import RunningHub
from tests.cloud.shell.test_cli import run
from tests.cloud.shell.test_prescription_pages import pharmacist, prescribed, verdict


def test_the_archive_as_a_command(hub: RunningHub, operator: httpx.Client, tmp_path: Path) -> None:
    pharmacist(operator)
    first, second = prescribed(hub, "A1", 11), prescribed(hub, "A2", 12)
    verdict(operator, first)
    config = tmp_path / "hub.toml"
    config.write_text(f'data = "{hub.folder}"\nport = {hub.port}\n', encoding="utf-8")

    def listed(*asked: str) -> list[list[str]]:
        done = run("--config", str(config), "prescriptions", "list", *asked)
        assert done.returncode == 0, done.stderr
        assert "李小花" not in done.stdout and "扁桃体炎" not in done.stdout
        return [line.split("\t") for line in done.stdout.splitlines()]

    def as_it_should() -> None:
        assert [line[0] for line in listed()] == [second, first]
        assert [line[0] for line in listed("--waiting")] == [second]
        (line,) = listed("--order", "A1", "--staff", "P1")
        assert line[2:5] == ["S1", "own A1", "approved"] and "药师P1 ZY2201" in line[5]
        assert listed("--store", "S2") == []

    as_it_should()
    hub.stop()
    as_it_should()
    hub.start()
