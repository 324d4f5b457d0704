"""Whatever the hub says of a store's stock names the newest operation of each life of the store's data in it."""

from pathlib import Path
from unittest.mock import patch

import msgspec
import pytest

from cloud import agents, chain, facts, heard, operations, sessions
from cloud.agents import Agent
from cloud.erp import taking
from cloud.set_aside import entries, rerunning
from domain.erp import ErpSale, ErpSaleLine
from domain.events import CATALOGUE, StockSet, store_log
from domain.operations import SaleLine, SaleRecorded
from domain.protocol import Known, SessionRequest
from domain.quantity import units
from tests.cloud.hub import CHAIN, OTHER_STORE, STORE, Hub
from tests.cloud.snapshots.reading import taken

DEVICE = "device-1"


def begun(hub: Hub, life: str, store: str = STORE, device: str = DEVICE) -> Agent:
    """A session of an agent that is paired."""
    with hub.database.read() as connection:
        nonce = sessions.admitted(connection, CHAIN, Known(device, device.encode()))
    request = SessionRequest(device, device.encode(), "", life, f"boot of {life}", "1")
    with hub.transaction() as tx:
        found = sessions.begin(tx, request, nonce)
    assert isinstance(found, sessions.Begun)
    return found.agent


def pair(hub: Hub, store: str = STORE, device: str = DEVICE) -> None:
    with hub.transaction() as tx:
        code = agents.new_code(tx, store).code
    hub.pair(code, device)


def sell(hub: Hub, agent: Agent, number: int) -> None:
    fact = SaleRecorded(f"sale {agent.incarnation} {number}", (SaleLine("sku1", units(1)),))
    with hub.transaction() as tx:
        operations.apply(tx, agent, hub.operation(fact, number=number))


def said(hub: Hub) -> StockSet:
    (*_, last) = hub.told(StockSet)
    assert isinstance(last, StockSet)
    return last


def set_level(hub: Hub) -> None:
    with hub.transaction() as tx:
        chain.set_stock(tx, STORE, "sku1", units(50))


def test_a_level_names_what_it_contains(hub: Hub) -> None:
    set_level(hub)
    assert said(hub).heard == {}, "nobody was ever here"
    pair(hub)
    agent = begun(hub, "first")
    set_level(hub)
    assert said(hub).heard == {"first": 0}
    for number in (1, 2):
        sell(hub, agent, number)
    set_level(hub)
    assert said(hub).heard == {"first": 2}


def test_what_is_set_aside_is_not_in_it(hub: Hub, tmp_path: Path) -> None:
    """Until it takes effect, or a person sees to it otherwise."""
    pair(hub)
    agent = begun(hub, "first")
    for number in (1, 2):
        with patch.object(facts, "sale_recorded", side_effect=ValueError("a broken rule")):
            sell(hub, agent, number)
    sell(hub, agent, 3)
    set_level(hub)
    assert (said(hub).heard, said(hub).left_out) == ({"first": 3}, {"first": (1, 2)})
    assert taken(hub, store_log(STORE), tmp_path).header.left_out == {"first": (1, 2)}
    with hub.transaction() as tx:
        first, second = entries.listed(tx.connection, CHAIN)
        assert rerunning.again(tx, first.entry_id, by="operator")
        rerunning.settle(tx, second.entry_id, by="operator", note="counted")
    set_level(hub)
    assert said(hub).left_out == {}


def test_it_is_of_the_life_that_the_data_are_in_now(hub: Hub) -> None:
    pair(hub)
    sell(hub, begun(hub, "first"), 7)
    sell(hub, begun(hub, "second"), 8)
    pair(hub, OTHER_STORE, "device-2")
    sell(hub, begun(hub, "elsewhere", OTHER_STORE, "device-2"), 3)
    set_level(hub)
    assert said(hub).heard == {"second": 8}


def test_so_does_what_the_erp_said_at_headquarters(hub: Hub) -> None:
    pair(hub)
    sell(hub, begun(hub, "first"), 1)
    with hub.transaction() as tx:
        taking.take(tx, STORE, ErpSale("POS-1", 1, (ErpSaleLine("sku1", units(2)),)), by="erp")
    assert said(hub).heard == {"first": 1}


def test_a_snapshot_says_it_once_in_front(hub: Hub, tmp_path: Path) -> None:
    pair(hub)
    sell(hub, begun(hub, "first"), 4)
    set_level(hub)
    read = taken(hub, store_log(STORE), tmp_path)
    assert read.header.heard == {"first": 4}
    assert {msgspec.structs.asdict(body)["heard"] for body in read.bodies(StockSet)} == {None}
    hub.now += 1
    assert taken(hub, CATALOGUE, tmp_path).header.heard is None


@pytest.mark.parametrize("store", ["", "nowhere"])
def test_of_a_store_that_nobody_knows_it_says_nothing(hub: Hub, store: str) -> None:
    with hub.database.read() as connection:
        assert heard.by_incarnation(connection, CHAIN, store) == {}
