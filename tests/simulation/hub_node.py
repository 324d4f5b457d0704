"""The hub of a simulated chain: its own writer, doors, streams, sweeper and caller over one SQLite file."""

import asyncio
import shutil
from collections.abc import Callable, Coroutine, Iterator, Mapping
from contextlib import closing
from pathlib import Path
from random import Random

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from agent.engine import sqlite3
from cloud.asgi import App, Receive, Scope, Send
from cloud.attempts import Attempts
from cloud.caller import Caller
from cloud.channel_list import Channels
from cloud.channels.base import Channel
from cloud.chores import Chores
from cloud.codes.gathering import Gathering
from cloud.compaction import Compaction, Keep
from cloud.counters import Counters
from cloud.database import Database, open_database
from cloud.details import Details
from cloud.edge.blobs import EdgeBlobs
from cloud.edge.door import Edge
from cloud.edge.sessions import EdgeSessions
from cloud.edge.snapshots import EdgeSnapshots
from cloud.edge.stream import Station
from cloud.followers import Followers
from cloud.heads import Heads
from cloud.high_water import MARKS, HighWater
from cloud.hints import Hints
from cloud.intake_http import Intake
from cloud.logs import HubLogs
from cloud.presence import Attendance
from cloud.refusals import guarded
from cloud.register import Register
from cloud.rejections import Rejections
from cloud.snapshots.cache import SnapshotCache
from cloud.sweeper import Sweeper
from cloud.taking import Taking
from cloud.tokens import Tokens
from cloud.turnstile import Turnstile
from cloud.upkeep import every
from cloud.vault import Vault
from cloud.wheel import Wheel
from domain.times import HOUR, MINUTE, SECOND, Clock
from tests.simulation.platform import Platform
from tests.simulation.process import Process
from tests.simulation.programs import NEWEST
from tests.simulation.writing import Dies, VirtualWriter

CHAIN = "康宁"
KEY = bytes(range(32))
SWEEP_SECONDS = 180.0
CALLING_SECONDS = 20.0
GATHERING_SECONDS, HEADS_SECONDS, REGISTER_SECONDS = 120.0, 20.0, 60.0
"""Every few in the product. Each event of the log `codes` is a commit in every store, and each look costs as much as on
a real clock."""
TELLING_SECONDS = 600.0
"""Nobody here is told of stock to sell more or less of it."""


class RunningHub:
    """One life of the hub, composed as `cloud.app.Hub` does, but for what docs/reliability.md says is not shown."""

    def __init__(
        self,
        database: Database,
        folder: Path,
        process: Process,
        channels: Mapping[str, Platform],
        clock: Clock,
        random: Random,
        dies: Dies,
    ) -> None:
        vault, self._clock = Vault(KEY), clock
        self.writer = writer = VirtualWriter(database, CHAIN, clock, random, vault, process, dies)
        counters, self.ready, self._calling = Counters(), False, False
        by_name: dict[str, Channel] = dict(channels)
        known = {name: platform.known for name, platform in channels.items()}
        all_channels = Channels(by_name, {name: lambda topic: "http://hub" for name in by_name}, known)
        hints, self._attendance = Hints(), (attendance := Attendance())
        self._heads = heads = Heads(hints)
        self._logs = logs = HubLogs(writer, CHAIN, vault, heads)
        taking = Taking(by_name, writer, clock)
        self._caller = Caller(by_name, chain=CHAIN, writer=writer, counters=counters, clock=clock)
        self._sweeper = Sweeper(
            all_channels, taking, chain=CHAIN, writer=writer, counters=counters, clock=clock,
            every_seconds=SWEEP_SECONDS,
        )  # fmt: skip
        self._chores = Chores(
            writer, attendance, chain=CHAIN, signer=Ed25519PrivateKey.from_private_bytes(KEY),
            patience=MINUTE, clock=clock, wake_caller=self._caller.wake,
        )  # fmt: skip
        intake = Intake(
            all_channels,
            Details(by_name, taking),
            writer=writer,
            rejections=Rejections(),
            counters=counters,
            clock=clock,
        )
        self._snapshots = SnapshotCache(
            writer, folder, chain=CHAIN, vault=vault, clock=clock, randomness=random.randbytes
        )
        self._high_water = HighWater(writer, heads, folder, chain=CHAIN, clock=clock)
        self._register = register = Register(writer, CHAIN, clock)
        self._gathering = Gathering(writer, CHAIN)
        followers = Followers()
        sessions = EdgeSessions(
            writer, CHAIN, register=register, tokens=Tokens(KEY), high_water=self._high_water,
            followers=followers, attendance=attendance, clock=clock,
        )  # fmt: skip
        edge = Edge(
            writer=writer, logs=logs, sessions=sessions, blobs=EdgeBlobs(writer, CHAIN, vault),
            station=Station(logs, register, heads, hints, PunctualWheel(), clock),
            snapshots=EdgeSnapshots(self._snapshots), high_water=self._high_water,
            followers=followers, attendance=attendance,
            attempts=Attempts(1000, clock), counters=counters,
            clock=clock, turnstile=Turnstile(1000, lambda: clock() / SECOND),
        )  # fmt: skip
        self._doors: dict[str, App] = {"channels": guarded(intake), "edge": guarded(edge)}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._doors[scope["path"].split("/")[1]](scope, receive, send)

    async def compact(self, keep: Keep) -> None:
        await Compaction(self.writer, self._attendance, chain=CHAIN, keep=keep, clock=self._clock).run()

    def _wake_caller(self) -> None:
        """A look at the calls costs as much as a commit: here one look serves all commits of some seconds."""
        if not self._calling:
            self._calling = True
            asyncio.get_running_loop().call_later(CALLING_SECONDS, self._call)

    def _call(self) -> None:
        self._calling = False
        self._caller.wake()

    async def start(self) -> None:
        await self.writer.start()
        self.writer.after_commit(lambda news, happened: self._heads.learn(news))
        self.writer.after_commit(lambda news, happened: self._wake_caller())
        await self._high_water.begin()
        await self._chores.begin()
        await self._logs.learn_heads()
        self._snapshots.begin()
        self.writer.after_commit(lambda news, happened: self._register.heard(happened))
        await self._register.refresh()
        self.ready = True
        for work in (self._caller.run(), self._sweeper.run(), *self._by_clock()):
            asyncio.get_running_loop().create_task(work)

    def _by_clock(self) -> Iterator[Coroutine[None, None, None]]:
        chores, minute = self._chores, MINUTE / SECOND
        yield every(HEADS_SECONDS, self._logs.learn_heads, "looking where the logs stand")
        yield every(REGISTER_SECONDS, self._register.refresh, "looking who may speak")
        yield every(TELLING_SECONDS, chores.tell_stock, "telling channels of stock")
        yield every(minute, chores.look_for_overdue, "looking for overdue orders")
        yield every(minute, chores.take_up_set_aside, "trying again what was set aside")
        yield every(GATHERING_SECONDS, self._gathering.run, "telling stores of sold codes")
        yield every(minute, chores.write_reports, "writing the agents' reports")
        yield every(HOUR / SECOND, chores.sign_audit, "signing the audit")
        yield every(minute, self._high_water.write_marks, "writing how far the logs go")


class PunctualWheel(Wheel):
    """Ticks cost nothing on a real clock; on a virtual one each is a step."""

    def after(self, seconds: float, call: Callable[[], None]) -> None:
        asyncio.get_running_loop().call_later(seconds, call)


class HubNode:
    """The hub's machine: its file outlives its processes."""

    def __init__(
        self, folder: Path, channels: Mapping[str, Platform], clock: Clock, random: Random, dies: Callable[[str], bool]
    ) -> None:
        self.file = folder / "hub.db"
        self._channels, self._clock, self._random, self.dies = channels, clock, random, dies
        self.process: Process | None = None
        self.running: RunningHub | None = None
        self.program = NEWEST
        """What is installed."""
        self.lives = self.images = 0
        self.down_until = 0.0
        """Nobody starts it before."""

    def serving(self) -> tuple[Process, App] | None:
        process, running = self.process, self.running
        if process is None or running is None or not process.alive or not running.ready:
            return None
        return process, running

    def start(self) -> None:
        self.lives += 1
        self.process = process = Process(f"hub {self.lives}", self.program)
        database = open_database(f"sqlite:///{self.file}", readers=1, writers=1)
        process.at_death(database.close)
        self.running = running = RunningHub(
            database, self.file.parent, process, self._channels, self._clock, self._random, lambda when: self.dies(when)
        )
        process.spawn(running.start())

    def image(self) -> Path:
        """A copy of its folder as it is at this instant: the database, and how far its logs went."""
        to = self.file.parent / f"hub-image-{self.images}"
        self.images += 1
        to.mkdir()
        for part in self._parts(self.file.parent):
            shutil.copy2(part, to)
        return to

    def restore(self, image: Path, *, with_marks: bool) -> None:
        """The database is as the image has it. Without its marks, those beside it tell that it was restored; else only
        an agent can."""
        self.crash()
        for part in self._parts(self.file.parent):
            if part.name != MARKS or with_marks:
                part.unlink()
        for part in self._parts(image):
            if part.name != MARKS or with_marks:
                shutil.copy2(part, self.file.parent)

    def _parts(self, folder: Path) -> list[Path]:
        return sorted((*folder.glob("hub.db*"), *folder.glob(MARKS)))

    def heads(self) -> list[tuple[str, str, int]]:
        """(log, log id, head), as the file says."""
        with closing(sqlite3.connect(f"file:{self.file}?mode=ro", uri=True)) as db:
            return [tuple(row) for row in db.execute("SELECT log, log_id, head FROM log_heads")]

    @property
    def alive(self) -> bool:
        return self.process is not None and self.process.alive

    def crash(self) -> None:
        if self.process is not None:
            self.process.die()
