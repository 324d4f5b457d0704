"""Orders that no agent has applied: an exception after a minute, gone when the agent caught up."""

from collections.abc import Callable

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from cloud import overdue, tables
from cloud.chores import Chores
from cloud.database import Database
from cloud.presence import Attendance
from cloud.writer import Writer
from domain.events import ExceptionClosed, ExceptionOpened, store_log
from domain.exceptions import ExceptionKind
from domain.protocol import Cursor
from domain.times import SECOND
from tests.cloud.conftest import POSTGRES
from tests.cloud.hub import CHAIN, STORE, Hub


def check(hub: Hub, applied: dict[str, int]) -> None:
    with hub.transaction() as tx:
        overdue.check(tx, applied)


def test_an_order_nobody_applied_raises_one_exception_and_closes_it_itself(hub: Hub) -> None:
    hub.place(1)
    seq = hub.row(tables.orders).placed_seq
    hub.now += 50 * SECOND
    check(hub, {})
    assert not hub.told(ExceptionOpened)
    hub.now += 11 * SECOND
    for _ in range(3):
        check(hub, {STORE: seq - 1})
    (opened,) = hub.told(ExceptionOpened)
    assert isinstance(opened, ExceptionOpened) and opened.exception.kind is ExceptionKind.NOT_APPLIED
    for _ in range(3):
        check(hub, {STORE: seq})
    assert len(hub.told(ExceptionClosed)) == 1
    assert len(hub.told(ExceptionOpened)) == 1


def process_of(hub: Hub, writer: Writer) -> tuple[Chores, Attendance]:
    attendance, signer = Attendance(), Ed25519PrivateKey.generate()
    chores = Chores(
        writer, attendance, chain=CHAIN, signer=signer, patience=60 * SECOND, clock=hub.clock, wake_caller=lambda: None
    )
    return chores, attendance


@pytest.mark.parametrize("kind", [pytest.param("postgresql", marks=POSTGRES)])
async def test_of_several_processes_each_knows_what_was_applied(
    kind: str, new_database: Callable[[str], Database]
) -> None:
    hub = Hub.with_stock(new_database(kind))
    writers = [hub.writer(), hub.writer()]
    for writer in writers:
        await writer.start()
    try:
        (one, attended), (other, _) = (process_of(hub, writer) for writer in writers)
        for chores in (one, other):
            await chores.begin()
        hub.place(1)
        hub.now += 61 * SECOND
        attended.applied(STORE, [Cursor(store_log(STORE), "any", hub.row(tables.orders).placed_seq)])
        for chores in (one, other, one):
            await chores.look_for_overdue()
        assert not hub.told(ExceptionOpened), "its agent is connected to the one process"
        hub.place(2)
        hub.now += 61 * SECOND
        for chores in (other, one, other):
            await chores.look_for_overdue()
        assert len(hub.told(ExceptionOpened)) == 1 and not hub.told(ExceptionClosed)
    finally:
        for writer in writers:
            await writer.stop()
