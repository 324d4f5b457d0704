"""A store's computer: its folder outlives its processes. What runs in it is composed as `agent.service` does, without
devices and page."""

import asyncio
import shutil
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from random import Random

from agent import incarnation, outbox, prescriptions, recovery, store
from agent.blobs.carrier import Carrier
from agent.catalogue import Lookup, lookup_in
from agent.config import SecretsPlace
from agent.cursors import cursor
from agent.device_key import DeviceKeys
from agent.file_logs import FileOutbox, followed
from agent.files import CACHE, WORK
from agent.follower import FollowedLog
from agent.following import Following
from agent.hub import Hub
from agent.introducing import Introducing
from agent.line import Line
from agent.pairing import Pairing
from agent.patience import Patience
from agent.secrets import open_secrets
from agent.session import Session
from agent.transactions import Reading, Topic
from domain.events import store_log
from domain.protocol import Report
from domain.times import Clock
from tests.simulation.process import Process
from tests.simulation.programs import NEWEST
from tests.simulation.storage import Dies, VirtualCache, VirtualWork
from tests.simulation.wire import Wire
from tests.simulation.witness import Witness

PATIENCE = Patience()
REPORT_SECONDS = 50.0
"""In the product soon after each change of an order, else every five."""
HUB_URL = "http://hub"


class RunningAgent:
    """One life of an agent."""

    def __init__(self, folder: Path, process: Process, wire: Wire, clock: Clock, random: Random, dies: Dies) -> None:
        self.process, self.boot = process, f"{random.getrandbits(128):032x}"
        kept = open_secrets(SecretsPlace.FILE, folder)
        master_key = kept.master_key(may_make=not (folder / WORK).exists())
        randomness = random.randbytes
        self.work = work = VirtualWork(
            folder / WORK, process, dies, master_key=master_key, clock=clock, randomness=randomness
        )
        self.cache = cache = VirtualCache(folder / CACHE, process, dies, clock=clock, randomness=randomness)
        self.lookup: Lookup = lookup_in(cache)
        self.line = Line(clock)
        hub_at = partial(Hub, transport=wire)
        keys = DeviceKeys(kept, randomness)
        myself = Introducing(work, cache, boot=self.boot, version=process.program.version)
        self.following = following = Following(
            hub_at=hub_at, session=lambda: Session(keys, myself, monotonic=asyncio.get_running_loop().time),
            logs=self.logs, outbox=FileOutbox(work),
            carrier_of=partial(
                Carrier, work=work, patience=PATIENCE, spread=random.uniform, on_arrival=prescriptions.image_arrived
            ),
            report=self._report, line=self.line, patience=PATIENCE, spread=random.uniform,
        )  # fmt: skip
        self.pairing = Pairing(
            work=work, keys=keys, following=following, hub_at=hub_at, version=process.program.version
        )
        work.after_commit(self._of_commit)

    async def logs(self) -> Sequence[FollowedLog]:
        return await followed(self.work, self.cache)

    async def start(self) -> None:
        await recovery.recover_all(self.work, self.process.program.version)
        await recovery.take_up(self.cache, self.process.program.version)
        await self.pairing.resume()
        while True:
            await asyncio.sleep(REPORT_SECONDS)
            await self.following.send_report()

    def _of_commit(self, topics: frozenset[Topic]) -> None:
        if Topic.OUTBOX in topics:
            asyncio.get_running_loop().call_soon(self.following.wake_sender)

    async def _report(self) -> Report:
        return await self.work.aread(self._say)

    def _say(self, reading: Reading) -> Report:
        identity = store.identity(reading)
        life, confirmed = incarnation.standing(reading)
        return Report(
            device=identity.device, boot=self.boot, version=self.process.program.version, at=reading.now,
            cursors=(cursor(reading, store_log(identity.store)),), outbox_depth=outbox.depth(reading),
            outbox_oldest_at=outbox.oldest_at(reading), incarnation=life, confirmed=confirmed,
        )  # fmt: skip


class AgentNode:
    def __init__(
        self, name: str, folder: Path, wire: Wire, clock: Clock, random: Random, dies: Dies, witness: Witness
    ) -> None:
        self.witness = witness
        self.name, self.folder, self.wire = name, folder, wire
        self._clock, self._random, self.dies = clock, random, dies
        self.running: RunningAgent | None = None
        self.process: Process | None = None
        self.program = NEWEST
        """What is installed."""
        self.lives = self.images = 0
        self.unsure = False
        """Its disk was put back, and it has not spoken with headquarters since: what it shows may be done already."""
        self.down_until = 0.0
        """Nobody starts it before."""

    @property
    def alive(self) -> bool:
        return self.process is not None and self.process.alive

    def start(self) -> RunningAgent:
        self.lives += 1
        self.folder.mkdir(parents=True, exist_ok=True)
        self.process = process = Process(f"{self.name} {self.lives}", self.program)
        self.running = running = RunningAgent(
            self.folder, process, self.wire, self._clock, self._random, lambda when, what: self.dies(when, what)
        )
        self.witness.follow(running.work, running.cache)
        process.spawn(running.start())
        return running

    def crash(self) -> None:
        if self.process is not None:
            self.process.die()

    def image(self) -> Path:
        """A copy of its disk as it is at this instant, as a backup or a snapshot of a virtual machine holds it."""
        to = self.folder.with_name(f"{self.folder.name}-image-{self.images}")
        self.images += 1
        shutil.copytree(self.folder, to)
        return to

    def restore(self, image: Path) -> None:
        """The disk is as the image has it; what ran on it is gone."""
        self.crash()
        shutil.rmtree(self.folder)
        shutil.copytree(image, self.folder)
        self.unsure = True
