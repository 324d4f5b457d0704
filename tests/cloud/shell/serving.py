"""A whole hub on a free port: uvicorn, doors, core and SQLite, in a thread of the test's process."""

import asyncio
import hashlib
import os
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus, urlencode

import httpx
import msgspec

from cloud import chain, load, secrets
from cloud.app import Hub
from cloud.commit import transact
from cloud.config import Settings, parse
from cloud.database import Database, migrate, open_database
from cloud.listening import listen
from cloud.secrets import Secrets
from cloud.server import Serving
from cloud.transaction import Transaction
from cloud.vault import Vault
from domain.products import Product
from tests.cloud.shell.device import Device, InSession

STORE, OTHER_STORE = "S1", "S2"
KEY, MEITUAN_SECRET = "own-key", "not-a-secret"
CHAIN_FILE = {
    "stores": [
        {"store": STORE, "name": "人民路店", "shops": {"own": "shop-1", "meituan": "mt-1"}},
        {"store": OTHER_STORE, "name": "江滨店", "accept": "clerk", "shops": {"own": "shop-2", "meituan": "mt-2"}},
    ],
    "products": [
        {"sku": "M1", "name": "阿莫西林胶囊", "spec": "0.25g*24粒", "unit": "盒", "barcodes": ["6900000000014"]},
        {"sku": "M2", "name": "布洛芬", "spec": "0.3g*20粒", "unit": "盒"},
    ],
    "stock": [{"store": store, "sku": sku, "on_hand": 10} for store in (STORE, OTHER_STORE) for sku in ("M1", "M2")],
}


def clock() -> int:
    return time.time_ns() // 1_000_000


class RunningHub:
    """`start` and `stop` may be called again on the same data: that is a restart."""

    def __init__(self, folder: Path, platform_url: str = "http://127.0.0.1:1/", not_applied_after: int = 60) -> None:
        self.folder = folder
        self._platform_url, self._not_applied_after = platform_url, not_applied_after
        self.secrets: Secrets = secrets.load_or_make(folder)
        for name, secret in (("own", KEY), ("meituan", MEITUAN_SECRET)):
            secrets.set_channel_secret(folder, name, secret)
        self.secrets = secrets.load(folder)
        self.port, self.ahead = 0, 0
        """`ahead`: of the time, in milliseconds."""
        self.agents_a_second = 300
        self.erp: dict[str, object] = {"api": True}
        self._clients: list[httpx.Client] = []

    def start(self) -> "RunningHub":
        listener = listen("127.0.0.1", self.port)
        self.port = listener.getsockname()[1]
        self._listener, self._database = listener, self._open()
        self.hub = Hub(self.settings, self.secrets, self._database, lambda: clock() + self.ahead)
        ready = threading.Event()
        self._serving = Serving(self.hub, listener, ready.set)
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serving.run()))
        self._thread.start()
        assert ready.wait(60)
        return self

    def _open(self) -> Database:
        database = open_database(self.settings.database_url)
        migrate(database)
        vault = Vault(bytes.fromhex(self.secrets.master_key))
        file = msgspec.convert(CHAIN_FILE, load.ChainFile)
        with transact(database, self.settings.chain, clock, os.urandom, vault) as tx:
            load.apply(tx, file, by="test")
        return database

    def stop(self) -> None:
        self._serving.end()
        self._thread.join(60)
        assert not self._thread.is_alive()
        self._listener.close()
        self._database.close()

    def close(self) -> None:
        for client in self._clients:
            client.close()
        self.stop()

    @property
    def settings(self) -> Settings:
        meituan = {"app_id": "4012", "base_url": self._platform_url}
        values = {"data": str(self.folder), "port": self.port, "channels": {"own": {}, "meituan": meituan}}
        values["erp"] = self.erp
        patience = {"not_applied_after_seconds": self._not_applied_after, "agents_a_second": self.agents_a_second}
        return parse({**values, **patience})

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def client(self, token: str | InSession | None = None) -> httpx.Client:
        made = httpx.Client(base_url=self.url, trust_env=False, timeout=30)
        if isinstance(token, InSession):
            made.auth = token
        elif token is not None:
            made.headers["Authorization"] = f"Bearer {token}"
        self._clients.append(made)
        return made

    def operator(self) -> httpx.Client:
        return self.client(self.secrets.operator_token)

    def code(self, store: str = STORE) -> str:
        answer = self.operator().post(f"/api/stores/{store}/pairing-code")
        code: str = answer.raise_for_status().json()["code"]
        return code

    def paired(self, store: str = STORE, device: str = "device-1") -> Device:
        made = Device(device)
        made.pair(self.client(), self.code(store)).raise_for_status()
        return made

    def pair(self, store: str = STORE, device: str = "device-1") -> InSession:
        """A new agent in its first session."""
        return self.speak(self.paired(store, device))

    def speak(self, device: Device) -> InSession:
        return InSession(device, device.session(self.client()).token)

    def bind_shop(self, channel: str, shop: str, store: str) -> None:
        self.beside(lambda tx: chain.put_shop(tx, channel, shop, store))

    def beside(self, job: Callable[[Transaction], object]) -> None:
        """As another program does it, beside the running hub."""
        vault = Vault(bytes.fromhex(self.secrets.master_key))
        with transact(self._database, self.settings.chain, clock, os.urandom, vault) as tx:
            job(tx)

    def fill_catalogue(self, count: int, name: str) -> None:
        """That many products, in one transaction beside the running hub."""
        vault = Vault(bytes.fromhex(self.secrets.master_key))
        with transact(self._database, self.settings.chain, clock, os.urandom, vault) as tx:
            for number in range(count):
                chain.put_product(tx, Product(f"F{number}", name, "", "盒"))

    def order(self, order_id: str, lines: dict[str, int] | None = None, **more: Any) -> httpx.Response:
        """A paid order of the chain's own channel: sku → units."""
        body = {
            "order_id": order_id,
            "shop": "shop-1",
            "placed_at": "2026-01-01T08:00:00+08:00",
            "total": 1000,
            "day_number": 12,
            "lines": [
                {"sku": sku, "name": f"药{sku}", "quantity": count, "price": 500}
                for sku, count in (lines or {"M1": 1}).items()
            ],
            "recipient": {"name": "王小明", "phone": "13812345678", "remark": "打13900001111"},
            **more,
        }
        return self.client(KEY).post("/channels/own/orders", json=body)

    def meituan(self, topic: str, form: dict[str, str], secret: str = MEITUAN_SECRET) -> httpx.Response:
        """A push as the platform signs it: over the registered URL, values encoded twice."""
        url = f"{self.url}/channels/meituan/{topic}"
        text = url + "?" + "&".join(f"{name}={form[name]}" for name in sorted(form)) + secret
        signed = {**form, "sig": hashlib.md5(text.encode()).hexdigest()}
        body = urlencode({name: quote_plus(value) for name, value in signed.items()})
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        return self.client().post(f"/channels/meituan/{topic}", content=body, headers=headers)
