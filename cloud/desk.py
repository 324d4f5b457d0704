"""What headquarters may see and do, without any HTTP: the operator's API and pages are two faces of it."""

import asyncio
from collections.abc import AsyncIterator
from functools import partial

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Connection

from cloud import (
    agents,
    audit,
    dossier,
    erasing,
    intake,
    load,
    pairing_list,
    pushes,
    requests,
    sessions,
    shelf,
    slip_templates,
)
from cloud import orders as core_orders
from cloud.activity import Activity
from cloud.agents import Agent
from cloud.audit import OPERATOR
from cloud.channels.base import Push
from cloud.counters import Counters
from cloud.erp.desk import ErpDesk
from cloud.errors import UnknownException, UnknownOrder, UnknownPush
from cloud.followers import Followers
from cloud.load import ChainFile
from cloud.pairing_list import PairingList, WantedCodes
from cloud.presence import Attendance
from cloud.received import Accepted, PushState
from cloud.rejections import Rejection, Rejections
from cloud.set_aside import entries as set_aside
from cloud.switching import Switch, Switching
from cloud.taking import Taking
from cloud.transaction import Transaction
from cloud.vault import Vault
from cloud.views import exceptions, order, orders, prescriptions, stores, untold
from cloud.views import pushes as push_views
from cloud.views.exceptions import ExceptionRow
from cloud.views.order import OrderView
from cloud.views.orders import Board, Wanted
from cloud.views.pushes import PushView
from cloud.views.stores import StoreView
from cloud.views.untold import Untold
from cloud.writer import Writer
from domain.exceptions import Choice
from domain.modes import Mode
from domain.quantity import Quantity
from domain.templates import SlipTemplates
from domain.times import Clock


class PushSeen(msgspec.Struct, frozen=True):
    """A kept push as it came; it may say anything about a person, so that reading it is audited."""

    method: str
    topic: str
    query: str
    body: str


class Waiting(msgspec.Struct, frozen=True):
    """What asks for a person now."""

    exceptions: int
    pushes: int
    prescriptions: int
    set_aside: int
    erp: int


class Desk:
    def __init__(
        self,
        *,
        chain: str,
        name: str,
        hub_url: str,
        labels: dict[str, str],
        writer: Writer,
        switching: Switching,
        vault: Vault,
        attendance: Attendance,
        followers: Followers,
        rejections: Rejections,
        taking: Taking,
        activity: Activity,
        counters: Counters,
        signer: Ed25519PrivateKey,
        clock: Clock,
        erp: ErpDesk,
    ) -> None:
        self._erp = erp
        self.name, self.hub_url, self.labels, self.clock = name, hub_url, labels, clock
        self._chain, self._writer, self._vault = chain, writer, vault
        self._attendance, self._followers, self._rejections = attendance, followers, rejections
        self._taking, self._activity, self.counters = taking, activity, counters
        self._switching, self._signer = switching, signer

    async def board(self, wanted: Wanted) -> Board:
        found = await self._writer.read(partial(orders.board, chain=self._chain, wanted=wanted))
        return msgspec.structs.replace(found, orders=self._with_applied(found.orders))

    async def order(self, order_id: str) -> OrderView:
        """Raises `UnknownOrder`."""
        read = partial(order.view, chain=self._chain, vault=self._vault, order_id=order_id)
        if (found := await self._writer.read(read)) is None:
            raise UnknownOrder(f"no order {order_id}")
        return msgspec.structs.replace(found, order=self._with_applied((found.order,))[0])

    async def erase(self, order_id: str) -> None:
        """Raises `UnknownOrder`."""
        await self._writer.run(partial(erasing.erase, order_id=order_id, by=OPERATOR))

    async def dossier(self, order_id: str, asked: dossier.Asked) -> dossier.Files:
        """The audit file of one order. Raises `UnknownOrder`, `NoReason`."""
        taken = await self._writer.run(
            partial(dossier.take, order_id=order_id, asked=asked, signer=self._signer, by=OPERATOR)
        )
        return await asyncio.to_thread(dossier.files, taken, self._signer)

    async def load(self, file: ChainFile) -> None:
        """Raises `HubError`; then nothing of it was put."""
        await self._writer.run(partial(load.apply, file=file, by=OPERATOR))
        await self._switching.come_to_rest([store.store for store in file.stores if store.mode is Mode.SHADOW])

    def _with_applied(self, found: tuple[orders.OrderRow, ...]) -> tuple[orders.OrderRow, ...]:
        return orders.with_applied(found, self._attendance.applied_by_store())

    async def stores(self) -> tuple[StoreView, ...]:
        rows = await self._writer.read(partial(stores.stores, chain=self._chain))
        return stores.with_agents(rows, self._attendance, self.clock())

    async def pairing_code(self, store: str) -> str:
        """Shown this once. Raises `UnknownStore`."""
        return (await self._writer.run(partial(agents.new_code, store=store, by=OPERATOR))).code

    async def pairing_list(self, wanted: WantedCodes) -> PairingList:
        """Shown this once. Raises `UnknownStore`; then there is no new code."""
        return await self._writer.run(partial(pairing_list.make, wanted=wanted, by=OPERATOR))

    async def switch(self, asked: Switch) -> tuple[str, ...]:
        """The stores that were in the other mode. Raises `UnknownStore`."""
        return await self._switching.switch(asked.stores, asked.mode, OPERATOR)

    async def untold(self, store: str | None) -> tuple[Untold, ...]:
        return await self._writer.read(partial(untold.newest, chain=self._chain, store=store))

    async def slip_templates(self) -> SlipTemplates | None:
        return await self._writer.read(partial(slip_templates.of_chain, chain=self._chain))

    async def set_slip_templates(self, templates: SlipTemplates | None) -> None:
        await self._writer.run(partial(slip_templates.put, templates=templates, by=OPERATOR))

    async def revoke(self, store: str, why: str) -> None:
        await self._writer.run(partial(agents.revoke, store=store, why=why, by=OPERATOR))
        self._followers.end_revoked(store)

    async def unfreeze(self, store: str) -> None:
        await self._writer.run(partial(sessions.unfreeze, store=store, by=OPERATOR))

    async def exceptions(self) -> tuple[ExceptionRow, ...]:
        return await self._writer.read(partial(exceptions.open_ones, chain=self._chain))

    async def settle(self, exception_id: str, choice: Choice, found: dict[int, Quantity]) -> None:
        """Raises `UnknownException`, or the core's refusal."""
        row = await self._writer.read(partial(exceptions.one, chain=self._chain, exception_id=exception_id))
        if row is None:
            raise UnknownException(f"no exception {exception_id}")
        await self._writer.run(partial(_settle, row=row, choice=choice, found=found))

    async def pushes(self, state: PushState) -> tuple[PushView, ...]:
        return await self._writer.read(partial(push_views.in_state, chain=self._chain, state=state))

    async def push_again(self, push_id: str) -> Accepted:
        return await self._taking.again(push_id, OPERATOR)

    async def push_settled(self, push_id: str) -> None:
        await self._writer.run(partial(intake.settle, push_id=push_id, by=OPERATOR))

    async def push_raw(self, push_id: str) -> PushSeen:
        """Raises `UnknownPush`."""
        return _seen(await self._writer.run(partial(_read_raw, push_id=push_id)))

    async def waiting(self) -> Waiting:
        return await self._writer.read(self._waiting)

    def _waiting(self, connection: Connection) -> Waiting:
        needs_person = push_views.count(connection, self._chain, PushState.NEEDS_PERSON)
        unseen = prescriptions.count(connection, self._chain)
        aside = sum(set_aside.counts(connection, self._chain).values())
        return Waiting(
            exceptions.count(connection, self._chain), needs_person, unseen, aside, self._erp.count(connection)
        )

    def rejections(self) -> tuple[Rejection, ...]:
        return self._rejections.newest_first()

    def activity(self) -> AsyncIterator[bytes]:
        return self._activity.frames()


def _settle(tx: Transaction, row: ExceptionRow, choice: Choice, found: dict[int, Quantity]) -> None:
    """By the same rules as for a clerk; headquarters stands in the agent's place."""
    known = core_orders.load(tx, row.order_id)
    headquarters = Agent(tx.chain, row.store, OPERATOR, tx.now)
    skus = [line.sku for line in known.order.lines if line.sku is not None]
    before = shelf.stands(tx, row.store, skus)
    requests.settle(tx, headquarters, known, row.exception_id, choice, found)
    shelf.tell_changed(tx, row.store, skus, before)


def _read_raw(tx: Transaction, push_id: str) -> Push:
    if (push := pushes.raw(tx, push_id)) is None:
        raise UnknownPush(f"no push {push_id}", hint="It never was, or its person was erased.")
    audit.append(tx, "", OPERATOR, "push.read", push_id)
    return push


def _seen(push: Push) -> PushSeen:
    query, body = (part.decode("utf-8", errors="backslashreplace") for part in (push.query, push.body))
    return PushSeen(push.method, push.topic, query, body)
