"""The demo's programs and devices, put together: folders, settings, processes, pairing, manifest.

The end-to-end tests use it too: what they kill and cut is what a user runs.
"""

import contextlib
import logging
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pysqlite3

from agent.access.token import TOKEN_FILE
from agent.files import WORK
from cloud import secrets as hub_secrets
from domain import times
from domain.quantity import whole_units
from drivers.virtual.slip import VirtualSlip
from installer.demo import people, ports, settings
from installer.demo.chain import Chain, DemoStore, file
from installer.demo.devices import Devices
from installer.demo.door import Door
from installer.demo.manifest import build
from installer.demo.processes import Program, ProgramFailed
from installer.demo.settings import DemoSecrets, write_private

log = logging.getLogger(__name__)

HUB_PORT = 8600
MANIFEST = "demo.json"
REVOKED = ""
"""The hub of a store that is known and no longer paired: it stays so."""
CHINA_OFFSET = 8 * times.HOUR


class World:
    """`printer` replaces the first store's virtual one. Use as a context manager; stopping keeps the data."""

    def __init__(
        self,
        data: Path,
        *,
        hub_port: int = HUB_PORT,
        printer: str | None = None,
        with_simulator: bool = True,
        on_slip: Callable[[str, VirtualSlip], None] = lambda store, slip: None,
        paper_url: str | None = None,
    ) -> None:
        self.data = data.resolve()
        self.chain = Chain.read()
        self.on_slip = on_slip
        self.devices: dict[str, Devices] = {}
        self.agents: dict[str, Program] = {}
        self.door: Door | None = None
        self.reached_at: dict[str, str] = {}
        """Where a store finds the hub, if not at its own address: something may stand in between."""
        self._printer = printer
        self._paper_url = paper_url
        self._with_simulator = with_simulator
        self._assign_ports(hub_port)

    def _assign_ports(self, hub_port: int) -> None:
        """Pages keep their addresses over restarts where they can."""
        hub = ports.demand(hub_port)
        taken = {hub}
        self.hub_url = f"http://{ports.LOOPBACK}:{hub}"
        self.page_ports = {
            store.store: ports.prefer(hub + place, taken) for place, store in enumerate(self.chain.stores, start=1)
        }
        self.simulator_url = f"http://{ports.LOOPBACK}:{ports.prefer(hub + 10, taken)}"
        self._hub_port = hub

    def __enter__(self) -> "World":
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Everything up, paired and answering; raises ProgramFailed with what stood in the way."""
        (self.data / MANIFEST).unlink(missing_ok=True)  # whoever waits for it must not read an earlier run's
        self.prepare()
        self.simulator = self._simulator()
        self.hub.start()
        self.hub.wait_ready()
        for store in self.chain.stores:
            self._start_store(store)
        for store in self.chain.stores:
            self.agents[store.store].wait_ready()
            self._pair(store)
        self.door = Door(ports.prefer(self._hub_port + 9, set()), self.link)  # nobody takes it between choice and use
        self.manifest = build(self, self.door)
        write_private(self.data / MANIFEST, msgspec.json.format(msgspec.json.encode(self.manifest), indent=2))

    def prepare(self) -> None:
        """The hub's folder with its secrets and the chain's data, and the hub itself, not yet started."""
        self.secrets = DemoSecrets.load_or_make(self.data / "secrets.json")
        self._write_hub()
        self.hub = Program("hub", "cloud.cli", [*self.hub_config, "serve"], self.data / "logs/hub.log", self.health)

    def stop(self) -> None:
        """Agents first, so that what they have done still reaches the hub."""
        for program in self.programs:
            program.stop()
        for devices in self.devices.values():
            devices.unplug()
        if self.door is not None:
            self.door.close()

    @property
    def programs(self) -> list[Program]:
        others = [getattr(self, name, None) for name in ("hub", "simulator")]
        return [*self.agents.values(), *(program for program in others if program is not None)]

    @property
    def health(self) -> str:
        return f"{self.hub_url}/health"

    @property
    def operator_token(self) -> str:
        return hub_secrets.load(self.hub_folder).operator_token

    def page_url(self, store: str) -> str:
        return f"http://{ports.LOOPBACK}:{self.page_ports[store]}"

    def token_file(self, store: str) -> Path:
        """Its content is another one whenever that agent starts."""
        return self._store_folder(store) / TOKEN_FILE

    def work_file(self, store: str) -> Path:
        """The data file of what the store did."""
        return self._store_folder(store) / WORK

    def page_token(self, store: str) -> str:
        return self.token_file(store).read_text(encoding="utf-8")

    def link(self, store: str, page: str = "/") -> str:
        """An address that opens a page of that store once, within a minute. Raises KeyError for an unknown store."""
        answer = httpx.post(
            f"{self.page_url(store)}/api/page-links",
            headers={"Authorization": f"Bearer {self.page_token(store)}"},
            json={"page": page},
            timeout=5.0,
            trust_env=False,
        )
        return str(answer.raise_for_status().json()["url"])

    def load(self, chain_file: Path) -> None:
        """Stores, products and stock from a file, as `yaolink-hub load` takes it."""
        command("cloud.cli", [*self.hub_config, "load", str(chain_file)])

    # The hub

    @property
    def hub_folder(self) -> Path:
        return self.data / "hub"

    @property
    def hub_config(self) -> list[str]:
        return ["--config", str(self.hub_folder / "hub.toml")]

    def _write_hub(self) -> None:
        first = not (self.hub_folder / "hub.toml").exists()
        write_private(
            self.hub_folder / "hub.toml", settings.hub(self._hub_port, self.simulator_url, self.secrets.app_id)
        )
        if first:
            hub_secrets.set_channel_secret(self.hub_folder, "meituan", self.secrets.meituan_secret)
            hub_secrets.set_channel_secret(self.hub_folder, "own", self.secrets.own_api_key)
            self.load(file())
        people.employ(self.hub_folder / "hub.toml", [store.store for store in self.chain.stores])

    # The platform

    def _simulator(self) -> Program | None:
        if not self._with_simulator:
            return None
        config = self.data / "simulator.json"
        write_private(config, settings.simulator(self.chain, self.secrets, self.hub_url, self._day_numbers()))
        port = self.simulator_url.rpartition(":")[2]
        program = Program(
            "simulator",
            "installer.simulators.meituan",
            ["--config", str(config), "--port", port],
            self.data / "logs/simulator.log",
        )
        program.start()
        return program

    def _day_numbers(self) -> dict[str, int]:
        """The highest number of today's orders by shop, from the hub's file while nothing runs."""
        day = times.DAY
        midnight = (int(time.time() * 1000) + CHINA_OFFSET) // day * day - CHINA_OFFSET
        rows = self._read_hub(
            "SELECT shop, max(day_number) FROM orders WHERE channel = 'meituan' AND placed_at >= ? GROUP BY shop",
            midnight,
        )
        return dict(rows)

    def on_hand(self) -> dict[tuple[str, str], int]:
        """Whole units by store and SKU, as the hub has them now."""
        rows = self._read_hub("SELECT store, sku, on_hand FROM stock")
        return {(store, sku): whole_units(on_hand) for store, sku, on_hand in rows}

    def _read_hub(self, query: str, *values: int) -> list[tuple[Any, ...]]:
        with contextlib.closing(pysqlite3.connect(f"file:{self.hub_folder / 'hub.db'}?mode=ro", uri=True)) as db:
            rows: list[tuple[Any, ...]] = db.execute(query, values).fetchall()
            return rows

    # The stores

    def _store_folder(self, store: str) -> Path:
        return self.data / "stores" / store

    def open_store(self, store: DemoStore) -> None:
        """One more, which the running hub knows already. Raises ProgramFailed."""
        self.page_ports[store.store] = ports.prefer(self._hub_port + 11, set(self.page_ports.values()))
        self._start_store(store)
        self.agents[store.store].wait_ready()
        self._pair(store)

    def _start_store(self, store: DemoStore) -> None:
        name = store.store
        printer = self._printer if store is self.chain.stores[0] else None
        devices = Devices.plug_in(printer, lambda slip: self.on_slip(name, slip))
        self.devices[name] = devices
        folder = self._store_folder(name)
        write_private(
            folder / "agent.toml",
            settings.agent(
                self.page_ports[name],
                devices.printer_address,
                devices.scanner.path,
                f"{self._paper_url}/{name}/latest.png" if self._paper_url and devices.printer else None,
            ),
        )
        self.agents[name] = Program(
            f"agent {name}",
            "agent.cli",
            ["--config", str(folder / "agent.toml"), "run"],
            self.data / "logs" / f"{name}.log",
            f"{self.page_url(name)}/health",
        )
        self.agents[name].start()

    def _pair(self, store: DemoStore) -> None:
        """As a person does it with `yaolink-hub pair` and `yaolink-agent pair`, by the APIs beneath them.

        Again when the hub answers at another port than last time.
        """
        page, hub = self.page_url(store.store), self.reached_at.get(store.store, self.hub_url)
        to_page = {"Authorization": f"Bearer {self.page_token(store.store)}"}
        to_hub = {"Authorization": f"Bearer {self.operator_token}"}
        with httpx.Client(trust_env=False, timeout=20.0) as client:
            try:
                known = client.get(f"{page}/api/state", headers=to_page).raise_for_status().json()
                if known["store"] and known["hub"] in (hub, REVOKED):
                    return
                made = client.post(f"{self.hub_url}/api/stores/{store.store}/pairing-code", headers=to_hub, json={})
                told = {"hub": hub, "code": made.raise_for_status().json()["code"]}
                client.post(f"{page}/api/pair", headers=to_page, json=told).raise_for_status()
            except httpx.HTTPError as error:
                raise ProgramFailed(f"store {store.store} could not be paired: {error}") from error


def command(module: str, arguments: list[str]) -> None:
    """Runs one of our commands to its end; raises ProgramFailed with what it said."""
    done = subprocess.run(
        [sys.executable, "-m", module, *arguments], capture_output=True, text=True, timeout=60, check=False
    )
    if done.returncode != 0:
        raise ProgramFailed(f"{module} {' '.join(arguments)}: {(done.stderr or done.stdout).strip()}")
