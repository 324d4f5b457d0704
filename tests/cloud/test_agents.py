"""Pairing: a code works once, for a day, and not after five wrong tries; revoked is revoked."""

import pytest

from cloud import agents, chain, sessions, tables
from cloud.errors import PairingRefused, Revoked, UnknownKey, UnknownStore
from cloud.tokens import Nonce
from domain.protocol import Known, PairReply, PairRequest
from domain.times import DAY
from tests.cloud.hub import CHAIN, OTHER_STORE, STORE, Hub


def new_code(hub: Hub, store: str = STORE) -> str:
    with hub.transaction() as tx:
        return agents.new_code(tx, store).code


def attempt(hub: Hub, code: str) -> PairReply | PairingRefused:
    with hub.transaction() as tx:
        return agents.pair(tx, PairRequest(code, "device-9", "pc", "0.1", b"key-of-9"))


def admitted(hub: Hub, device: str) -> Nonce:
    """By the key that `hub.pair` gives a device."""
    with hub.database.read() as connection:
        return sessions.admitted(connection, CHAIN, Known(device, device.encode()))


def test_a_code_pairs_once(hub: Hub) -> None:
    code = new_code(hub)
    assert len(code.replace("-", "")) == 16  # 80 bits
    reply = hub.pair(f" {code.lower().replace('0', 'o').replace('1', 'l')} ")
    assert (reply.chain, reply.store, reply.store_name) == (CHAIN, STORE, "s1 店")
    assert admitted(hub, "device-1").sessions == 0
    assert isinstance(attempt(hub, code), PairingRefused)


def test_a_code_is_not_stored(hub: Hub) -> None:
    code = new_code(hub)
    kept = str(hub.rows(tables.pairing_codes))
    hub.pair(code)
    kept += str(hub.rows(tables.pairing_codes)) + str(hub.rows(tables.agents)) + str(hub.rows(tables.audit))
    assert code not in kept and code.replace("-", "") not in kept


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


def test_a_new_pairing_revokes_the_old_device(hub: Hub) -> None:
    hub.pair(new_code(hub), "old-pc")
    hub.pair(new_code(hub), "new-pc")
    with pytest.raises(Revoked, match="另一台设备"):
        admitted(hub, "old-pc")
    assert admitted(hub, "new-pc").device == "new-pc"


def test_revoked_stops_at_once_and_says_why(hub: Hub) -> None:
    hub.pair(new_code(hub))
    with hub.transaction() as tx:
        assert agents.revoke(tx, STORE, "电脑被盗") == ["device-1"]
    with pytest.raises(Revoked, match="电脑被盗"):
        admitted(hub, "device-1")
    with pytest.raises(UnknownKey):
        admitted(hub, "made up")


def test_no_code_for_a_store_that_is_not(hub: Hub) -> None:
    with pytest.raises(UnknownStore):
        new_code(hub, "nowhere")


def test_a_device_whose_answer_was_lost_is_let_in_again_by_the_same_code(hub: Hub) -> None:
    code = new_code(hub)
    assert hub.pair(code, "device-1") == hub.pair(code, "device-1")
    assert len(hub.rows(tables.agents)) == 1 and admitted(hub, "device-1").device == "device-1"
    assert isinstance(attempt(hub, code), PairingRefused)  # another device does not


def test_a_device_that_lost_its_key_too_is_let_in_by_the_new_one(hub: Hub) -> None:
    code = new_code(hub)
    hub.pair(code, "device-9")
    assert isinstance(attempt(hub, code), PairReply)
    with pytest.raises(Revoked):
        admitted(hub, "device-9")
    with hub.database.read() as connection:
        assert sessions.admitted(connection, CHAIN, Known("device-9", b"key-of-9"))


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
