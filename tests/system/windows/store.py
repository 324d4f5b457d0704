"""A store's PC with Windows, as far as wine goes: the installer is run there, the agent answers there."""

import json
import socket
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from installer.demo.world import World
from installer.windows.wine.prefix import Wine
from tests.waiting import eventually

PROGRAMS = r"C:\Program Files\Yaolink"
DATA = r"C:\ProgramData\Yaolink"
SERVICE = "YaolinkAgent"
UNINSTALL_KEY = r"HKLM\Software\Microsoft\Windows\CurrentVersion\Uninstall\Yaolink"


@dataclass
class WindowsStore:
    """One PC, one store of the hub, one printer at `printer_address`."""

    wine: Wine
    hub: World
    printer_address: str
    page_port: int

    @property
    def programs(self) -> Path:
        return self.wine.path(PROGRAMS)

    @property
    def data(self) -> Path:
        return self.wine.path(DATA)

    def prepared(self, folder: Path, **wrong: object) -> str:
        """The switch with a store.toml as headquarters hands it out; `wrong` are keys that do not belong there."""
        code = self._post_to_hub("/api/stores/S001/pairing-code")["code"]
        settings = [f"page_port = {self.page_port}", *(f"{key} = {json.dumps(value)}" for key, value in wrong.items())]
        tables = ["[voice]", 'player = "off"', "[[printers]]", 'name = "前台"', f'address = "{self.printer_address}"']
        pairing = ["[pairing]", f'hub = "{self.hub.hub_url}"', f'code = "{code}"']
        path = folder / "from headquarters" / "store.toml"
        path.parent.mkdir(exist_ok=True)
        path.write_text("\n".join([*settings, *tables, *pairing, ""]), encoding="utf-8")
        return f"/CONFIG={self.wine.path_there(path)}"

    def install(self, setup: Path, *switches: str) -> int:
        """The installer's exit code. It has come back when the service runs, or when it gave up."""
        return self.wine.ask(setup, "/S", *switches)[0]

    def uninstall(self, *switches: str) -> None:
        """NSIS goes on in a copy of itself, so that it can remove itself: waited for by what it removes last."""
        self.wine.ask(self.programs / "uninstall.exe", "/S", *switches)
        eventually(lambda: self.version is None, "the uninstaller's end", within=60)

    def answers(self) -> bool:
        return answers(self.page_port)

    def state(self) -> dict[str, Any]:
        """By the token that the signed-in user's tray finds."""
        handed = json.loads((self.data / "run" / "tray.json").read_text(encoding="utf-8"))
        assert handed["url"] == f"{self._url}/"
        to_page = {"Authorization": f"Bearer {handed['token']}"}
        answer = httpx.get(f"{self._url}/api/state", headers=to_page, timeout=5, trust_env=False)
        view: dict[str, Any] = answer.raise_for_status().json()
        return view

    def paired(self) -> bool:
        return bool(self.state()["store"])

    @property
    def version(self) -> str | None:
        """What "Apps and features" shows; None when it shows nothing of us."""
        code, said = self.wine.ask("reg", "query", UNINSTALL_KEY, "/v", "DisplayVersion")
        return said.split()[-1] if code == 0 else None

    def order(self, day_number: int) -> None:
        """A customer of the chain's own mini-program buys one thing."""
        body = {
            "order_id": f"WX-{day_number}-{time.time_ns()}",
            "shop": "S001",
            "day_number": day_number,
            "placed_at": "2026-11-21T08:00:00+08:00",
            "total": 1680,
            "lines": [{"sku": "M0005", "name": "藿香正气口服液", "quantity": 1, "price": 1680}],
            "recipient": {"name": "测试", "phone": "13800000000", "address": "测试小区"},
        }
        headers = {"Authorization": f"Bearer {self.hub.secrets.own_api_key}"}
        url = f"{self.hub.hub_url}/channels/own/orders"
        assert httpx.post(url, json=body, headers=headers, timeout=10, trust_env=False).status_code == 200

    @property
    def _url(self) -> str:
        return f"http://127.0.0.1:{self.page_port}"

    def _post_to_hub(self, path: str) -> dict[str, Any]:
        to_hub = {"Authorization": f"Bearer {self.hub.operator_token}"}
        answer = httpx.post(f"{self.hub.hub_url}{path}", headers=to_hub, json={}, timeout=10, trust_env=False)
        told: dict[str, Any] = answer.raise_for_status().json()
        return told


def answers(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/health", timeout=2, trust_env=False).status_code == 200
    except httpx.HTTPError:
        return False


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])
