"""A hub's caller and sweeper over a real database, with a channel whose answers a test writes down."""

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest

from cloud import load
from cloud.caller import Caller
from cloud.channel_list import Channels
from cloud.channels.base import (
    Call,
    CallKind,
    CallResult,
    CallState,
    ChannelError,
    ChannelLine,
    ChannelOrder,
    Message,
    Push,
    Understood,
)
from cloud.commit import transact
from cloud.counters import Counters
from cloud.database import migrate, open_database
from cloud.details import Details
from cloud.sweeper import Sweeper
from cloud.taking import Taking
from cloud.vault import Vault
from cloud.views import orders
from cloud.views.orders import OrderRow, Wanted
from cloud.writer import Writer
from domain.orders import OrderState
from domain.personal import Recipient
from domain.quantity import units
from domain.times import Millis
from tests.cloud.shell.serving import CHAIN_FILE, clock

CHAIN = "c"


def order(order_id: str, total: int = 500) -> ChannelOrder:
    line = ChannelLine("M1", "", "阿莫西林胶囊", "", "盒", units(1), 500)
    return ChannelOrder(
        order_id,
        order_id,
        "shop-1",
        1,
        clock(),
        None,
        False,
        False,
        False,
        total,
        OrderState.PLACED,
        (line,),
        Recipient(),
    )


class Platform:
    """A channel whose answers a test writes down beforehand."""

    name = label = "own"
    can_be_swept = True

    def __init__(self) -> None:
        self.answers: list[CallResult] = []
        self.called: list[Call] = []
        self.found: list[Message] = []
        self.down = False
        self.images: dict[str, tuple[str, ...]] = {}
        self.pictures: dict[str, bytes] = {}
        self.detailed: dict[str, ChannelOrder] = {}

    def understand(self, push: Push) -> Understood:
        raise AssertionError

    def answer(self) -> bytes:
        return b""

    async def call(self, call: Call) -> CallResult:
        self.called.append(call)
        wanted = [] if call.kind is CallKind.STOCK else self.answers
        return wanted.pop(0) if wanted else CallResult(CallState.DONE)

    async def sweep(self, shop: str, since: Millis) -> AsyncIterator[Message]:
        for message in self.found if shop == "shop-1" else ():
            yield message
        if self.down:
            raise ChannelError("the platform is down")

    async def detail(self, channel_order_id: str) -> ChannelOrder | None:
        return self.detailed.get(channel_order_id)

    async def prescription_images(self, shop: str, channel_order_id: str) -> tuple[str, ...] | None:
        if self.down:
            raise ChannelError("the platform is down")
        return self.images.get(channel_order_id)

    async def picture(self, reference: str) -> bytes:
        return self.pictures.pop(reference)

    async def close(self) -> None:
        """Nothing is open."""


class Shell:
    def __init__(self, writer: Writer, platform: Platform | None = None) -> None:
        self.writer, self.platform, self.counters = writer, platform or Platform(), Counters()
        channels = Channels({"own": self.platform}, {}, {})
        self.taking = Taking(channels.by_name, writer, clock)
        self.details = Details(channels.by_name, self.taking)
        self.caller = Caller(channels.by_name, chain=CHAIN, writer=writer, counters=self.counters, clock=clock)
        self.sweeper = Sweeper(
            channels, self.taking, chain=CHAIN, writer=writer, counters=self.counters, clock=clock, every_seconds=60
        )
        writer.after_commit(lambda news, happened: self.caller.wake())

    async def board(self) -> tuple[OrderRow, ...]:
        return (await self.writer.read(lambda connection: orders.board(connection, CHAIN, Wanted()))).orders

    async def until(self, condition: str, count: int) -> None:
        async with asyncio.timeout(60):
            while getattr(self.counters, condition) < count:
                await self.board()


@pytest.fixture
async def shell(tmp_path: Path) -> AsyncIterator[Shell]:
    database = open_database(f"sqlite:///{tmp_path / 'hub.db'}")
    migrate(database)
    vault = Vault(bytes(32))
    with transact(database, CHAIN, clock, os.urandom, vault) as tx:
        load.apply(tx, msgspec.convert(CHAIN_FILE, load.ChainFile), by="test")
    writer = Writer(database, CHAIN, clock, os.urandom, vault)
    await writer.start()
    made = Shell(writer)
    calling = asyncio.create_task(made.caller.run())
    yield made
    calling.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await calling
    await writer.stop()
    database.close()
