"""Who it is, proven anew: before every approval, and to sign in."""

import asyncio
import logging
from typing import Protocol

from agent.errors import NotPermitted, WrongProof
from agent.files import WorkFile
from agent.staff import colleagues, pins, wrong_pins
from agent.transactions import Transaction
from domain.proofs import WRONG_TAKES_S, Proof, Tries
from domain.staff import Role, Staff

log = logging.getLogger(__name__)
_ROLES = {Role.PICKER: "拣货员", Role.CHECKER: "复核员", Role.PHARMACIST: "药师", Role.MANAGER: "店长"}


class HasWork(Protocol):
    """`agent.parts.Parts`."""

    @property
    def work(self) -> WorkFile: ...


async def prove(
    parts: HasWork, proof: Proof, role: Role | None = None, *, wrong_takes_s: float = WRONG_TAKES_S
) -> Staff:
    """The colleague whose PIN or badge this is. To be awaited before the transaction that approves something; nothing
    of a proof is kept. Raises WrongProof, LockedOut, and NotPermitted without `role`."""
    try:
        staff = await (_by_badge(parts.work, proof) if proof.badge else _by_pin(parts.work, proof))
    except WrongProof:
        await asyncio.sleep(wrong_takes_s)
        raise
    if role is not None and not staff.may(role):
        raise NotPermitted(f"{staff.name} 不是{_ROLES[role]}，不能这样操作", hint=f"请由{_ROLES[role]}操作")
    return staff


async def _by_badge(work: WorkFile, proof: Proof) -> Staff:
    staff = await work.aread(lambda reading: colleagues.by_badge(reading, proof.badge))
    if staff is None:
        log.warning("a badge that nobody here has was shown")
        raise WrongProof("工牌无效", hint="请用本店的工牌，或输入密码")
    return staff


async def _by_pin(work: WorkFile, proof: Proof) -> Staff:
    """An id that nobody has is answered as a wrong PIN of somebody is."""

    def begin(tx: Transaction) -> tuple[Tries, Staff | None]:
        return wrong_pins.begin(tx, proof.staff_id), colleagues.find(tx, proof.staff_id)

    tries, staff = await work.awrite(begin)
    right = await pins.matches(proof.pin, "" if staff is None else staff.pin)
    if staff is None or not right:
        if not tries.left:
            log.warning("the PIN of %r was wrong %d times and is locked", proof.staff_id, tries.wrong)
        raise WrongProof("密码不对", hint=f"还可以试 {tries.left} 次" if tries.left else "已锁定 5 分钟，或刷工牌")
    await work.awrite(lambda tx: wrong_pins.forgive(tx, proof.staff_id))
    return staff
