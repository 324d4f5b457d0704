"""The chain's policy: told to every store; a file with a mistake changes nothing and says where."""

from pathlib import Path

import pytest

from cloud import chain, policy, tables
from cloud.errors import BadPolicy
from domain.events import PolicySet
from domain.policy import ChainPolicy, CodeLink, Duty, Owner, SecondCheck, Waiver
from tests.cloud.hub import CHAIN, OTHER_STORE, STORE, Hub

WANTED = ChainPolicy(
    owners={Duty.LOT_STOCK: Owner.YAOLINK},
    sign_in=True,
    second_check=SecondCheck.PRESCRIPTION,
    confirm_lots=False,
    waivers=(Waiver.EXEMPT,),
    links=(CodeLink("trace.example.cn", r"/c/(?P<code>[0-9]{20})"),),
)


def test_every_store_is_told_and_new_ones_too(hub: Hub) -> None:
    with hub.transaction() as tx:
        assert policy.in_force(tx.connection, tx.chain) == ChainPolicy()
        policy.put(tx, WANTED, by="operator")
        chain.put_store(tx, "s3", "新店")
    for store in (STORE, OTHER_STORE, "s3"):
        assert hub.told(PolicySet, store=store) == [PolicySet(WANTED)]
    with hub.database.read() as connection:
        assert policy.in_force(connection, CHAIN) == WANTED
    assert [row.action for row in hub.rows(tables.audit) if row.action == "policy.set"] == ["policy.set"]


@pytest.mark.parametrize("made", [ChainPolicy(), WANTED, ChainPolicy(confirm_lots=True)])
def test_what_is_written_is_read_again(made: ChainPolicy, tmp_path: Path) -> None:
    path = tmp_path / "policy.toml"
    path.write_text(policy.as_text(made), "utf-8")
    assert policy.read(path) == made


@pytest.mark.parametrize(
    "text,said,hint",
    [
        ("sign_inn = true", "unknown key sign_inn", "sign_in"),
        ('second_check = "sometimes"', "second_check", ""),
        ('second_check = "prescripton"', "second_check", "prescription"),
        ('[owners]\nlot_stok = "erp"', "owners", "lot_stock"),
        ('[owners]\nlot_stock = "yaolnk"', "owners", "yaolink"),
        ("near_expiry_days = 20", "near_expiry_stops_days", ""),
        ("idle_sign_out_minutes = -1", "idle_sign_out_minutes", ""),
        ('[[links]]\nhost = "a"\npattern = "["', "links[0].pattern", ""),
        ('[[links]]\nhost = "a"\npattern = "[0-9]+"', "no group named code", ""),
        ('[[links]]\nhots = "a"', "links.hots", "host"),
        ('waivers = ["damagd"]', "waivers", "damaged"),
        ("sign_in = ", "policy.toml", ""),
    ],
)
def test_a_mistake_is_told_with_its_place(text: str, said: str, hint: str, tmp_path: Path) -> None:
    path = tmp_path / "policy.toml"
    path.write_text(text, "utf-8")
    with pytest.raises(BadPolicy) as caught:
        policy.read(path)
    assert said in str(caught.value) and hint in caught.value.hint
    assert str(path) in str(caught.value)
