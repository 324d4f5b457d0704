"""Pairing: a code works once, for a day, and not after five wrong tries; revoked is revoked."""

import pytest

from cloud import agents, chain, tables
from cloud.errors import PairingRefused, Revoked, UnknownCredential, UnknownStore
from domain.protocol import PairReply, PairRequest
from domain.times import DAY
from tests.cloud.hub import CHAIN, OTHER_STORE, STORE, Hub


def new_code(hub: Hub, store: str = STORE) -> str:
    with hub.transaction() as tx:
        return agents.new_code(tx, store).code


def attempt(hub: Hub, code: str) -> PairReply | PairingRefused:
    with hub.transaction() as tx:
        return agents.pair(tx, PairRequest(code, "device-9", "pc", "0.1"))


def authenticate(hub: Hub, credential: str) -> agents.Agent:
    with hub.database.read() as connection:
        return agents.authenticate(connection, CHAIN, credential)


def test_a_code_pairs_once(hub: Hub) -> None:
    code = new_code(hub)
    assert len(code.replace("-", "")) == 16  # 80 bits
    reply = hub.pair(f" {code.lower().replace('0', 'o').replace('1', 'l')} ")
    assert (reply.chain, reply.store, reply.store_name) == (CHAIN, STORE, "s1 店")
    assert authenticate(hub, reply.credential).store == STORE
    assert isinstance(attempt(hub, code), PairingRefused)


def test_neither_code_nor_credential_is_stored(hub: Hub) -> None:
    code = new_code(hub)
    kept = str(hub.rows(tables.pairing_codes))
    reply = hub.pair(code)
    kept += str(hub.rows(tables.pairing_codes)) + str(hub.rows(tables.agents)) + str(hub.rows(tables.audit))
    assert code not in kept and code.replace("-", "") not in kept and reply.credential not in kept


def misread(code: str) -> str:
    """The right first group, the last character wrong."""
    return code[:-1] + ("0" if code[-1] != "0" else "1")


def test_five_wrong_tries_burn_the_code(hub: Hub) -> None:
    code = new_code(hub)
    for _ in range(5):
        assert isinstance(attempt(hub, misread(code)), PairingRefused)
    assert isinstance(attempt(hub, code), PairingRefused)


def test_guessing_burns_nobodys_code(hub: Hub) -> None:
    code = new_code(hub)
    for _ in range(20):
        assert isinstance(attempt(hub, "0000-0000-0000-0000"), PairingRefused)
    assert isinstance(attempt(hub, code), PairReply)


def test_four_wrong_tries_do_not(hub: Hub) -> None:
    code = new_code(hub)
    for _ in range(4):
        attempt(hub, misread(code))
    assert isinstance(attempt(hub, code), PairReply)


def test_a_code_lives_a_day(hub: Hub) -> None:
    code = new_code(hub)
    hub.now += DAY + 1
    assert isinstance(attempt(hub, code), PairingRefused)


def test_a_new_code_voids_the_old_one_and_no_other_stores(hub: Hub) -> None:
    old, other = new_code(hub), new_code(hub, OTHER_STORE)
    new_code(hub)
    assert isinstance(attempt(hub, old), PairingRefused)
    assert isinstance(attempt(hub, other), PairReply)


def test_a_new_pairing_takes_the_old_credential_back(hub: Hub) -> None:
    first = hub.pair(new_code(hub), "old-pc")
    second = hub.pair(new_code(hub), "new-pc")
    with pytest.raises(Revoked, match="另一台设备"):
        authenticate(hub, first.credential)
    assert authenticate(hub, second.credential).device == "new-pc"


def test_revoked_stops_at_once_and_says_why(hub: Hub) -> None:
    reply = hub.pair(new_code(hub))
    with hub.transaction() as tx:
        assert agents.revoke(tx, STORE, "电脑被盗") == ["device-1"]
    with pytest.raises(Revoked, match="电脑被盗"):
        authenticate(hub, reply.credential)
    with pytest.raises(UnknownCredential):
        authenticate(hub, "made up")


def test_no_code_for_a_store_that_is_not(hub: Hub) -> None:
    with pytest.raises(UnknownStore):
        new_code(hub, "nowhere")


def test_a_device_whose_answer_was_lost_gets_another_by_the_same_code(hub: Hub) -> None:
    code = new_code(hub)
    lost = hub.pair(code, "device-1")
    again = hub.pair(code, "device-1")
    with pytest.raises(Revoked):
        authenticate(hub, lost.credential)
    assert authenticate(hub, again.credential).device == "device-1"
    assert isinstance(attempt(hub, code), PairingRefused)  # another device does not


def test_a_used_code_does_not_undo_a_revocation_or_outlive_its_time(hub: Hub) -> None:
    code, other = new_code(hub), new_code(hub, OTHER_STORE)
    hub.pair(code, "device-9")
    hub.pair(other, "device-9")
    with hub.transaction() as tx:
        agents.revoke(tx, STORE, "电脑被盗")
    assert isinstance(attempt(hub, code), PairingRefused)
    hub.now += DAY + 1
    assert isinstance(attempt(hub, other), PairingRefused)


def test_of_many_codes_no_two_are_meant_by_one_wrong_try(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    """With selectors as short as one letter, so that they would meet at once."""
    monkeypatch.setattr(agents, "SELECTOR", 1)
    with hub.transaction() as tx:
        for number in range(20):
            chain.put_store(tx, f"n{number}", f"{number}")
        codes = agents.new_codes(tx, [f"n{number}" for number in range(20)], life=DAY)
    assert len({code.code[0] for code in codes}) == 20
    for _ in range(5):
        attempt(hub, misread(codes[0].code))
    assert isinstance(attempt(hub, codes[0].code), PairingRefused)
    assert all(isinstance(attempt(hub, code.code), PairReply) for code in codes[1:])
