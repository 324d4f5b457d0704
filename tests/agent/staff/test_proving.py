"""Who it is: PINs that cannot be tried out, badges, roles."""

import asyncio

import pytest

from agent.errors import LockedOut, NotPermitted, WrongProof
from agent.staff.proving import prove
from domain.proofs import LOCKED, Proof
from domain.staff import Role, Staff
from domain.times import DAY, MINUTE
from tests.agent.staff.conftest import BADGE, PHARMACIST_PIN, PIN, Store

RIGHT, WRONG = Proof("zhang", PIN), Proof("zhang", "000000")


def proven(shop: Store, proof: Proof, role: Role | None = None) -> Staff:
    return asyncio.run(prove(shop, proof, role, wrong_takes_s=0))


def fail(shop: Store, times: int, proof: Proof = WRONG) -> None:
    for _ in range(times):
        with pytest.raises(WrongProof):
            proven(shop, proof)


def test_the_right_pin(shop: Store, zhang: Staff) -> None:
    assert proven(shop, RIGHT) == zhang


@pytest.mark.parametrize("badge", [BADGE, BADGE.lower(), f"{BADGE}\r"])
def test_a_badge_alone(shop: Store, zhang: Staff, badge: str) -> None:
    assert proven(shop, Proof(badge=badge)) == zhang


@pytest.mark.parametrize("proof", [Proof("zhang", PHARMACIST_PIN), Proof("zhang"), Proof(), Proof("nobody", PIN)])
def test_nobody_else(shop: Store, proof: Proof) -> None:
    fail(shop, 1, proof)


def test_a_badge_of_nobody_here(shop: Store) -> None:
    with pytest.raises(WrongProof):
        proven(shop, Proof("zhang", PIN, badge="YB000000000000"))


def test_a_role_is_needed(shop: Store, wang: Staff) -> None:
    with pytest.raises(NotPermitted, match="药师"):
        proven(shop, RIGHT, Role.PHARMACIST)
    assert proven(shop, Proof("wang", PHARMACIST_PIN), Role.PHARMACIST) == wang


@pytest.mark.parametrize("who", ["zhang", "nobody"])
def test_five_wrong_pins_lock_for_five_minutes(shop: Store, who: str) -> None:
    fail(shop, 5, Proof(who, "000000"))
    with pytest.raises(LockedOut) as caught:
        proven(shop, Proof(who, PIN))
    assert "5 分钟" in caught.value.hint
    shop.clock.advance(LOCKED - 1)
    with pytest.raises(LockedOut):
        proven(shop, Proof(who, PIN))


def test_after_the_lock_one_wrong_locks_again(shop: Store) -> None:
    fail(shop, 5)
    shop.clock.advance(LOCKED)
    fail(shop, 1)
    with pytest.raises(LockedOut):
        proven(shop, RIGHT)


def test_a_right_pin_forgives_what_went_before(shop: Store) -> None:
    fail(shop, 4)
    proven(shop, RIGHT)
    fail(shop, 4)
    proven(shop, RIGHT)


def test_a_day_forgives_too(shop: Store) -> None:
    fail(shop, 4)
    shop.clock.advance(DAY + 1)
    fail(shop, 1)
    proven(shop, RIGHT)


def test_a_clock_set_back_locks_nobody_out_for_long(shop: Store) -> None:
    fail(shop, 5)
    shop.clock.advance(-DAY)
    assert proven(shop, RIGHT).staff_id == "zhang"


def test_a_lock_is_one_persons_and_no_badges(shop: Store) -> None:
    fail(shop, 5)
    proven(shop, Proof("wang", PHARMACIST_PIN))
    proven(shop, Proof(badge=BADGE))


def test_guessing_many_at_once_gains_nothing(shop: Store) -> None:
    """Each counts before it is looked at."""

    async def guess() -> list[object]:
        guesses = [Proof("zhang", f"{number:06}") for number in range(40)]
        return await asyncio.gather(
            *(prove(shop, one, wrong_takes_s=0) for one in [*guesses, RIGHT]), return_exceptions=True
        )

    answers = asyncio.run(guess())
    assert sum(isinstance(answer, WrongProof) for answer in answers) == 5
    assert sum(isinstance(answer, LockedOut) for answer in answers) == 36


def test_a_new_pin_from_headquarters_unlocks(shop: Store, zhang: Staff, hashes: dict[str, str]) -> None:
    fail(shop, 5)
    shop.staff(Staff("zhang", "张三", (Role.PICKER,), hashes[PHARMACIST_PIN]))
    assert proven(shop, Proof("zhang", PHARMACIST_PIN)).staff_id == "zhang"


def test_who_is_not_named_any_more_proves_nothing(shop: Store, wang: Staff) -> None:
    shop.staff(wang)
    fail(shop, 1, RIGHT)
    fail(shop, 1, Proof(badge=BADGE))


def test_a_proof_is_not_written_into_any_log() -> None:
    assert PIN not in repr(Proof("zhang", PIN, BADGE)) and BADGE not in repr(Proof("zhang", PIN, BADGE))


def test_wrong_proofs_are_slow(shop: Store) -> None:
    async def timed() -> float:
        loop = asyncio.get_running_loop()
        began = loop.time()
        with pytest.raises(WrongProof):
            await prove(shop, WRONG, wrong_takes_s=0.3)
        return loop.time() - began

    assert asyncio.run(timed()) >= 0.3


def test_forgotten_tries_leave_no_rows(shop: Store) -> None:
    fail(shop, 3, Proof("x" * 64, "1"))
    shop.clock.advance(DAY + MINUTE)
    proven(shop, RIGHT)
    assert shop.work.read(lambda reading: reading.db.execute("SELECT * FROM wrong_pins").fetchall()) == []
