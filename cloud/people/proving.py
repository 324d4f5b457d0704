"""Who of headquarters' people it is, proven anew before every approval; the same rules as in the stores."""

import asyncio
import logging

from sqlalchemy import select

from cloud import tables
from cloud.errors import LockedOut, NotPermitted, UnknownStaff, WrongProof
from cloud.people import pins, staff
from cloud.transaction import Transaction
from cloud.upsert import upsert
from cloud.writer import Writer
from domain.proofs import MOST_WRONG, WRONG_TAKES_S, Proof, Tries
from domain.staff import Role, Staff
from domain.times import DAY, MINUTE

log = logging.getLogger(__name__)


async def prove(
    writer: Writer, chain: str, proof: Proof, role: Role | None = None, *, wrong_takes_s: float = WRONG_TAKES_S
) -> Staff:
    """The colleague whose PIN or badge this is. To be awaited before the transaction that approves something; nothing
    of a proof is kept. Raises `WrongProof`, `LockedOut`, and `NotPermitted` without `role`."""
    try:
        found = await (_by_badge(writer, chain, proof) if proof.badge else _by_pin(writer, proof))
    except WrongProof:
        await asyncio.sleep(wrong_takes_s)
        raise
    if role is not None and not found.may(role):
        raise NotPermitted(f"{found.staff_id} is no {role}", hint=f"a {role} must do it")
    return found


async def _by_badge(writer: Writer, chain: str, proof: Proof) -> Staff:
    found = await writer.read(lambda connection: staff.by_badge(connection, chain, proof.badge))
    if found is None:
        log.warning("a badge that nobody has was shown")
        raise WrongProof("工牌无效 / nobody has this badge")
    return found


async def _by_pin(writer: Writer, proof: Proof) -> Staff:
    """An id that nobody has is answered as a wrong PIN of somebody is."""
    tries, found = await writer.run(lambda tx: _begin(tx, proof.staff_id))
    right = await pins.matches(proof.pin, "" if found is None else found.pin)
    if found is None or not right:
        if not tries.left:
            log.warning("the PIN of %r was wrong %d times and is locked", proof.staff_id, tries.wrong)
        hint = f"还可以试 {tries.left} 次 / tries left: {tries.left}"
        raise WrongProof("密码不对 / the PIN is wrong", hint=hint)
    await writer.run(lambda tx: _forgive(tx, proof.staff_id))
    return found


def _begin(tx: Transaction, staff_id: str) -> tuple[Tries, Staff | None]:
    """One more try, counted as wrong until it is forgiven."""
    w = tables.wrong_pins.c
    tx.connection.execute(tables.wrong_pins.delete().where(w.chain == tx.chain, w.last_at < tx.now - DAY))
    query = select(w.wrong, w.last_at).where(w.chain == tx.chain, w.staff_id == staff_id)
    row = tx.connection.execute(query.with_for_update() if tx.locks_rows else query).one_or_none()
    tries = Tries() if row is None else Tries(row.wrong, row.last_at)
    if left := tries.locked_for(tx.now):
        minutes = -(-left // MINUTE)
        raise LockedOut(
            f"密码连续输错 {MOST_WRONG} 次，已锁定 / locked after {MOST_WRONG} wrong PINs",
            hint=f"请 {minutes} 分钟后再试 / try again in {minutes} minutes",
        )
    tries = tries.another(tx.now)
    upsert(tx, tables.wrong_pins, {"staff_id": staff_id}, {"wrong": tries.wrong, "last_at": tries.last_at})
    try:
        return tries, staff.find(tx.connection, tx.chain, staff_id)
    except UnknownStaff:
        return tries, None


def _forgive(tx: Transaction, staff_id: str) -> None:
    w = tables.wrong_pins.c
    tx.connection.execute(tables.wrong_pins.delete().where(w.chain == tx.chain, w.staff_id == staff_id))
