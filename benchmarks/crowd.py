"""Ten thousand stores for a hub: written into its database before it starts, and spoken for by one other process
(`benchmarks.bare_agents`)."""

import json
import secrets
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any
from urllib.parse import urlsplit

import msgspec

from agent.patience import Patience
from cloud import config, eventlog, tables
from cloud import secrets as hub_secrets
from cloud.commands import changing
from cloud.config import Settings
from cloud.tokens import TOKEN_LIFE, Token, Tokens, mark_of
from domain.events import CATALOGUE, store_log
from domain.protocol import JobReport, PrinterReport, Report
from domain.times import Millis
from installer.demo.chain import DemoStore
from installer.demo.world import World

REPORT_SECONDS = 300.0
"""As `agent.jobs.job` has it for a store where nothing changes."""
Bare = tuple[str, dict[str, str]]
"""The token of a store's session, and where it stands in each of its logs."""
JOBS = ("report", "slips", "reconcile", "disk", "clock", "doctor", "check", "backup", "retention", "rotation")
"""As docs/data.md names them."""
KEY, BOOT = bytes(32), "bare"
"""They send nothing that is signed."""


def name(number: int) -> str:
    return f"B{number:05d}"


def shop(number: int) -> str:
    """The store's shop at the chain's own channel."""
    return f"bare-{number:05d}"


def settle(world: World, count: int) -> list[Bare]:
    """Stores with a shop each, and an agent already paired; the hub is not running."""
    settings = config.load(world.hub_folder / "hub.toml")
    numbers = range(count)
    with changing(settings) as tx:
        eventlog.open_log(tx, CATALOGUE)
        log_ids = [tx.randomness(eventlog.LOG_ID_BYTES).hex() for _ in numbers]
        of = {"chain": tx.chain}
        for table, rows in (
            (tables.stores, [{**of, "store": name(n), "name": f"{n} 店", "accept": "hub", "lead": 0} for n in numbers]),
            (tables.shops, [{**of, "channel": "own", "shop": shop(n), "store": name(n)} for n in numbers]),
            (tables.log_heads, [{**of, "log": store_log(name(n)), "log_id": log_ids[n], "head": 0} for n in numbers]),
            (tables.agents, [{**of, **_agent(n, tx.now)} for n in numbers]),
        ):
            tx.connection.execute(table.insert(), rows)
        (catalogue,) = eventlog.heads(tx.connection, tx.chain, [CATALOGUE])
        tokens = _tokens(settings, count, tx.now)
    at = f"{catalogue.log_id}:{catalogue.seq}"
    return [(tokens[n], {store_log(name(n)): f"{log_ids[n]}:0", CATALOGUE: at}) for n in numbers]


@contextmanager
def served(folder: Path, clients: int, *, with_agents: bool) -> Iterator[tuple[World, list[Bare]]]:
    """A hub with so many stores, and with three real agents beside them or none."""
    world = World(folder, hub_port=0, with_simulator=False)
    world.prepare()
    stores = settle(world, clients + 1)
    try:
        if with_agents:
            world.start()
            world.open_store(DemoStore(name(clients), "第三家店", "hub", 30, {}))
        else:
            world.hub.start()
            world.hub.wait_ready()
        yield world, stores[:clients]
    finally:
        world.stop()


def _tokens(settings: Settings, count: int, now: Millis) -> list[str]:
    """As of sessions that began just now; good for an hour."""
    made = Tokens(bytes.fromhex(hub_secrets.load_or_make(settings.folder).session_key))
    until = now + 2 * TOKEN_LIFE
    return [made.token(Token(f"bare-{n}", now, 0, BOOT, mark_of(KEY), until)) for n in range(count)]


def _agent(number: int, now: Millis) -> dict[str, object]:
    return {
        "device": f"bare-{number}",
        "store": name(number),
        "public_key": KEY,
        "boot": BOOT,
        "hostname": "bare",
        "version": "0",
        "paired_at": now,
    }


def report() -> bytes:
    """As a store with a printer, a scanner and the agent's jobs says it, about 1.8 KB."""
    printer = PrinterReport("前台小票机", "tcp://192.168.1.87:9100", "ready", model="XP-80C")
    scanner = PrinterReport("扫码枪", "/dev/serial/by-id/usb-Honeywell-if00", "ready")
    return msgspec.json.encode(
        Report(
            device="bare",
            boot=secrets.token_hex(16),
            version="0.6.0",
            at=1_795_233_600_000,
            cursors=(),
            outbox_depth=0,
            outbox_oldest_at=None,
            printers=(printer,),
            scanners=(scanner,),
            incarnation=secrets.token_hex(16),
            clock_offset=12,
            disk_free=48_318_382_080,
            jobs=tuple(
                JobReport(job, 1_795_233_600_000, 1_795_233_660_000, "ok", "", 1_795_233_600_000) for job in JOBS
            ),
        )
    )


class Crowd:
    """The process that speaks for them. Use as a context manager."""

    def __init__(
        self,
        hub_url: str,
        stores: Sequence[Bare],
        *,
        per_second: float,
        report_seconds: float = REPORT_SECONDS,
        retry: float = Patience().retry,
        retry_fixed: float = 0.0,
        polling: bool = False,
    ) -> None:
        """`retry`: their first jitter, in seconds. `retry_fixed`: they come back after so many seconds whatever the hub
        says; 0: as our agents do."""
        address = urlsplit(hub_url)
        self._told = {
            "host": address.hostname,
            "port": address.port,
            "stores": stores,
            "report": report().decode(),
            "report_seconds": report_seconds,
            "per_second": per_second,
            "retry": retry,
            "retry_fixed": retry_fixed,
            "polling": polling,
        }

    def __enter__(self) -> "Crowd":
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.bare_agents"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        self._say(json.dumps(self._told))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.kill()
        self._process.communicate()

    @property
    def pid(self) -> int:
        return self._process.pid

    def wait_until_open(self, streams: int, within: float = 300.0) -> None:
        deadline = time.monotonic() + within
        while (told := self.tell())["open"] < streams:
            if time.monotonic() > deadline:
                raise RuntimeError(f"{told['open']} of {streams} streams are open")
            time.sleep(0.25)

    def tell(self) -> dict[str, Any]:
        """How many streams live, and what was counted and timed since the last time."""
        self._say("tell")
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError("the bare agents have ended")
        told: dict[str, Any] = json.loads(line)
        return told

    def _say(self, line: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(line.encode() + b"\n")
        self._process.stdin.flush()
