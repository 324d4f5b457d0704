"""The hub, composed in one place: everything built, in order, and what runs beside its doors."""

import asyncio
import os
import time
from collections.abc import Coroutine, Iterator

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from cloud import channel_list
from cloud.activity import Activity
from cloud.asgi import App, Receive, Scope, Send
from cloud.attempts import Attempts
from cloud.caller import Caller
from cloud.chores import Chores
from cloud.codes.gathering import SECONDS as GATHER_SECONDS
from cloud.codes.gathering import Gathering
from cloud.codes.loading import CodeLists
from cloud.compaction import Compaction, Keep
from cloud.config import Settings
from cloud.counters import Counters
from cloud.database import Database
from cloud.desk import Desk
from cloud.details import Details
from cloud.edge.blobs import EdgeBlobs
from cloud.edge.door import Edge
from cloud.edge.sessions import EdgeSessions
from cloud.edge.snapshots import EdgeSnapshots
from cloud.edge.stream import Station
from cloud.erp import building
from cloud.erp.api import erp_door
from cloud.erp.desk import ErpDesk
from cloud.erp.door import Door
from cloud.erp.hub_books import HubBooks
from cloud.erp.removing import Removing
from cloud.fleet.desk import FleetDesk
from cloud.followers import Followers
from cloud.gate import Gate
from cloud.heads import SWEEP_SECONDS, Heads
from cloud.high_water import HighWater
from cloud.hints import Hints
from cloud.intake_http import Intake
from cloud.logs import HubLogs
from cloud.own_http import OwnDoor
from cloud.pages.site import site
from cloud.people.desk import People
from cloud.prescriptions.fetching import Fetching
from cloud.prescriptions.pharmacy import Pharmacy
from cloud.presence import Attendance
from cloud.recalls import Recalls
from cloud.refusals import guarded
from cloud.register import Register
from cloud.rejections import Rejections
from cloud.secrets import Secrets
from cloud.set_aside.desk import SetAsideDesk
from cloud.snapshots.cache import SnapshotCache
from cloud.sweeper import Sweeper
from cloud.switching import Switching
from cloud.taking import Taking
from cloud.tokens import Tokens
from cloud.turnstile import Turnstile
from cloud.upkeep import every
from cloud.vault import Vault
from cloud.wheel import Wheel
from cloud.writer import Writer
from domain.protocol import HEARTBEAT_SECONDS
from domain.times import DAY, HOUR, MINUTE, SECOND, Clock

PAIRINGS_A_MINUTE = 10
TELL_STOCK_SECONDS = 1.0
IMAGES_SECONDS = 1.0
SET_ASIDE_SECONDS = 2.0
OVERDUE_SECONDS = 5.0
NEW_STORES_SECONDS = 30.0
REPORTS_SECONDS = 60.0
MARKS_SECONDS = 60.0
SNAPSHOTS_SECONDS = 600.0
HOURLY, DAILY = HOUR / SECOND, DAY / SECOND


class Hub:
    """An ASGI app with a life: `start` and `stop` are the server's to call."""

    def __init__(self, settings: Settings, secrets: Secrets, database: Database, clock: Clock) -> None:
        self._settings, self._secrets, self._chain, self._clock = settings, secrets, settings.chain, clock
        self._vault = Vault(bytes.fromhex(secrets.master_key))
        self._signer = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(secrets.audit_key))
        self.writer = Writer(database, self._chain, clock, os.urandom, self._vault)
        self.counters, self._rejections, self._activity = Counters(), Rejections(), Activity()
        self.hints, self.followers, self.attendance = Hints(), Followers(), Attendance()
        self.heads = Heads(self.hints)
        self.attendance.on_news(self._activity.stir)
        self._build_channels()
        self._build_logs()
        self._build_erp()
        self._chores = Chores(
            self.writer, self.attendance, chain=self._chain, signer=self._signer,
            patience=settings.not_applied_after_seconds * SECOND, clock=clock, wake_caller=self._caller.wake,
        )  # fmt: skip
        self._doors = [*self._machines_doors(), ("/", self._site())]
        self._running: list[asyncio.Task[None]] = []

    def _build_channels(self) -> None:
        """What speaks with the platforms."""
        chain, writer, clock = self._chain, self.writer, self._clock
        self.channels = channels = channel_list.make(self._settings, self._secrets, clock)
        self._taking = Taking(channels.by_name, writer, clock)
        self._details = Details(channels.by_name, self._taking)
        self._caller = Caller(channels.by_name, chain=chain, writer=writer, counters=self.counters, clock=clock)
        self._fetching = Fetching(channels.by_name, chain=chain, writer=writer, clock=clock)
        self._sweeper = Sweeper(
            channels, self._taking, chain=chain, writer=writer, counters=self.counters, clock=clock,
            every_seconds=self._settings.sweep_every_seconds,
        )  # fmt: skip

    def _build_logs(self) -> None:
        """What the stores follow, and who may."""
        settings, chain, writer, clock = self._settings, self._chain, self.writer, self._clock
        self._logs = HubLogs(writer, chain, self._vault, self.heads)
        self._register = Register(writer, chain, clock)
        self._gathering = Gathering(writer, chain)
        self._snapshots = SnapshotCache(
            writer, settings.folder, chain=chain, vault=self._vault, clock=clock, randomness=os.urandom
        )
        self._high_water = HighWater(writer, self.heads, settings.folder, chain=chain, clock=clock)
        keep = Keep(settings.events_kept_days * DAY, settings.events_kept, settings.events_kept_mb << 20)
        self._compaction = Compaction(writer, self.attendance, chain=chain, keep=keep, clock=clock)

    def _build_erp(self) -> None:
        settings, writer, clock = self._settings, self.writer, self._clock
        self._erp_books = HubBooks(writer, self._chain, clock)
        self._erp_connectors = building.connectors(settings.erp, settings.folder, self._erp_books, clock)
        self._erp_removing = Removing(writer)
        patience = settings.erp.stuck_minutes * MINUTE
        self._erp = ErpDesk(writer, self._chain, clock, patience=patience, connectors=self._erp_connectors)

    def _machines_doors(self) -> Iterator[tuple[str, App]]:
        """By prefix, the narrower before the wider."""
        channels, chain, writer, clock = self.channels, self._chain, self.writer, self._clock
        intake = Intake(
            channels, self._details, writer=writer, rejections=self._rejections, counters=self.counters, clock=clock
        )
        if "own" in channels.by_name:
            secret = self._secrets.channels["own"]
            own = OwnDoor(channels.by_name["own"], secret, chain=chain, intake=intake, writer=writer)
            yield "/channels/own/", guarded(own)
        yield "/channels/", guarded(intake)
        yield "/edge/", guarded(self._edge())
        if self._settings.erp.api:
            yield "/erp/", erp_door(self._erp, Door(self._erp, clock))

    def _edge(self) -> Edge:
        sessions = EdgeSessions(
            self.writer, self._chain, register=self._register,
            tokens=Tokens(bytes.fromhex(self._secrets.session_key)), high_water=self._high_water,
            followers=self.followers, attendance=self.attendance, clock=self._clock,
        )  # fmt: skip
        return Edge(
            writer=self.writer,
            logs=self._logs,
            sessions=sessions,
            blobs=EdgeBlobs(self.writer, self._chain, self._vault),
            station=Station(self._logs, self._register, self.heads, self.hints, Wheel(), self._clock),
            snapshots=EdgeSnapshots(self._snapshots),
            high_water=self._high_water,
            followers=self.followers,
            attendance=self.attendance,
            attempts=Attempts(PAIRINGS_A_MINUTE, self._clock),
            turnstile=Turnstile(self._settings.agents_a_second, time.monotonic),
            counters=self.counters,
            clock=self._clock,
        )

    def _site(self) -> App:
        """What people open."""
        settings, chain, writer, clock = self._settings, self._chain, self.writer, self._clock
        return site(
            desk=self._desk(),
            people=People(writer, chain, clock),
            pharmacy=Pharmacy(writer, chain, self._vault, clock),
            recalls=Recalls(writer, chain),
            codes=CodeLists(writer, chain),
            aside=SetAsideDesk(writer, chain),
            fleet=FleetDesk(writer, chain, self.attendance, self.heads, clock),
            erp=self._erp,
            gate=Gate(self._secrets.operator_token, clock, secure=settings.registered_url.startswith("https:")),
        )

    def _desk(self) -> Desk:
        return Desk(
            chain=self._chain,
            name=self._settings.name,
            hub_url=self._settings.registered_url,
            labels={name: channel.label for name, channel in self.channels.by_name.items()},
            writer=self.writer,
            switching=Switching(self.writer, self._caller),
            vault=self._vault,
            attendance=self.attendance,
            followers=self.followers,
            rejections=self._rejections,
            taking=self._taking,
            activity=self._activity,
            counters=self.counters,
            signer=self._signer,
            clock=self._clock,
            erp=self._erp,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"]
        for prefix, door in self._doors:
            if path.startswith(prefix):
                await door(scope, receive, send)
                return

    async def start(self) -> None:
        await self.writer.start()
        self._listen_to_commits()
        await self._high_water.begin()  # before anything else writes: a new event would hide a head that fell back
        await self._chores.begin()
        await self._logs.learn_heads()
        await self._register.refresh()
        self._snapshots.begin()
        self._running = [
            asyncio.create_task(one) for one in (self._caller.run(), self._sweeper.run(), *self._by_clock())
        ]
        self._erp_books.begin()
        self._erp_connectors.start()

    def _listen_to_commits(self) -> None:
        self.writer.after_commit(lambda news, happened: self.heads.learn(news))
        self.writer.after_commit(lambda news, happened: self._activity.tell(happened))
        self.writer.after_commit(lambda news, happened: self._caller.wake())
        self.writer.after_commit(lambda news, happened: self._snapshots.heard(happened))
        self.writer.after_commit(lambda news, happened: self._register.heard(happened))

    def _by_clock(self) -> Iterator[Coroutine[None, None, None]]:
        chores = self._chores
        yield every(SWEEP_SECONDS, self._logs.learn_heads, "looking where the logs stand")
        yield every(HEARTBEAT_SECONDS, self._register.refresh, "looking who may speak")
        yield every(TELL_STOCK_SECONDS, chores.tell_stock, "telling channels of stock")
        yield every(OVERDUE_SECONDS, chores.look_for_overdue, "looking for overdue orders")
        yield every(SET_ASIDE_SECONDS, chores.take_up_set_aside, "trying again what was set aside")
        yield every(GATHER_SECONDS, self._gathering.run, "telling stores of sold codes")
        yield every(IMAGES_SECONDS, self._fetching.fetch, "fetching images of prescriptions")
        yield every(REPORTS_SECONDS, chores.write_reports, "writing the agents' reports")
        yield every(HOURLY, chores.sign_audit, "signing the audit")
        yield every(DAILY, self._erp_removing.run, "removing what is long over about the ERP")
        yield every(NEW_STORES_SECONDS, self._erp.take_up, "taking what the ERP told of new stores")
        yield every(SNAPSHOTS_SECONDS, self._snapshots.forget_unused, "removing old snapshots")
        yield every(MARKS_SECONDS, self._high_water.write_marks, "writing how far the logs go")
        yield every(HOURLY, self._compaction.run, "compacting the logs")

    async def say_bye(self) -> None:
        """Before the server stops: streams end with a word and a spread, so that agents come back one by one."""
        self._activity.stop()
        await self.followers.say_bye()

    async def stop(self) -> None:
        """After the last request."""
        self._details.stop()
        await asyncio.to_thread(self._erp_connectors.stop)
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)
        await self._chores.write_reports(everything=True)
        await self._high_water.write_marks()
        await self._snapshots.stop()
        await self.writer.stop()
        for channel in self.channels.by_name.values():
            await channel.close()
