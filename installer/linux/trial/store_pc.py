"""A PC on which the package is installed as IT does it: a store.toml, one apt command, no question answered."""

import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx

from installer.linux.trial.container import Container, TrialFailed
from installer.linux.trial.headquarters import Headquarters

UNIT = "yaolink-agent.service"
AGENT = "/usr/bin/yaolink-agent"
_STEP_S = 0.02


class StorePC:
    def __init__(self, container: Container, headquarters: Headquarters) -> None:
        self.container, self.headquarters = container, headquarters

    def prepare(self) -> None:
        """Puts the store's file where the package looks for it."""
        folder = self.container.root / "etc" / "yaolink"
        folder.mkdir()
        (folder / "store.toml").write_text(self.headquarters.store_toml(), encoding="utf-8")

    def install(self, deb: Path) -> str:
        """Also upgrades; returns what apt said."""
        shutil.copy(deb, self.container.root / "root")
        command = ["apt-get", "install", "--yes", "--quiet", "--no-install-recommends", f"/root/{deb.name}"]
        return self.container.run("env", "DEBIAN_FRONTEND=noninteractive", *command, within=300.0)

    def agent(self, *command: str) -> str:
        return self.container.run(AGENT, *command)

    def api(self, method: str, path: str, body: object = None) -> Any:
        """The local API, with the token that only root and the service can read."""
        token = self.container.path("/var/lib/yaolink-agent/page.token").read_text(encoding="utf-8").strip()
        with httpx.Client(base_url=self.headquarters.page_url, trust_env=False, timeout=20.0) as client:
            headers = {"Authorization": f"Bearer {token}"}
            return client.request(method, path, headers=headers, json=body).raise_for_status().json()

    @property
    def active(self) -> bool:
        return self.container.property(UNIT, "ActiveState") == "active"

    @property
    def restarts(self) -> int:
        return int(self.container.property(UNIT, "NRestarts"))

    def wait(self, condition: Callable[[], bool], what: str, within: float = 30.0) -> None:
        """Raises TrialFailed with what the service said last."""
        deadline = time.monotonic() + within
        while not condition():
            if time.monotonic() > deadline:
                said = self.container.run("journalctl", "--unit", UNIT, "--lines", "15", "--no-pager", check=False)
                raise TrialFailed(f"not within {within:g} s: {what}\n{said}")
            time.sleep(_STEP_S)

    def wait_paired(self) -> None:
        self.wait(lambda: "line     online" in self.container.run(AGENT, "status", check=False), "paired and online")

    def print_one(self, within: float = 30.0) -> int:
        """A customer orders, the store's slip prints; the order's number."""
        number = self.headquarters.order()
        self.wait(lambda: self.headquarters.printed(number), f"the slip of order {number}", within)
        return number
