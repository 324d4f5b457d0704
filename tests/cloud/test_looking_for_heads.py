"""Where all logs stand is read whole only where something moved since."""

from cloud import eventlog, restoring, tables
from cloud.heads import Heads, Totals
from cloud.hints import Hints
from cloud.transaction import Transaction
from domain.events import CATALOGUE, OrderUrged, store_log
from domain.protocol import Head
from tests.cloud.hub import CHAIN, STORE, Hub

LOG = store_log(STORE)


def look(hub: Hub, known: Totals) -> list[Head]:
    with hub.database.read() as connection:
        return eventlog.heads_unless(connection, CHAIN, known)


def learnt(hub: Hub) -> Totals:
    """After a look with nothing known; a second look finds nothing."""
    heads = Heads(Hints())
    heads.learn(look(hub, Totals()))
    assert heads.totals() != Totals()
    assert look(hub, heads.totals()) == []
    return heads.totals()


def open_and_tell(tx: Transaction) -> None:
    eventlog.open_log(tx, CATALOGUE)
    eventlog.append(tx, LOG, OrderUrged("o", 1))


def test_an_event_a_new_log_a_raised_floor_and_a_restored_hub_are_seen(hub: Hub) -> None:
    with hub.transaction() as tx:
        open_and_tell(tx)
    known = learnt(hub)
    with hub.transaction() as tx:
        eventlog.append(tx, LOG, OrderUrged("o", 2))
    assert look(hub, known) != []
    known = learnt(hub)
    with hub.transaction() as tx:
        eventlog.open_log(tx, store_log("another"))
    assert look(hub, known) != []
    known = learnt(hub)
    with hub.transaction() as tx:
        tx.connection.execute(tables.log_heads.update().where(tables.log_heads.c.log == LOG).values(floor=1))
    assert look(hub, known) != []
    known = learnt(hub)
    with hub.transaction() as tx:
        restoring.begin_anew(tx, "test")
    assert look(hub, known) != []
    learnt(hub)


def test_a_hub_without_logs_knows_none(hub: Hub) -> None:
    with hub.transaction() as tx:
        tx.connection.execute(tables.log_heads.delete())
    assert Heads(Hints()).totals() == Totals()
    assert look(hub, Totals()) == []
