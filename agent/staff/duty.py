"""Which pharmacists are on duty (值班): headquarters' roster, moved on by who came and went here."""

import logging

from agent import outbox, policy, store
from agent.staff import colleagues
from agent.transactions import Reading, Topic, Transaction
from domain.operations import OnDutyChanged
from domain.staff import OnDuty, Role, Staff
from domain.times import HOUR

log = logging.getLogger(__name__)


def change(tx: Transaction, staff: Staff, *, present: bool | None = None) -> None:
    """A pharmacist comes on duty in this store, or goes; what they are not yet, where nothing is said."""
    if present is None:
        present = not is_on_duty(tx, staff.staff_id)
    tx.db.execute(
        "INSERT INTO duty (staff_id, present, at) VALUES (?, ?, ?)"
        " ON CONFLICT DO UPDATE SET present = excluded.present, at = excluded.at",
        (staff.staff_id, present, tx.now),
    )
    outbox.put(tx, OnDutyChanged(staff.staff_id, staff.name, present))
    tx.note(log, "%s %s duty", staff.staff_id, "came on" if present else "went off")
    tx.touch(Topic.STORE)


def on_duty(reading: Reading) -> tuple[OnDuty, ...]:
    """Here and now, by the roster or their own word; nobody twice. Headquarters' own are `remote`."""
    known = {staff.staff_id: staff for staff in colleagues.everybody(reading) if staff.may(Role.PHARMACIST)}
    said = _said(reading)
    found = {
        duty.staff_id: duty
        for duty in here(reading)
        if duty.covers(reading.now) and duty.staff_id in known and not _left_since(said, duty)
    }
    longest, of_store = policy.in_force(reading).longest_duty_hours * HOUR, store.identity(reading).store
    for staff_id, (present, at) in said.items():
        duty = OnDuty(staff_id, known[staff_id].name, at, at + longest, of_store) if staff_id in known else None
        if present and duty is not None and duty.covers(reading.now):
            found.setdefault(staff_id, duty)
    return tuple(found.values())


def is_on_duty(reading: Reading, staff_id: str) -> bool:
    return any(duty.staff_id == staff_id for duty in on_duty(reading))


def remote(reading: Reading) -> tuple[OnDuty, ...]:
    """Headquarters' pharmacists who are on duty now, for every store."""
    return tuple(duty for duty in colleagues.roster(reading) if not duty.store and duty.covers(reading.now))


def next_here(reading: Reading) -> OnDuty | None:
    """The next whose duty here begins; None where the roster knows of nobody."""
    coming = (duty for duty in here(reading) if duty.begins_at > reading.now)
    return min(coming, key=lambda duty: duty.begins_at, default=None)


def here(reading: Reading) -> tuple[OnDuty, ...]:
    """This store's roster, as headquarters told it."""
    of_store = store.identity(reading).store
    return tuple(duty for duty in colleagues.roster(reading) if duty.store == of_store)


def _said(reading: Reading) -> dict[str, tuple[bool, int]]:
    rows = reading.db.execute("SELECT staff_id, present, at FROM duty ORDER BY at")
    return {row["staff_id"]: (bool(row["present"]), row["at"]) for row in rows}


def _left_since(said: dict[str, tuple[bool, int]], duty: OnDuty) -> bool:
    """Somebody on the roster went off duty during it."""
    present, at = said.get(duty.staff_id, (True, 0))
    return not present and duty.covers(at)
