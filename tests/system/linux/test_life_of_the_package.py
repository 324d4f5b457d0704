"""From the version before to the purge: what is kept, and when it goes."""

from pathlib import Path

import pytest

from installer.linux.trial.store_pc import AGENT, UNIT, StorePC
from tests.system.linux.conftest import NewPC

pytestmark = [pytest.mark.system, pytest.mark.timeout(300)]

DATA, SETTINGS = "/var/lib/yaolink-agent/work.db", "/etc/yaolink/agent.toml"


def version(pc: StorePC) -> str:
    return pc.container.run("dpkg-query", "--show", "--showformat=${Version}", "yaolink-agent")


def test_upgraded_removed_installed_again_purged(new_pc: NewPC, deb: Path, older_deb: Path) -> None:
    with new_pc() as pc:
        pc.install(older_deb)
        pc.wait_paired()
        before, ordered = version(pc), pc.print_one()

        pc.install(deb)
        assert before != version(pc)
        pc.wait_paired()
        assert known(pc, ordered)
        pc.print_one()

        pc.container.run("apt-get", "remove", "--yes", "yaolink-agent")
        assert not pc.container.path(AGENT).exists()
        assert not pc.headquarters.answers()
        assert kept(pc) == [DATA, SETTINGS]

        pc.install(deb)
        pc.wait_paired()
        assert known(pc, ordered)
        pc.print_one()

        pc.container.run("apt-get", "purge", "--yes", "yaolink-agent")
        assert kept(pc) == []
        assert not pc.container.path("/etc/yaolink").exists()
        assert not pc.container.path("/var/lib/yaolink-agent").exists()
        assert "yaolink" not in pc.container.path("/etc/passwd").read_text(encoding="utf-8")
        assert pc.container.property(UNIT, "LoadState") == "not-found"
        assert pc.container.run("systemctl", "is-system-running", check=False) == "running"


def kept(pc: StorePC) -> list[str]:
    return [path for path in (DATA, SETTINGS) if pc.container.path(path).exists()]


def known(pc: StorePC, number: int) -> bool:
    """Whether the store still has the order of this number."""
    cards = pc.api("GET", f"/api/board?find={number}")["cards"]
    return [card["day_number"] for card in cards] == [number]
