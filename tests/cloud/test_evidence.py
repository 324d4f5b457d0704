"""What an agent shows a hub that was restored unnoticed: taken where it proves something, and only once."""

import pytest

from cloud import agents, eventlog, evidence, restoring, tables
from cloud.agents import Agent
from cloud.tokens import TOKEN_LIFE, Token
from domain.events import store_log
from domain.operations import SaleLine, SaleRecorded
from domain.protocol import Cursor
from domain.quantity import units
from domain.times import MINUTE, Millis
from tests.cloud.hub import CHAIN, OTHER_STORE, STORE, Hub

LOG = store_log(STORE)


def standing(hub: Hub) -> Cursor:
    """Where the store's log is now."""
    with hub.database.read() as connection:
        (head,) = eventlog.heads(connection, CHAIN, [LOG])
    return Cursor(LOG, head.log_id, head.seq)


def shows(hub: Hub, agent: Agent, confirmed: int, *cursors: Cursor) -> bool:
    with hub.transaction() as tx:
        return evidence.of_operations(tx, agent, confirmed, cursors)


def test_an_operation_that_was_confirmed_and_is_not_here(hub: Hub) -> None:
    for number in range(3):
        hub.do(SaleRecorded(f"sale-{number}", (SaleLine("sku1", units(1)),)))
    agent, before = hub.agent(), standing(hub)
    assert not shows(hub, agent, 3, before), "it is here"
    assert shows(hub, agent, 4, before)
    assert standing(hub).log_id != before.log_id
    assert not shows(hub, agent, 4, before), "it takes a snapshot now, and sends that one again"


def test_who_followed_another_log_proves_nothing(hub: Hub) -> None:
    """A log from before a restore that was noticed, another store's, or none yet."""
    agent, now = hub.agent(), standing(hub)
    others = Cursor(LOG, "another", now.seq), Cursor(store_log(OTHER_STORE), now.log_id, 1), Cursor(LOG, "", 0)
    assert not shows(hub, agent, 4, *others) and not shows(hub, agent, 4)
    assert standing(hub).log_id == now.log_id


@pytest.mark.parametrize("more", [0, 1])
def test_a_token_of_more_sessions_than_were_counted(hub: Hub, more: int) -> None:
    with hub.transaction() as tx:
        code = agents.new_code(tx, STORE).code
    hub.pair(code)
    (row,) = hub.rows(tables.agents)
    token = Token(row.device, row.paired_at, row.sessions + more, "", b"", hub.now + TOKEN_LIFE + 1)

    def of_token() -> bool:
        with hub.transaction() as tx:
            return evidence.of_token(tx, token)

    before = standing(hub)
    assert of_token() is bool(more) and (standing(hub).log_id != before.log_id) is bool(more)
    hub.now += 2
    assert not of_token(), "the logs began anew since it was given out"


@pytest.mark.parametrize("ahead", [0, 10 * MINUTE])
def test_every_store_has_a_token_of_before_and_only_one_is_believed(hub: Hub, ahead: Millis) -> None:
    """Also where they were given out by another machine, whose clock was ahead."""
    tokens = []
    for store in (STORE, OTHER_STORE):
        with hub.transaction() as tx:
            code = agents.new_code(tx, store).code
        hub.pair(code, f"device of {store}")
    for row in hub.rows(tables.agents):
        tokens.append(Token(row.device, row.paired_at, row.sessions + 1, "", b"", hub.now + ahead + TOKEN_LIFE + 1))
    believed = []
    for token in tokens:
        with hub.transaction() as tx:
            believed.append(evidence.of_token(tx, token))
        hub.now += 2
    assert believed == [True, False]


def test_a_token_of_the_other_life_of_a_backup_is_no_evidence(hub: Hub) -> None:
    """The same backup came back twice: both times sessions skipped as many, and this one was given out in between."""
    with hub.transaction() as tx:
        code = agents.new_code(tx, STORE).code
    hub.pair(code)
    (row,) = hub.rows(tables.agents)
    token = Token(row.device, row.paired_at, row.sessions + restoring.JUMP + 2, "", b"", hub.now + TOKEN_LIFE)
    hub.now += 2
    with hub.transaction() as tx:
        restoring.begin_anew(tx, "put back again")
    with hub.transaction() as tx:
        assert not evidence.of_token(tx, token)
