"""The hub, composed in one place: everything built, in order, and what runs beside its doors."""

import asyncio
import logging
import os
import time

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from cloud import channel_list
from cloud.activity import Activity
from cloud.asgi import App, Receive, Scope, Send
from cloud.attempts import Attempts
from cloud.caller import Caller
from cloud.chores import Chores
from cloud.code_gathering import SECONDS as GATHER_SECONDS
from cloud.code_gathering import Gathering
from cloud.code_loading import CodeLists
from cloud.compaction import Compaction, Keep
from cloud.config import Settings
from cloud.counters import Counters
from cloud.database import Database
from cloud.desk import Desk
from cloud.details import Details
from cloud.edge import Edge
from cloud.edge_blobs import EdgeBlobs
from cloud.edge_sessions import EdgeSessions
from cloud.edge_snapshots import EdgeSnapshots
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
from cloud.people import People
from cloud.pharmacy import Pharmacy
from cloud.prescriptions.fetching import Fetching
from cloud.presence import Attendance
from cloud.recalls import Recalls
from cloud.refusals import guarded
from cloud.register import Register
from cloud.rejections import Rejections
from cloud.secrets import Secrets
from cloud.set_aside_desk import SetAsideDesk
from cloud.snapshots.shelf import Shelf
from cloud.stream import Station
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

log = logging.getLogger(__name__)

PAIRINGS_A_MINUTE = 10
OVERDUE_SECONDS = 5.0
SET_ASIDE_SECONDS = 2.0


class Hub:
    """An ASGI app with a life: `start` and `stop` are the server's to call."""

    def __init__(self, settings: Settings, secrets: Secrets, database: Database, clock: Clock) -> None:
        chain, master = settings.chain, bytes.fromhex(secrets.master_key)
        vault = Vault(master)
        self.writer = writer = Writer(database, chain, clock, os.urandom, vault)
        self.counters = counters = Counters()
        rejections = Rejections()
        self.channels = channels = channel_list.make(settings, secrets, clock)
        self.hints, self.followers, self._activity = Hints(), Followers(), Activity()
        self.attendance, self.heads = Attendance(), Heads(self.hints)
        self.attendance.on_news(self._activity.stir)
        self._logs = logs = HubLogs(writer, chain, vault, self.heads)
        self._register = register = Register(writer, chain, clock)
        taking = Taking(channels.by_name, writer, clock)
        self._details = details = Details(channels.by_name, taking)
        self._caller = Caller(channels.by_name, chain=chain, writer=writer, counters=counters, clock=clock)
        self._fetching = Fetching(channels.by_name, chain=chain, writer=writer, clock=clock)
        self._sweeper = Sweeper(
            channels, taking, chain=chain, writer=writer, counters=counters, clock=clock,
            every_seconds=settings.sweep_every_seconds,
        )  # fmt: skip
        signer = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(secrets.audit_key))
        self._chores = Chores(
            writer, self.attendance, chain=chain,
            signer=signer,
            patience=settings.not_applied_after_seconds * SECOND, clock=clock, wake_caller=self._caller.wake,
        )  # fmt: skip
        intake = Intake(channels, details, writer=writer, rejections=rejections, counters=counters, clock=clock)
        self._shelf = Shelf(writer, settings.folder, chain=chain, vault=vault, clock=clock, randomness=os.urandom)
        self._high_water = HighWater(writer, self.heads, settings.folder, chain=chain, clock=clock)
        self._gathering = Gathering(writer, chain)
        keep = Keep(settings.events_kept_days * DAY, settings.events_kept, settings.events_kept_mb << 20)
        self._compaction = Compaction(writer, self.attendance, chain=chain, keep=keep, clock=clock)
        edge = Edge(
            writer=writer,
            logs=logs,
            sessions=EdgeSessions(
                writer,
                chain,
                register=register,
                tokens=Tokens(bytes.fromhex(secrets.session_key)),
                high_water=self._high_water,
                followers=self.followers,
                attendance=self.attendance,
                clock=clock,
            ),
            blobs=EdgeBlobs(writer, chain, vault),
            station=Station(logs, register, self.heads, self.hints, Wheel(), clock),
            snapshots=EdgeSnapshots(self._shelf),
            high_water=self._high_water,
            followers=self.followers,
            attendance=self.attendance,
            attempts=Attempts(PAIRINGS_A_MINUTE, clock),
            turnstile=Turnstile(settings.agents_a_second, time.monotonic),
            counters=counters,
            clock=clock,
        )
        self._erp_books = HubBooks(writer, chain, clock)
        self._erp_connectors = building.connectors(settings.erp, settings.folder, self._erp_books, clock)
        self._erp_removing = Removing(writer)
        self._erp = ErpDesk(
            writer, chain, clock, patience=settings.erp.stuck_minutes * MINUTE, connectors=self._erp_connectors
        )
        desk = Desk(
            chain=chain,
            name=settings.name,
            hub_url=settings.registered_url,
            labels={name: channel.label for name, channel in channels.by_name.items()},
            writer=writer,
            switching=Switching(writer, self._caller),
            vault=vault,
            attendance=self.attendance,
            followers=self.followers,
            rejections=rejections,
            taking=taking,
            activity=self._activity,
            counters=counters,
            signer=signer,
            clock=clock,
            erp=self._erp,
        )
        gate = Gate(secrets.operator_token, clock, secure=settings.registered_url.startswith("https:"))
        people, pharmacy = People(writer, chain, clock), Pharmacy(writer, chain, vault, clock)
        fleet = FleetDesk(writer, chain, self.attendance, self.heads, clock)
        recalls, codes = Recalls(writer, chain), CodeLists(writer, chain)
        self._doors: list[tuple[str, App]] = [
            ("/channels/", guarded(intake)),
            ("/edge/", guarded(edge)),
            ("/", site(desk, people, pharmacy, recalls, codes, SetAsideDesk(writer, chain), fleet, self._erp, gate)),
        ]
        if settings.erp.api:
            self._doors.insert(0, ("/erp/", erp_door(self._erp, Door(self._erp, clock))))
        if "own" in channels.by_name:
            own = OwnDoor(channels.by_name["own"], secrets.channels["own"], chain=chain, intake=intake, writer=writer)
            self._doors.insert(0, ("/channels/own/", guarded(own)))
        self._running: list[asyncio.Task[None]] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"]
        for prefix, door in self._doors:
            if path.startswith(prefix):
                await door(scope, receive, send)
                return

    async def start(self) -> None:
        await self.writer.start()
        self.writer.after_commit(lambda news, happened: self.heads.learn(news))
        self.writer.after_commit(lambda news, happened: self._activity.tell(happened))
        self.writer.after_commit(lambda news, happened: self._caller.wake())
        self.writer.after_commit(lambda news, happened: self._shelf.heard(happened))
        self.writer.after_commit(lambda news, happened: self._register.heard(happened))
        await self._high_water.begin()  # before anything else writes: a new event would hide a head that fell back
        await self._chores.begin()
        await self._logs.learn_heads()
        await self._register.refresh()
        self._shelf.begin()
        chores = self._chores
        work = (
            self._caller.run(),
            self._sweeper.run(),
            every(SWEEP_SECONDS, self._logs.learn_heads, "looking where the logs stand"),
            every(HEARTBEAT_SECONDS, self._register.refresh, "looking who may speak"),
            every(1, chores.tell_stock, "telling channels of stock"),
            every(OVERDUE_SECONDS, chores.look_for_overdue, "looking for overdue orders"),
            every(SET_ASIDE_SECONDS, chores.take_up_set_aside, "trying again what was set aside"),
            every(GATHER_SECONDS, self._gathering.run, "telling stores of sold codes"),
            every(1, self._fetching.fetch, "fetching images of prescriptions"),
            every(60, chores.write_reports, "writing the agents' reports"),
            every(HOUR / SECOND, chores.sign_audit, "signing the audit"),
            every(DAY / SECOND, self._erp_removing.run, "removing what is long over about the ERP"),
            every(30, self._erp.take_up, "taking what the ERP told of new stores"),
            every(600, self._shelf.forget_unused, "removing old snapshots"),
            every(60, self._high_water.write_marks, "writing how far the logs go"),
            every(HOUR / SECOND, self._compaction.run, "compacting the logs"),
        )
        self._running = [asyncio.create_task(one) for one in work]
        self._erp_books.begin()
        self._erp_connectors.start()

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
        await self._shelf.stop()
        await self.writer.stop()
        for channel in self.channels.by_name.values():
            await channel.close()
