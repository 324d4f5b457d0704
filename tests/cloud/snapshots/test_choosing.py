"""Who begins with a snapshot though the log could be served: what is new here, and who was away too long."""

import pytest

from cloud import eventlog, orders, tables
from cloud.snapshots import choosing
from domain.events import OrderUrged, store_log
from domain.protocol import PAGE, Cursor
from tests.cloud.hub import CHAIN, STORE, Hub

LOG = store_log(STORE)


def head(hub: Hub) -> tuple[str, int]:
    row = hub.row(tables.log_heads, log=LOG)
    return row.log_id, row.head


def is_reset(hub: Hub, log_id: str, seq: int) -> bool:
    with hub.database.read() as connection:
        return choosing.page(connection, CHAIN, hub.vault, Cursor(LOG, log_id, seq)).reset


def go_on(hub: Hub, until: int) -> None:
    with hub.transaction() as tx:
        eventlog.append(tx, LOG, *(OrderUrged("o", number) for number in range(head(hub)[1], until)))


def test_a_short_log_is_told_from_its_beginning(hub: Hub) -> None:
    hub.place(1)
    assert not is_reset(hub, "", 0)
    go_on(hub, PAGE)
    assert not is_reset(hub, "", 0)
    go_on(hub, PAGE + 1)
    assert is_reset(hub, "", 0)


def test_a_store_where_somebody_printed_is_not_told_again_what_to_print(hub: Hub) -> None:
    order_id = hub.place(1)
    with hub.transaction() as tx:
        orders.put_printed(tx, order_id)
    assert is_reset(hub, "", 0)
    assert not is_reset(hub, *head(hub)), "who follows goes on"


def test_an_agent_that_was_away_too_long_has_less_to_load_than_to_follow(
    hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(choosing, "LONG_TAIL", 50)
    log_id, before = head(hub)
    go_on(hub, before + 50)
    assert not is_reset(hub, log_id, before)
    go_on(hub, before + 51)
    assert is_reset(hub, log_id, before)
    assert not is_reset(hub, log_id, before + 1)
