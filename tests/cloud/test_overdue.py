"""Orders that no agent has applied: an exception after a minute, gone when the agent caught up."""

from cloud import overdue, tables
from domain.events import ExceptionClosed, ExceptionOpened
from domain.exceptions import ExceptionKind
from domain.times import SECOND
from tests.cloud.hub import STORE, Hub


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
