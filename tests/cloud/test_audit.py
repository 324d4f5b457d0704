"""The audit: any changed byte is found, a cut-off end too where a checkpoint knew it."""

import os

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from cloud import audit
from cloud.audit import Flaw
from domain.operations import SaleLine, SaleRecorded
from tests.cloud.hub import CHAIN, STORE, Hub

SIGNER = Ed25519PrivateKey.from_private_bytes(bytes(32))


def flaws(hub: Hub) -> list[Flaw]:
    with hub.database.read() as connection:
        return audit.verify(connection, CHAIN, SIGNER.public_key())


def change(hub: Hub, sql: str) -> None:
    with hub.database.write() as connection:
        assert connection.exec_driver_sql(sql).rowcount


@pytest.fixture
def busy_hub(hub: Hub) -> Hub:
    hub.place(1)
    hub.do(SaleRecorded("sale", (SaleLine("sku1", 1000),)))
    with hub.transaction() as tx:
        audit.checkpoint(tx, SIGNER)
    hub.place(2)
    return hub


def test_what_nobody_touched_verifies(busy_hub: Hub) -> None:
    assert flaws(busy_hub) == []


@pytest.mark.parametrize(
    "assignment",
    [
        "at = at + 1",
        "actor = 'nobody'",
        "action = action || ' '",
        "subject = ''",
        "detail = 'more'",
        "hash = (SELECT hash FROM audit WHERE store = 's1' AND seq = 1)",
    ],
)
def test_any_changed_column_is_found(busy_hub: Hub, assignment: str) -> None:
    change(busy_hub, f"UPDATE audit SET {assignment} WHERE store = 's1' AND seq = 5")
    assert Flaw(STORE, 5, "the entry or its hash was changed") in flaws(busy_hub)


def test_a_removed_entry_is_found(busy_hub: Hub) -> None:
    change(busy_hub, "DELETE FROM audit WHERE store = 's1' AND seq = 3")
    assert Flaw(STORE, 4, "entries 3 to 3 are missing") in flaws(busy_hub)


def test_an_end_that_was_cut_off_and_covered_up_is_found_by_the_checkpoint(busy_hub: Hub) -> None:
    for seq in range(5, 20):
        with busy_hub.database.write() as connection:
            connection.exec_driver_sql(f"DELETE FROM audit WHERE store = 's1' AND seq = {seq}")
    change(
        busy_hub,
        "UPDATE audit_heads SET head = 4, hash = (SELECT hash FROM audit WHERE store = 's1' AND seq = 4)"
        " WHERE store = 's1'",
    )
    with busy_hub.database.read() as connection:
        assert audit.verify(connection, CHAIN) == []  # the chain alone cannot tell
    assert [flaw.what for flaw in flaws(busy_hub)] == ["the entry is not the one that was signed"]


def test_a_checkpoint_of_another_key_is_found(busy_hub: Hub) -> None:
    busy_hub.clock()
    with busy_hub.transaction() as tx:
        audit.checkpoint(tx, Ed25519PrivateKey.from_private_bytes(os.urandom(32)))
    assert [flaw.what for flaw in flaws(busy_hub)] == ["the checkpoint's signature does not fit"]
