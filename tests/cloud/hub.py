"""A hub's core without its shell, on a clock and randomness of the test's own."""

import hashlib
import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import msgspec
from sqlalchemy import Row, Table, select

from cloud import agents, chain, eventlog, intake, operations, stock, tables
from cloud.agents import Agent
from cloud.channels.base import ChannelLine, ChannelOrder, Message, Placed, Push, Understood
from cloud.commit import transact
from cloud.database import Database
from cloud.received import Accepted, Received
from cloud.transaction import Transaction
from cloud.vault import Vault
from cloud.writer import Writer
from domain.events import Event, EventBody, decode_body, store_log
from domain.operations import Operation, OperationBody, encode_body
from domain.orders import AcceptRule, OrderState
from domain.personal import Recipient
from domain.products import Product
from domain.protocol import Cursor, Outcome, PairReply, PairRequest
from domain.quantity import units

CHAIN = "康宁"
STORE, OTHER_STORE = "s1", "s2"
SHOP, OTHER_SHOP = "shop-1", "shop-2"
START = 1_790_000_000_000
RECIPIENT = Recipient("王小明", "13812345678_9527", "13900001111", "朝阳区建国路八十八号", "请放门口")


@dataclass
class Hub:
    database: Database
    now: int = START
    randomness: random.Random = field(default_factory=lambda: random.Random(7))
    vault: Vault = field(default_factory=lambda: Vault(bytes(range(32))))
    operations: int = 0

    @classmethod
    def with_stock(cls, database: Database) -> "Hub":
        hub = cls(database)
        with hub.transaction() as tx:
            for number in range(1, 4):
                chain.put_product(
                    tx,
                    Product(f"sku{number}", f"药品{number}", "0.25g*24粒", "盒", barcodes=(f"690000000000{number}",)),
                )
            for store, shop in ((STORE, SHOP), (OTHER_STORE, OTHER_SHOP)):
                chain.put_store(tx, store, f"{store} 店", accept=AcceptRule.HUB)
                chain.put_shop(tx, "meituan", shop, store)
                for number in range(1, 4):
                    chain.set_stock(tx, store, f"sku{number}", units(10))
        return hub

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        with transact(self.database, CHAIN, self.clock, self.randomness.randbytes, self.vault) as tx:
            yield tx

    def clock(self) -> int:
        self.now += 1
        return self.now

    def writer(self) -> Writer:
        return Writer(self.database, CHAIN, self.clock, random.SystemRandom().randbytes, self.vault)

    def accept(self, *received: Received) -> list[Accepted]:
        with self.transaction() as tx:
            return intake.accept(tx, received)

    def place(self, number: int | str, *lines: tuple[str, int], shop: str = SHOP) -> str:
        """An order was paid: its id here."""
        (accepted,) = self.accept(paid(number, *lines, shop=shop))
        assert accepted.order_id is not None, accepted
        return accepted.order_id

    def say(self, number: int | str, message: Message, happening: str) -> Accepted:
        (accepted,) = self.accept(pushed(number, message, happening))
        return accepted

    def agent(self, store: str = STORE) -> Agent:
        return Agent(CHAIN, store, f"device-{store}", START)

    def do(self, body: OperationBody, *, key: str = "", store: str = STORE) -> Outcome:
        with self.transaction() as tx:
            return operations.apply(tx, self.agent(store), self.operation(body, key))

    def operation(self, body: OperationBody, key: str = "", number: int = 0) -> Operation:
        self.operations += 1
        name = key or f"key-{self.operations}"
        return Operation(
            name, number or self.operations, body.kind, body.version, self.now, msgspec.Raw(encode_body(body))
        )

    def level(self, sku: str, store: str = STORE) -> stock.Level:
        with self.database.read() as connection:
            return stock.levels(connection, CHAIN, store)[sku]

    def rows(self, table: Table) -> Sequence[Row[*tuple[Any, ...]]]:
        with self.database.read() as connection:
            return connection.execute(select(table)).all()

    def row(self, table: Table, **where: str) -> Row[*tuple[Any, ...]]:
        (found,) = [
            row for row in self.rows(table) if all(getattr(row, name) == value for name, value in where.items())
        ]
        return found

    def events(self, store: str = STORE) -> list[Event]:
        log = store_log(store)
        with self.database.read() as connection:
            page = eventlog.page(connection, CHAIN, self.vault, Cursor(log, "", 0), 10_000)
        assert [event.seq for event in page.events] == list(range(1, page.head.seq + 1))
        return list(page.events)

    def told(self, *kinds: type[EventBody], store: str = STORE) -> list[EventBody]:
        """The bodies of these kinds, in order."""
        return [decode_body(event) for event in self.events(store) if event.kind in {kind.kind for kind in kinds}]

    def balanced(self) -> None:
        with self.database.read() as connection:
            assert stock.imbalances(connection, CHAIN) == []

    def pair(self, code: str, device: str = "device-1") -> PairReply:
        with self.transaction() as tx:
            reply = agents.pair(tx, PairRequest(code, device, "pc", "0.1", device.encode()))
        assert isinstance(reply, PairReply), reply
        return reply

    def state(self, order_id: str) -> OrderState:
        return OrderState(self.row(tables.orders, order_id=order_id).state)


def line(sku: str, boxes: int) -> ChannelLine:
    return ChannelLine(sku, "", f"药品 {sku}", "0.25g*24粒", "盒", units(boxes), 1_250)


def channel_order(
    number: int | str, *lines: tuple[str, int], shop: str = SHOP, state: OrderState = OrderState.PLACED
) -> ChannelOrder:
    return ChannelOrder(
        channel_order_id=str(number),
        shown_id=f"美团-{number}",
        shop=shop,
        day_number=int(number) % 1000 if str(number).isdigit() else 1,
        placed_at=START,
        promised_at=START + 1_800_000,
        booked=False,
        prescription=False,
        pick_up=False,
        total=3_750,
        state=state,
        lines=tuple(line(*one) for one in lines or [("sku1", 1)]),
        recipient=RECIPIENT,
    )


def pushed(number: int | str, message: Message, happening: str, content: bytes = b"") -> Received:
    """A push as its channel understood it. Its raw body holds the person, as the platforms' do."""
    said = hashlib.sha256(content or msgspec.json.encode(message)).digest()
    body = msgspec.json.encode(RECIPIENT) + msgspec.json.encode(message)
    push = Push("meituan", happening.split(":")[0], "POST", "https://hub.example/push", b"", body, {})
    return Received(push, Understood(happening, said, str(number), (message,)), "", START)


def paid(number: int | str, *lines: tuple[str, int], shop: str = SHOP) -> Received:
    return pushed(number, Placed(channel_order(number, *lines, shop=shop)), f"paid:{number}")
